"""What events wait for, as the author says it: a message, a time, a signal, an error."""

from clearance.build.errors import AuthorError
from clearance.build.texts import feel
from clearance.model.definition import (
    ErrorDefinition,
    EscalationDefinition,
    EventDefinition,
    MessageDefinition,
    SignalDefinition,
    Text,
    TimerDefinition,
)


def message(name: str, key: str = "") -> MessageDefinition:
    """The message to wait for; ``key`` is FEEL, and matches the correlation key that the publisher gives."""
    return MessageDefinition(name=name, correlation_key=feel(key) if key else "")


def trigger(
    *,
    message_name: str = "",
    key: str = "",
    after: Text = "",
    at: Text = "",
    every: Text = "",
    signal: str = "",
    error: str | None = None,
    escalation: str | None = None,
) -> EventDefinition | None:
    """The one trigger that is given, or None; several are a mistake."""
    found: list[EventDefinition] = []
    if message_name:
        found.append(message(message_name, key))
    if after or at or every:
        found.append(TimerDefinition(duration=after, date=at, cycle=every))
    if signal:
        found.append(SignalDefinition(name=signal))
    if error is not None:
        found.append(ErrorDefinition(code=error))
    if escalation is not None:
        found.append(EscalationDefinition(code=escalation))
    if len(found) > 1 or sum(map(bool, (after, at, every))) > 1:
        raise AuthorError("an event waits for several things", "Write one event for each")
    if key and not message_name:
        raise AuthorError("there is a key but no message", "Say which message")
    return found[0] if found else None
