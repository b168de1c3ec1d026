"""How a process begins, how its paths end, and where else they go."""

from collections.abc import Mapping
from typing import Unpack

from clearance.build.branches import FirstOf
from clearance.build.contracts import HasType, job_type
from clearance.build.drawing import Drawing
from clearance.build.errors import AuthorError
from clearance.build.events import Occasion, trigger
from clearance.build.events import message as message_definition
from clearance.build.scope import PROCESS, TRANSACTION
from clearance.build.texts import mappings
from clearance.model import definition as model


class Beginnings(Drawing):
    """``starts``, ``ends`` and what leads elsewhere."""

    def starts(self, name: str, *, saves: Mapping[str, str] | None = None, **occasion: Unpack[Occasion]) -> None:
        """What starts the process: somebody (nothing given), a message, a time, a cycle, a signal or a condition."""
        if self._canvas.scope.kind == PROCESS and {"error", "escalation"} & set(occasion):
            raise AuthorError(f'"{name}" starts on what happens inside a process', "Use whenever, inside the process")
        definition = trigger(occasion)
        identifier = self._canvas.id_for(name, "start")
        self._canvas.begin(
            model.StartEvent(id=identifier, name=name, definition=definition, outputs=mappings(saves or {}))
        )

    def starts_with(self, name: str = "", *, everything: bool = False) -> FirstOf:
        """Several events of which the first starts the process; or it needs ``everything``, and the first starts it.

        Used like ``first_of``: ``with p.starts_with() as first:`` and then ``first.message(…)``.
        """
        earlier = list(self._canvas.scope.ends)
        gateway = model.EventBasedGateway(
            id=self._canvas.id_for(name, "starts-with"), name=name, instantiate=True, parallel=everything
        )
        self._canvas.begin(gateway)
        return FirstOf(self._canvas, gateway, at_least=2, earlier=earlier)

    def ends(
        self,
        name: str = "",
        *,
        message: str = "",
        key: str = "",
        does: str | HasType | None = None,
        throws: model.EventDefinition | None = None,
    ) -> None:
        """The path ends well; a message is sent then, if one is named, or ``throws`` happens (``events.signal(…)``)."""
        definition = throws
        if message and throws is not None:
            raise AuthorError("an end has both a message and throws", "Write throws=events.any_of(…) with both")
        if message:
            job = model.JobDefinition(type=job_type(does)) if does is not None else None
            key = message_definition(message, key).correlation_key
            definition = model.MessageDefinition(name=message, correlation_key=key, job=job)
        elif key or does is not None:
            raise AuthorError("an end says how to send, but no message", "Say which message")
        self._end(name, definition)

    def ends_undoing(self, activity: str = "", *, name: str = "", wait: bool = True) -> None:
        """The path ends by undoing one done step by its name, or all that were done here."""
        identifier = self._end(name or f"undo {activity}".strip(), model.CompensateDefinition(wait_for_completion=wait))
        if activity:
            self._canvas.references.undo(identifier, activity, self._canvas.scope)

    def fails(self, code: str, name: str = "") -> None:
        """The path ends with a business error, which a surrounding group may catch."""
        self._end(name or code, model.ErrorDefinition(code=code))

    def stops(self, name: str = "") -> None:
        """Everything that still runs in the process (or group) ends at once."""
        self._end(name, model.TerminateDefinition())

    def cancels(self, name: str = "") -> None:
        """The transaction is cancelled: all that was done in it is undone."""
        if self._canvas.scope.kind != TRANSACTION:
            raise AuthorError("there is no transaction here to cancel", "Write it inside with p.transaction(…)")
        self._end(name, model.CancelDefinition())

    def goto(self, name: str) -> None:
        """Go on at the step, choice or event of that name, earlier or later."""
        self._canvas.goto(name)

    def link(self, to: str, *, name: str = "") -> None:
        """Go on where ``continues(to)`` stands: a goto that is drawn as two circles instead of a line."""
        self._throw(name or to, model.LinkDefinition(name=to), "link")
        self._canvas.scope.ends = []

    def continues(self, at: str, *, name: str = "") -> None:
        """Where the links of that name lead."""
        canvas = self._canvas
        earlier = canvas.scope.ends
        event = model.IntermediateCatchEvent(
            id=canvas.id_for(f"{name or at} from link", "link"),
            name=name or at,
            definition=model.LinkDefinition(name=at),
        )
        canvas.add(event)
        canvas.scope.ends = [*earlier, canvas.end(event.id)]

    def _end(self, name: str, definition: model.EventDefinition | None) -> str:
        identifier = self._canvas.id_for(name or f"{self._canvas.scope.id} end", "end")
        self._canvas.place(model.EndEvent(id=identifier, name=name, definition=definition))
        return identifier
