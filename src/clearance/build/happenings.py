"""Messages, times, signals and whatever else passes between processes or happens on the way."""

from collections.abc import Mapping
from typing import Unpack

from clearance.build.contracts import HasType, job_type
from clearance.build.drawing import Doing, Drawing
from clearance.build.errors import AuthorError
from clearance.build.events import Occasion, thrown, trigger
from clearance.build.events import message as message_definition
from clearance.build.step import Step
from clearance.build.texts import feel, mappings
from clearance.model import definition as model
from clearance.model.definition import Text


class Happenings(Drawing):
    """``sends``, ``receives``, ``waits``, ``throws`` and ``undo``."""

    def sends(
        self,
        name: str,
        *,
        message: str = "",
        key: str = "",
        lasts: Text = "",
        message_id: Text = "",
        does: str | HasType | None = None,
        **doing: Unpack[Doing],
    ) -> Step:
        """Publishes a message with a key (FEEL) and these variables; it waits for a receiver while it ``lasts``.

        A message with a ``message_id`` that has been seen is published once only. With ``does``, an actor sends it.
        """
        common = self._common(name, "step", doing)
        if does is not None:
            if message or key or lasts or message_id:
                raise AuthorError(f'"{name}" has both a message and does', "Keep one: the actor knows what it sends")
            return self._step(model.SendTask(job=model.JobDefinition(type=job_type(does)), **common))
        definition = _published(name, message, key, lasts, message_id)
        return self._step(model.SendTask(message=definition, **common))

    def receives(self, name: str, *, message: str, key: str = "", starts: bool = False, **doing: Unpack[Doing]) -> Step:
        """Waits for a message with that key (FEEL); its variables are kept, or what ``saves`` says of them.

        With ``starts``, its message starts the process.
        """
        if not key and not starts:
            raise AuthorError(f'"{name}" waits for a message without a key', "Give key=, the FEEL that must match")
        common = self._common(name, "step", doing)
        task = model.ReceiveTask(message=message_definition(message, key), instantiate=starts, **common)
        if not starts:
            return self._step(task)
        self._canvas.begin(task)
        return Step(self._canvas, task.id, task.name)

    def waits(
        self,
        name: str = "",
        *,
        duration: Text = "",
        until: Text = "",
        saves: Mapping[str, str] | None = None,
        **occasion: Unpack[Occasion],
    ) -> None:
        """Waits for a duration, until a date-time, for a message or signal, or ``when`` a condition becomes true."""
        if duration:
            occasion["after"] = duration
        if until:
            occasion["at"] = until
        if {"error", "escalation"} & set(occasion):
            raise AuthorError("nothing waits for an error on its way", "Say on_error of the step that may fail")
        definition = trigger(occasion)
        if definition is None:
            raise AuthorError("it is not said what to wait for", "Give a duration, until, signal, message or when")
        said = duration or until or next((str(value) for value in occasion.values()), "")
        identifier = self._canvas.id_for(name or f"wait {said}", "wait")
        self._canvas.place(
            model.IntermediateCatchEvent(id=identifier, name=name, definition=definition, outputs=mappings(saves or {}))
        )

    def tells(
        self,
        name: str,
        *,
        message: str,
        key: str = "",
        lasts: Text = "",
        message_id: Text = "",
        does: str | HasType | None = None,
        inputs: Mapping[str, str] | None = None,
    ) -> None:
        """Sends a message in passing: an event, not a step. It may also be an actor's job (``does``)."""
        job = None if does is None else model.JobDefinition(type=job_type(does))
        definition = model.MessageDefinition(name=message, job=job)
        if does is None:
            definition = _published(name, message, key, lasts, message_id)
        identifier = self._canvas.id_for(name, "event")
        self._canvas.place(
            model.IntermediateThrowEvent(id=identifier, name=name, definition=definition, inputs=mappings(inputs or {}))
        )

    def signals(self, name: str, *, signal: str) -> None:
        """Broadcasts a signal to everything that waits for it."""
        self._throw(name, model.SignalDefinition(name=signal))

    def escalates(self, name: str, *, code: str) -> None:
        """Tells a surrounding group that something needs attention, and goes on."""
        self._throw(name, model.EscalationDefinition(code=code))

    def throws(self, name: str, *definitions: model.EventDefinition) -> None:
        """Throws all these events (``events.signal(…)``), and goes on."""
        if not definitions:
            raise AuthorError(f'"{name}" throws nothing', "Give events, e.g. events.signal(…), or say reaches")
        self._throw(name, thrown(definitions))

    def reaches(self, milestone: str) -> None:
        """A point on the way that is worth a name."""
        self._throw(milestone, None)

    def undo(self, activity: str = "", *, name: str = "", wait: bool = True) -> None:
        """Undoes one done step by its name, or all that were done here, the latest first (see ``undone_by``)."""
        canvas = self._canvas
        identifier = canvas.id_for(name or f"undo {activity or 'all'}", "undo")
        definition = model.CompensateDefinition(wait_for_completion=wait)
        canvas.place(model.IntermediateThrowEvent(id=identifier, name=name, definition=definition))
        if activity:
            canvas.references.undo(identifier, activity, canvas.scope)


def _published(name: str, message: str, key: str, lasts: Text, message_id: Text) -> model.MessageDefinition:
    if not message:
        raise AuthorError(f'"{name}" sends nothing', "Give message=, or does= for an actor that sends")
    return model.MessageDefinition(
        name=message, correlation_key=feel(key) if key else "", time_to_live=lasts, message_id=message_id
    )
