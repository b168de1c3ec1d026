"""A step that has been written, for what is said about it afterwards: deadlines, errors, what undoes it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import msgspec

from clearance.build.branches import Choice
from clearance.build.canvas import Canvas
from clearance.build.contracts import HasType, job_type
from clearance.build.errors import AuthorError, author_line
from clearance.build.events import Occasion, trigger
from clearance.build.scope import EVENT, FREE, GROUP, TRANSACTION, Scope
from clearance.build.texts import mappings
from clearance.model.definition import (
    Activity,
    AdHocSubProcess,
    Association,
    BoundaryEvent,
    CancelDefinition,
    CompensateDefinition,
    EndEvent,
    EventDefinition,
    JobDefinition,
    ServiceTask,
    StartEvent,
    SubProcess,
    Text,
    Transaction,
)


class Step:
    """One activity of the process; ``with`` it, or keep it, to say what may happen while it runs."""

    def __init__(self, canvas: Canvas, identifier: str, name: str) -> None:
        self._canvas = canvas
        self._scope: Scope = canvas.scope
        self.id = identifier
        self.name = name

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    @contextmanager
    def after(self, duration: Text, *, name: str = "", interrupting: bool = True, calendar: str = "") -> Iterator[None]:
        """What happens when the step takes longer than an ISO 8601 duration (or ``= FEEL``)."""
        with self._boundary({"after": duration, "calendar": calendar}, name, f"after {duration}", interrupting):
            yield

    @contextmanager
    def at(self, date: Text, *, name: str = "", interrupting: bool = True) -> Iterator[None]:
        """What happens when the step is not done by a date-time."""
        with self._boundary({"at": date}, name, "at the time", interrupting):
            yield

    @contextmanager
    def every(self, cycle: Text, *, name: str = "", calendar: str = "") -> Iterator[None]:
        """What happens again and again while the step runs, e.g. every ``R/P1D``."""
        with self._boundary({"every": cycle, "calendar": calendar}, name, f"every {cycle}", interrupting=False):
            yield

    @contextmanager
    def when(
        self, condition: str, *, changes: Sequence[str] = (), name: str = "", interrupting: bool = True
    ) -> Iterator[None]:
        """What happens when a condition (FEEL) becomes true while the step runs."""
        with self._boundary({"when": condition, "changes": changes}, name, f"when {condition}", interrupting):
            yield

    @contextmanager
    def on_error(self, code: str = "", *, name: str = "") -> Iterator[None]:
        """What happens when the step raises the business error of that code; without a code, any."""
        with self._boundary({"error": code}, name, f"error {code}", interrupting=True):
            yield

    @contextmanager
    def on_message(self, message: str, *, key: str, name: str = "", interrupting: bool = True) -> Iterator[None]:
        """What happens when a message with that key (FEEL) comes while the step runs."""
        with self._boundary({"message": message, "key": key}, name, f"on {message}", interrupting):
            yield

    @contextmanager
    def on_signal(self, signal: str, *, name: str = "", interrupting: bool = True) -> Iterator[None]:
        """What happens when a signal is broadcast while the step runs."""
        with self._boundary({"signal": signal}, name, f"on {signal}", interrupting):
            yield

    @contextmanager
    def on_escalation(self, code: str = "", *, name: str = "", interrupting: bool = True) -> Iterator[None]:
        """What happens when something inside the step escalates."""
        with self._boundary({"escalation": code}, name, f"escalation {code}", interrupting):
            yield

    @contextmanager
    def on(self, event: EventDefinition, *, name: str = "", interrupting: bool = True) -> Iterator[None]:
        """What happens on any other event, e.g. ``events.any_of(…)``, while the step runs."""
        with self._boundary({"on": event}, name, "event", interrupting):
            yield

    def undone_by(
        self, name: str, *, does: str | HasType, inputs: Mapping[str, str] | None = None, retries: int | None = None
    ) -> Self:
        """What undoes the step when the process says ``undo`` after it was done."""
        handler = self._canvas.id_for(name, "step")
        job = JobDefinition(type=job_type(does), retries="" if retries is None else str(retries))
        task = ServiceTask(id=handler, name=name, job=job, inputs=mappings(inputs or {}), for_compensation=True)
        self._undoing(task)
        return self

    def undone_in(self, name: str) -> "Group":
        """The steps that undo the step: those inside the ``with`` block."""
        handler = SubProcess(id=self._canvas.id_for(name, "group"), name=name, for_compensation=True)
        self._undoing(handler)
        return Group(self._canvas, handler)

    def ways(self) -> Choice:
        """Ways that leave the step itself, without a gateway: each ``when`` its condition holds, or ``otherwise``."""
        activity = self._scope.elements[self.id]
        if not isinstance(activity, Activity) or [end.source for end in self._canvas.scope.ends] != [self.id]:
            raise AuthorError(f'"{self.name}" has been left already', "Say its ways right after the step")
        return Choice(self._canvas, activity, at_least=1)

    def _undoing(self, handler: ServiceTask | SubProcess) -> None:
        canvas = self._canvas
        self._must_be_here(handler.name)
        event = canvas.id_for(f"{self.id} undo", "undo")
        canvas.add(BoundaryEvent(id=event, attached_to=self.id, definition=CompensateDefinition()))
        canvas.add(handler)
        link = canvas.id_for(f"{event} by {handler.id}", "link")
        canvas.can_be_undone(self.id, Association(id=link, source=event, target=handler.id))

    @contextmanager
    def _boundary(self, occasion: Occasion, name: str, otherwise: str, interrupting: bool) -> Iterator[None]:
        with self._bordering(trigger(occasion), name, otherwise, interrupting):
            yield

    @contextmanager
    def _bordering(
        self, definition: EventDefinition | None, name: str, otherwise: str, interrupting: bool
    ) -> Iterator[None]:
        canvas = self._canvas
        self._must_be_here(name or otherwise)
        event = canvas.id_for(name or f"{self.id} {otherwise}", "event")
        canvas.add(
            BoundaryEvent(id=event, name=name, attached_to=self.id, interrupting=interrupting, definition=definition)
        )
        with canvas.aside(canvas.end(event)) as left:
            yield
            if not interrupting:
                if canvas.scope.kind == FREE:
                    canvas.scope.ends = []
                elif canvas.scope.ends:
                    canvas.place(EndEvent(id=canvas.id_for(f"{event} end", "end")))
        if left and not any(end.source == self.id for end in canvas.scope.ends):
            raise AuthorError(
                f'it is not clear where the path "{name or otherwise}" leads: "{self.name}" has been left already',
                "Write this block right after the step, or finish it with goto, ends or fails",
            )
        canvas.scope.ends.extend(left)

    def _must_be_here(self, name: str) -> None:
        if self._canvas.scope is not self._scope:
            raise AuthorError(
                f'"{name}" belongs to "{self.name}", which stands in another group',
                "Write it on the level of the step that it belongs to",
            )


class Group(Step):
    """A sub-process; its steps are those written inside its ``with`` block."""

    kind = GROUP

    def __init__(self, canvas: Canvas, process: SubProcess) -> None:
        super().__init__(canvas, process.id, process.name)
        self._process = process

    def __enter__(self) -> Self:
        self._canvas.enter(self.id, self.kind)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            data = (*self._process.data, *self._canvas.scope.data)
            elements, flows = self._canvas.leave(name=self.name)
            self._process = msgspec.structs.replace(self._process, elements=elements, flows=flows, data=data)
            self._canvas.replace(self._process)


class InTransaction(Group):
    """A transaction: ``cancels`` inside undoes all of it."""

    kind = TRANSACTION
    _process: Transaction

    @contextmanager
    def on_cancel(self, *, name: str = "") -> Iterator[None]:
        """What happens when the transaction has been cancelled and undone."""
        with self._bordering(CancelDefinition(), name, "cancelled", interrupting=True):
            yield


class Free(Group):
    """An ad-hoc sub-process: its steps are chosen, not connected."""

    kind = FREE
    _process: AdHocSubProcess

    def __init__(self, canvas: Canvas, process: AdHocSubProcess, begins_with: Sequence[str]) -> None:
        super().__init__(canvas, process)
        self._begins_with = tuple(begins_with)
        self._where = author_line()

    @contextmanager
    def in_order(self) -> Iterator[None]:
        """Steps that follow one another once the first of them is chosen."""
        with self._canvas.strand():
            yield

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None and self._begins_with:
            scope = self._canvas.scope
            first = self._canvas.references.find_all(self._begins_with, scope, self._where)
            listed = ", ".join(f'"{identifier}"' for identifier in first)
            self._process = msgspec.structs.replace(self._process, active_elements=f"= [{listed}]")
        super().__exit__(kind, error, trace)


class Whenever(Group):
    """An event sub-process."""

    kind = EVENT

    def __init__(self, canvas: Canvas, process: SubProcess, start: StartEvent) -> None:
        super().__init__(canvas, process)
        self._start = start

    def __enter__(self) -> Self:
        super().__enter__()
        self._canvas.begin(self._start)
        return self
