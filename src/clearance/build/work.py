"""Work for actors, rules and other processes."""

from collections.abc import Mapping
from typing import Protocol, Unpack, runtime_checkable

from clearance.build.contracts import HasType, fields_of, job_type
from clearance.build.drawing import Doing, Drawing
from clearance.build.errors import AuthorError
from clearance.build.step import Step
from clearance.build.texts import feel, mappings, string, variable
from clearance.model import definition as model
from clearance.model.definition import Mapping as VariableMapping
from clearance.model.definition import Text


@runtime_checkable
class HasId(Protocol):
    """A process that has been written, or a task that several processes share."""

    @property
    def id(self) -> str: ...


class Work(Drawing):
    """``service``, ``decides``, ``computes``, ``calls`` and the tasks that nobody waits for."""

    def service(
        self,
        name: str,
        *,
        does: str | HasType,
        takes: type | None = None,
        gives: type | None = None,
        into: str = "",
        retries: int | Text | None = None,
        headers: Mapping[str, str] | None = None,
        **doing: Unpack[Doing],
    ) -> Step:
        """Work for an actor.

        ``takes`` and ``gives`` are types: the actor gets the fields of ``takes`` (from variables of the same names, or
        from ``inputs``) and nothing else, and the fields of ``gives`` are saved, ``into`` one variable or each into its
        own. ``saves={"variable": "FEEL"}`` says freely what is kept of the result; without any, everything is.
        ``retries`` is the number of attempts in all.
        """
        contract = self._contract(job_type(does), does, takes, gives)
        common = self._common(name, "step", doing)
        common["inputs"] = _inputs(
            fields_of(contract.input_schema) if takes is not None else (), doing.get("inputs") or {}
        )
        common["outputs"] = _outputs(
            fields_of(contract.output_schema), gives is not None, into, doing.get("saves") or {}
        )
        return self._step(model.ServiceTask(job=_job(does, retries, headers), **common))

    def decides(
        self,
        name: str,
        *,
        result: str = "",
        decision: Text = "",
        tag: str = "",
        same_deployment: bool = False,
        does: str | HasType | None = None,
        **doing: Unpack[Doing],
    ) -> Step:
        """A DMN decision, by its name or id; its output goes into the variable ``result``.

        The latest version decides, or the one with the version ``tag``, or the one deployed with this process. With
        ``does``, an actor decides instead.
        """
        common = self._common(name, "step", doing)
        if does is not None:
            if decision or result:
                raise AuthorError(f'"{name}" has both a decision and does', "Keep one")
            return self._step(model.BusinessRuleTask(job=_job(does), **common))
        if not decision or not result:
            raise AuthorError(f'"{name}" decides nothing', "Give decision= and result=, or does=")
        binding = _binding(name, tag, same_deployment)
        return self._step(
            model.BusinessRuleTask(
                decision=decision, result=variable(result), binding=binding, version_tag=tag, **common
            )
        )

    def computes(
        self, name: str, *, into: str = "", value: str = "", does: str | HasType | None = None, **doing: Unpack[Doing]
    ) -> Step:
        """A FEEL expression whose value goes into a variable; or a script that an actor runs."""
        common = self._common(name, "step", doing)
        if does is not None:
            if into or value:
                raise AuthorError(f'"{name}" has both a value and does', "Keep one")
            return self._step(model.ScriptTask(job=_job(does), **common))
        return self._step(model.ScriptTask(expression=feel(value), result=variable(into), **common))

    def calls(
        self,
        name: str,
        *,
        process: "HasId | Text",
        tag: str = "",
        version: int = 0,
        same_deployment: bool = False,
        **doing: Unpack[Doing],
    ) -> Step:
        """Runs another process, or a shared task, and goes on when it has completed.

        With ``inputs`` it gets these variables and no others, with ``saves`` these come back and no others; without,
        all do. The latest version runs, or the one that is named.
        """
        common = self._common(name, "step", doing)
        if version and (tag or same_deployment):
            raise AuthorError(f'"{name}" names two versions', "Keep one of version, tag and same_deployment")
        return self._step(
            model.CallActivity(
                process=process if isinstance(process, str) else process.id,
                binding="version" if version else _binding(name, tag, same_deployment),
                version_tag=tag,
                version=version,
                propagate_all_in=not common["inputs"],
                propagate_all_out=not common["outputs"],
                **common,
            )
        )

    def by_hand(self, name: str, **doing: Unpack[Doing]) -> Step:
        """Work outside any system; the process does not wait for it."""
        return self._step(model.ManualTask(**self._common(name, "step", doing)))

    def task(self, name: str, **doing: Unpack[Doing]) -> Step:
        """A step of which nobody has yet said how it is done; the process passes through."""
        return self._step(model.Task(**self._common(name, "step", doing)))


def _job(
    does: str | HasType, retries: int | Text | None = None, headers: Mapping[str, str] | None = None
) -> model.JobDefinition:
    return model.JobDefinition(
        type=job_type(does),
        retries="" if retries is None else str(retries),
        headers=tuple((headers or {}).items()),
    )


def _binding(name: str, tag: str, same_deployment: bool) -> str:
    if tag and same_deployment:
        raise AuthorError(f'"{name}" names two versions', "Keep one of tag and same_deployment")
    return "versionTag" if tag else "deployment" if same_deployment else ""


def _inputs(fields: tuple[str, ...], sources: Mapping[str, str]) -> tuple[VariableMapping, ...]:
    if fields and (unknown := [name for name in sources if name not in fields]):
        raise AuthorError(f"inputs gives {unknown}, which takes does not have", f"Its fields are {list(fields)}")
    return mappings({**{name: name for name in fields}, **sources})


def _outputs(
    fields: tuple[str, ...], declared: bool, into: str, saves: Mapping[str, str]
) -> tuple[VariableMapping, ...]:
    if into and saves:
        raise AuthorError("into and saves are both given", "Keep one")
    if into and not fields:
        raise AuthorError(f'into="{into}" needs to know the fields of the result', "Say gives=, or use saves=")
    if into:
        entries = ", ".join(f"{string(name)}: {name}" for name in fields)
        return mappings({into: f"{{{entries}}}"})
    if saves:
        return mappings(saves)
    return mappings({name: name for name in fields}) if declared else ()
