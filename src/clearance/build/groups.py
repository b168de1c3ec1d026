"""Steps that belong together: groups, transactions, steps that are chosen freely, reactions to what may happen."""

from collections.abc import Sequence
from typing import Unpack

from clearance.build.contracts import HasType, job_type
from clearance.build.drawing import Doing, Drawing
from clearance.build.errors import AuthorError
from clearance.build.events import Occasion, trigger
from clearance.build.events import undo as compensation
from clearance.build.scope import PROCESS
from clearance.build.step import Free, Group, InTransaction, Whenever
from clearance.build.texts import feel, variable
from clearance.model import definition as model


class Groups(Drawing):
    """``group``, ``transaction``, ``free`` and ``whenever``."""

    def group(self, name: str, **doing: Unpack[Doing]) -> Group:
        """Steps that belong together, with their own variables; errors and deadlines can be said of them as a whole."""
        process = model.SubProcess(**self._common(name, "group", doing))
        self._canvas.place(process)
        return Group(self._canvas, process)

    def transaction(self, name: str, **doing: Unpack[Doing]) -> InTransaction:
        """Steps that are done all or not at all: ``cancels`` inside undoes what was done (see ``undone_by``)."""
        process = model.Transaction(**self._common(name, "group", doing))
        self._canvas.place(process)
        return InTransaction(self._canvas, process)

    def free(
        self,
        name: str,
        *,
        begins_with: Sequence[str] | str = (),
        chosen_by: str | HasType | None = None,
        done: str = "",
        in_order: bool = False,
        cancels_rest: bool = True,
        gather: tuple[str, str] | None = None,
        **doing: Unpack[Doing],
    ) -> Free:
        """Steps that are done as often and in the order that somebody chooses: an ad-hoc sub-process.

        ``begins_with`` names the steps to do at the start, or is FEEL (``= …``) that yields their ids. ``chosen_by``
        is an actor, an agent for instance, that is asked at the start and after each step what to do next. Without
        either, people choose. It is over when nothing is left to do, or when ``done`` (FEEL) holds after a step; what
        still runs is then cancelled, unless ``cancels_rest=False``. ``in_order`` allows one step at a time.
        ``gather=("results", "result")`` collects the value of an expression after each step in a list.
        """
        expression = begins_with if isinstance(begins_with, str) else ""
        if expression and not expression.startswith("="):
            raise AuthorError(f'begins_with="{expression}" is one text', "List the names of steps, or write = FEEL")
        collection, element = gather or ("", "")
        process = model.AdHocSubProcess(
            sequential=in_order,
            completion_condition=feel(done) if done else "",
            cancel_remaining=cancels_rest,
            active_elements=expression,
            output_collection=variable(collection) if collection else "",
            output_element=feel(element) if element else "",
            job=None if chosen_by is None else model.JobDefinition(type=job_type(chosen_by)),
            **self._common(name, "group", doing),
        )
        self._canvas.place(process)
        return Free(self._canvas, process, () if expression else begins_with)

    def whenever(
        self, name: str, *, interrupting: bool = True, undo: bool = False, **occasion: Unpack[Occasion]
    ) -> Whenever:
        """Steps that run whenever something happens while the process (or group) runs: an event sub-process.

        With ``undo``, they are what undoes the group in which they stand.
        """
        definition = compensation() if undo and not occasion else trigger(occasion)
        if definition is None or (undo and occasion):
            raise AuthorError(
                f'it is not said what "{name}" reacts to',
                "Give one of message, signal, error, escalation, after, at, every, when, on and undo",
            )
        if undo and self._canvas.scope.kind == PROCESS:
            raise AuthorError(f'"{name}" undoes a process', "Write it inside the group that it undoes")
        process = model.SubProcess(id=self._canvas.id_for(name, "group"), name=name, triggered_by_event=True)
        self._canvas.add(process)
        start = model.StartEvent(
            id=self._canvas.id_for(f"{name} start", "start"), definition=definition, interrupting=interrupting
        )
        return Whenever(self._canvas, process, start)
