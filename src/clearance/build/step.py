"""A step that has been written, for what is said about it afterwards: deadlines, errors, what undoes it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import msgspec

from clearance.build.canvas import Canvas, Scope
from clearance.build.contracts import HasType, job_type
from clearance.build.errors import AuthorError
from clearance.build.texts import mappings
from clearance.build.triggers import trigger
from clearance.model.definition import (
    Association,
    BoundaryEvent,
    CompensateDefinition,
    EndEvent,
    EventDefinition,
    JobDefinition,
    ServiceTask,
    SubProcess,
    Text,
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
    def after(self, duration: Text, *, name: str = "", interrupting: bool = True) -> Iterator[None]:
        """What happens when the step takes longer than an ISO 8601 duration (or ``= FEEL``)."""
        with self._boundary(trigger(after=duration), name, f"after {duration}", interrupting):
            yield

    @contextmanager
    def at(self, date: Text, *, name: str = "", interrupting: bool = True) -> Iterator[None]:
        """What happens when the step is not done by a date-time."""
        with self._boundary(trigger(at=date), name, "at the time", interrupting):
            yield

    @contextmanager
    def every(self, cycle: Text, *, name: str = "") -> Iterator[None]:
        """What happens again and again while the step runs, e.g. every ``R/P1D``."""
        with self._boundary(trigger(every=cycle), name, f"every {cycle}", interrupting=False):
            yield

    @contextmanager
    def on_error(self, code: str = "", *, name: str = "") -> Iterator[None]:
        """What happens when the step raises the business error of that code; without a code, any."""
        with self._boundary(trigger(error=code), name, f"error {code}", interrupting=True):
            yield

    @contextmanager
    def on_message(self, message: str, *, key: str, name: str = "", interrupting: bool = True) -> Iterator[None]:
        """What happens when a message with that key (FEEL) comes while the step runs."""
        with self._boundary(trigger(message_name=message, key=key), name, f"on {message}", interrupting):
            yield

    @contextmanager
    def on_signal(self, signal: str, *, name: str = "", interrupting: bool = True) -> Iterator[None]:
        """What happens when a signal is broadcast while the step runs."""
        with self._boundary(trigger(signal=signal), name, f"on {signal}", interrupting):
            yield

    @contextmanager
    def on_escalation(self, code: str = "", *, name: str = "", interrupting: bool = True) -> Iterator[None]:
        """What happens when something inside the step escalates."""
        with self._boundary(trigger(escalation=code), name, f"escalation {code}", interrupting):
            yield

    def undone_by(
        self, name: str, *, does: str | HasType, inputs: Mapping[str, str] | None = None, retries: int | None = None
    ) -> Self:
        """What undoes the step when the process says ``undo`` after it was done."""
        canvas = self._canvas
        self._must_be_here(name)
        event = canvas.id_for(f"{self.id} undo", "undo")
        canvas.add(BoundaryEvent(id=event, attached_to=self.id, definition=CompensateDefinition()))
        handler = canvas.id_for(name, "step")
        job = JobDefinition(type=job_type(does), retries="" if retries is None else str(retries))
        canvas.add(ServiceTask(id=handler, name=name, job=job, inputs=mappings(inputs or {}), for_compensation=True))
        link = canvas.id_for(f"{event} by {handler}", "link")
        canvas.can_be_undone(self.id, Association(id=link, source=event, target=handler))
        return self

    @contextmanager
    def _boundary(
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
            if not interrupting and canvas.scope.ends:
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

    def __init__(self, canvas: Canvas, process: SubProcess) -> None:
        super().__init__(canvas, process.id, process.name)
        self._process = process

    def __enter__(self) -> Self:
        self._canvas.enter(self.id)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            elements, flows = self._canvas.leave(name=self.name)
            self._canvas.replace(msgspec.structs.replace(self._process, elements=elements, flows=flows))
