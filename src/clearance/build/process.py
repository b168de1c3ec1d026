"""The builder: a process in Python that reads like the process aloud.

    p = Process("Invoice to pay", subject='= "Invoice " + invoice.number')
    p.starts("An invoice arrives", message="invoice received")
    p.service("Read the invoice", does="read-invoice")
    with p.choose("Is it right?") as check:
        with check.when("yes", "check.passed"):
            p.service("Pay it", does="pay")
        with check.otherwise("no"):
            p.person("Look at it", roles=["clerk"], options=["pay", "reject"])
    p.ends("Done")

Steps follow one another as they are written; names become ids, so nobody writes ids; gateways that merge are implied.
``p.definition()`` is the same model that a BPMN file gives. Mistakes are one :class:`AuthorError` with the Python line.
"""

from collections.abc import Mapping, Sequence

from clearance.build.branches import Choice, FirstOf, Together
from clearance.build.briefs import Option, Recommendation, brief
from clearance.build.canvas import Canvas
from clearance.build.contracts import Contract, HasType, fields_of, job_type, schema_of
from clearance.build.errors import AuthorError
from clearance.build.loops import Each, multi_instance
from clearance.build.step import Group, Step
from clearance.build.texts import feel, listed, mappings, slug, string, variable
from clearance.build.triggers import message as message_definition
from clearance.build.triggers import trigger
from clearance.model import definition as model
from clearance.model.definition import Mapping as VariableMapping
from clearance.model.definition import Text

Names = str | list[str] | tuple[str, ...]
"""Names, comma-separated or listed, or one ``= FEEL`` expression that yields them."""


class Process:
    """One process being written."""

    def __init__(
        self, name: str, *, subject: Text = "", version: str = "", note: str = "", identifier: str = ""
    ) -> None:
        """``subject`` is one line that tells a person which case it is, usually FEEL after a leading ``=``."""
        self.name = name
        self.id = identifier or slug(name, "process")
        self._subject, self._version, self._note = subject, version, note
        self._canvas = Canvas()
        self._contracts: dict[str, Contract] = {}
        self._finished: model.Process | None = None

    # ---- beginning and end ---------------------------------------------------------------------------------------

    def starts(
        self,
        name: str,
        *,
        message: str = "",
        key: str = "",
        at: Text = "",
        every: Text = "",
        signal: str = "",
        saves: Mapping[str, str] | None = None,
    ) -> None:
        """What starts the process: somebody (nothing given), a message, a time, a cycle or a signal."""
        definition = trigger(message_name=message, key=key, at=at, every=every, signal=signal)
        identifier = self._canvas.id_for(name, "start")
        self._canvas.start(
            model.StartEvent(id=identifier, name=name, definition=definition, outputs=mappings(saves or {}))
        )

    def ends(self, name: str = "", *, message: str = "", does: str | HasType | None = None) -> None:
        """The path ends well; a message is sent then, if one is named."""
        definition = None
        if message:
            job = model.JobDefinition(type=job_type(does)) if does is not None else None
            definition = model.MessageDefinition(name=message, job=job)
        self._end(name or "", definition)

    def fails(self, code: str, name: str = "") -> None:
        """The path ends with a business error, which a surrounding group may catch."""
        self._end(name or code, model.ErrorDefinition(code=code))

    def stops(self, name: str = "") -> None:
        """Everything that still runs in the process (or group) ends at once."""
        self._end(name, model.TerminateDefinition())

    def goto(self, name: str) -> None:
        """Go on at the step, choice or event of that name, earlier or later."""
        self._canvas.goto(name)

    # ---- work ----------------------------------------------------------------------------------------------------

    def service(
        self,
        name: str,
        *,
        does: str | HasType,
        inputs: Mapping[str, str] | None = None,
        takes: type | None = None,
        gives: type | None = None,
        into: str = "",
        saves: Mapping[str, str] | None = None,
        retries: int | Text | None = None,
        headers: Mapping[str, str] | None = None,
        for_each: Each | str | None = None,
        note: str = "",
    ) -> Step:
        """Work for an actor.

        ``takes`` and ``gives`` are types: the actor gets the fields of ``takes`` (from variables of the same names, or
        from ``inputs``) and nothing else, and the fields of ``gives`` are saved, ``into`` one variable or each into its
        own. ``saves={"variable": "FEEL"}`` says freely what is kept of the result; without any, everything is.
        ``retries`` is the number of attempts in all.
        """
        work = job_type(does)
        contract = self._contract(work, does, takes, gives)
        task = model.ServiceTask(
            id=self._canvas.id_for(name, "step"),
            name=name,
            documentation=note,
            job=model.JobDefinition(
                type=work,
                retries="" if retries is None else str(retries),
                headers=tuple((headers or {}).items()),
            ),
            inputs=_inputs(fields_of(contract.input_schema) if takes is not None else (), inputs or {}),
            outputs=_outputs(fields_of(contract.output_schema), gives is not None, into, saves or {}),
            multi_instance=multi_instance(for_each),
        )
        return self._step(task)

    def decides(
        self,
        name: str,
        *,
        decision: Text,
        result: str,
        inputs: Mapping[str, str] | None = None,
        for_each: Each | str | None = None,
        note: str = "",
    ) -> Step:
        """A DMN decision, by its name or id; its output goes into the variable ``result``."""
        task = model.BusinessRuleTask(
            id=self._canvas.id_for(name, "step"),
            name=name,
            documentation=note,
            decision=decision,
            result=variable(result),
            inputs=mappings(inputs or {}),
            multi_instance=multi_instance(for_each),
        )
        return self._step(task)

    def computes(self, name: str, *, into: str, value: str, note: str = "") -> Step:
        """A FEEL expression whose value goes into a variable."""
        identifier = self._canvas.id_for(name, "step")
        return self._step(
            model.ScriptTask(
                id=identifier, name=name, documentation=note, expression=feel(value), result=variable(into)
            )
        )

    def person(
        self,
        name: str,
        *,
        options: Sequence[Option | str] | str = ("done",),
        roles: Names = (),
        users: Names = (),
        assignee: Text = "",
        due: Text = "",
        follow_up: Text = "",
        priority: int | Text = "",
        shows: Mapping[str, str] | None = None,
        recommendation: Recommendation | None = None,
        answer: str = "",
        form: str = "",
        for_each: Each | str | None = None,
        note: str = "",
    ) -> Step:
        """A decision or work for a person, shown in the inbox.

        ``shows`` gives FEEL for ``reasons``, ``document``, ``fields``, ``facts`` and ``action``; any other key is a
        fact with that label. The chosen option's value arrives in ``decision`` and the person's words in ``comment``;
        with ``answer="approval"`` as ``approval.decision`` and ``approval.comment``.
        """
        pair = {answer: "{decision: decision, comment: comment}"} if answer else {}
        outputs = mappings(pair or {"decision": "decision", "comment": "comment"})
        task = model.UserTask(
            id=self._canvas.id_for(name, "step"),
            name=name,
            documentation=note,
            assignment=model.Assignment(
                assignee=assignee, candidate_groups=listed(roles), candidate_users=listed(users)
            ),
            schedule=model.Schedule(due_date=due, follow_up_date=follow_up),
            form=model.Form(key=form),
            priority=str(priority),
            inputs=(VariableMapping(source=brief(shows or {}, options, recommendation), target="brief"),),
            outputs=outputs,
            multi_instance=multi_instance(for_each),
        )
        return self._step(task)

    def by_hand(self, name: str, *, note: str = "") -> Step:
        """Work outside any system; the process does not wait for it."""
        return self._step(model.ManualTask(id=self._canvas.id_for(name, "step"), name=name, documentation=note))

    # ---- messages, time, signals ---------------------------------------------------------------------------------

    def sends(
        self, name: str, *, message: str, key: str = "", inputs: Mapping[str, str] | None = None, lasts: Text = ""
    ) -> Step:
        """Publishes a message with a key (FEEL) and these variables; it waits for a receiver while it ``lasts``."""
        definition = model.MessageDefinition(name=message, correlation_key=feel(key) if key else "", time_to_live=lasts)
        identifier = self._canvas.id_for(name, "step")
        return self._step(model.SendTask(id=identifier, name=name, message=definition, inputs=mappings(inputs or {})))

    def receives(self, name: str, *, message: str, key: str, saves: Mapping[str, str] | None = None) -> Step:
        """Waits for a message with that key (FEEL); its variables are kept, or what ``saves`` says of them."""
        identifier = self._canvas.id_for(name, "step")
        definition = message_definition(message, key)
        return self._step(
            model.ReceiveTask(id=identifier, name=name, message=definition, outputs=mappings(saves or {}))
        )

    def waits(self, name: str = "", *, duration: Text = "", until: Text = "", signal: str = "") -> None:
        """Waits for a duration, until a date-time, or for a signal."""
        definition = trigger(after=duration, at=until, signal=signal)
        if definition is None:
            raise AuthorError("it is not said what to wait for", "Give a duration, until or signal")
        identifier = self._canvas.id_for(name or f"wait {duration or until or signal}", "wait")
        self._canvas.place(model.IntermediateCatchEvent(id=identifier, name=name, definition=definition))

    def signals(self, name: str, *, signal: str) -> None:
        """Broadcasts a signal to everything that waits for it."""
        self._throw(name, model.SignalDefinition(name=signal))

    def escalates(self, name: str, *, code: str) -> None:
        """Tells a surrounding group that something needs attention, and goes on."""
        self._throw(name, model.EscalationDefinition(code=code))

    def undo(self, activity: str = "", *, name: str = "") -> None:
        """Undoes one done step by its name, or all that were done here, the latest first (see ``undone_by``)."""
        identifier = self._canvas.id_for(name or f"undo {activity or 'all'}", "undo")
        event = model.IntermediateThrowEvent(id=identifier, name=name, definition=model.CompensateDefinition())
        self._canvas.undo(event, activity)

    # ---- structure -----------------------------------------------------------------------------------------------

    def choose(self, question: str, *, several: bool = False) -> Choice:
        """Ways of which the first with a true condition is taken, or with ``several`` all that have one."""
        kind = model.InclusiveGateway if several else model.ExclusiveGateway
        gateway = kind(id=self._canvas.id_for(question, "choice"), name=question)
        self._canvas.place(gateway)
        return Choice(self._canvas, gateway, at_least=1)

    def together(self, name: str = "") -> Together:
        """Branches that run at the same time; the process goes on when all are done."""
        gateway = model.ParallelGateway(id=self._canvas.id_for(name, "together"), name=name)
        self._canvas.place(gateway)
        return Together(self._canvas, gateway, at_least=1)

    def first_of(self, name: str = "") -> FirstOf:
        """Waits for several events; the first to happen decides the way."""
        gateway = model.EventBasedGateway(id=self._canvas.id_for(name, "first-of"), name=name)
        self._canvas.place(gateway)
        return FirstOf(self._canvas, gateway, at_least=2)

    def group(
        self,
        name: str,
        *,
        inputs: Mapping[str, str] | None = None,
        saves: Mapping[str, str] | None = None,
        for_each: Each | str | None = None,
        note: str = "",
    ) -> Group:
        """Steps that belong together, with their own variables; errors and deadlines can be said of them as a whole."""
        process = model.SubProcess(
            id=self._canvas.id_for(name, "group"),
            name=name,
            documentation=note,
            inputs=mappings(inputs or {}),
            outputs=mappings(saves or {}),
            multi_instance=multi_instance(for_each),
        )
        self._canvas.place(process)
        return Group(self._canvas, process)

    def whenever(
        self,
        name: str,
        *,
        message: str = "",
        key: str = "",
        after: Text = "",
        signal: str = "",
        error: str | None = None,
        escalation: str | None = None,
        interrupting: bool = True,
    ) -> "Whenever":
        """Steps that run whenever something happens while the process (or group) runs: an event sub-process."""
        definition = trigger(
            message_name=message, key=key, after=after, signal=signal, error=error, escalation=escalation
        )
        if definition is None:
            raise AuthorError(f'it is not said what "{name}" reacts to', "Give a message, signal, error or after")
        process = model.SubProcess(id=self._canvas.id_for(name, "group"), name=name, triggered_by_event=True)
        self._canvas.add(process)
        start = model.StartEvent(
            id=self._canvas.id_for(f"{name} start", "start"), definition=definition, interrupting=interrupting
        )
        return Whenever(self._canvas, process, start)

    # ---- the result ----------------------------------------------------------------------------------------------

    def definition(self) -> model.Process:
        """The finished process; the same every time."""
        if self._finished is None:
            canvas = self._canvas
            if len(canvas.scopes) != 1:
                raise AuthorError("the process is not finished: a with block is still open", "Leave all blocks first")
            own = canvas.scope.associations
            elements, flows = canvas.leave(name=self.name)
            self._finished = model.Process(
                id=self.id,
                name=self.name,
                elements=elements,
                flows=flows,
                associations=tuple(canvas.associations(elements, own)),
                subject=self._subject,
                version_tag=self._version,
                documentation=self._note,
            )
        return self._finished

    def definitions(self) -> model.Definitions:
        """What ``clearance.bpmn.write`` makes a file of."""
        process = self.definition()
        return model.Definitions(id=f"{process.id}-definitions", name=process.name, processes=(process,))

    def contracts(self) -> tuple[Contract, ...]:
        """What the actors of this process must take and give, by job type."""
        return tuple(self._contracts.values())

    # ---- inside --------------------------------------------------------------------------------------------------

    def _step(self, task: model.Element) -> Step:
        self._canvas.place(task)
        return Step(self._canvas, task.id, task.name)

    def _end(self, name: str, definition: model.EventDefinition | None) -> None:
        identifier = self._canvas.id_for(name or f"{self._canvas.scope.id} end", "end")
        self._canvas.place(model.EndEvent(id=identifier, name=name, definition=definition))

    def _throw(self, name: str, definition: model.EventDefinition) -> None:
        identifier = self._canvas.id_for(name, "event")
        self._canvas.place(model.IntermediateThrowEvent(id=identifier, name=name, definition=definition))

    def _contract(self, work: str, does: object, takes: type | None, gives: type | None) -> Contract:
        contract = Contract(
            work,
            schema_of(takes) or getattr(does, "input_schema", {}),
            schema_of(gives) or getattr(does, "output_schema", {}),
        )
        known = self._contracts.get(work)
        if known is not None and (takes or gives) and known != contract:
            raise AuthorError(
                f'two steps use "{work}" with different types', "Give both the same takes and gives, or split the actor"
            )
        if known is None and (contract.input_schema or contract.output_schema):
            self._contracts[work] = contract
        return self._contracts.get(work, contract)


class Whenever(Group):
    """An event sub-process; its steps are those written inside its ``with`` block."""

    def __init__(self, canvas: Canvas, process: model.SubProcess, start: model.StartEvent) -> None:
        super().__init__(canvas, process)
        self._start = start

    def __enter__(self) -> "Whenever":
        super().__enter__()
        self._canvas.start(self._start)
        return self


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
