"""What events wait for, and what they throw: messages, times, signals, conditions, errors, and several of them.

Most methods of the builder take the usual ones as keywords (``message=``, ``after=``, …). Where several count, or one
is thrown, they are written out::

    p.starts("Somebody wants something", on=events.any_of(events.message("order"), events.signal("stocktaking")))
"""

import re
from collections.abc import Sequence
from typing import TypedDict

from clearance.build.errors import AuthorError
from clearance.build.texts import feel, variable
from clearance.model.definition import (
    CompensateDefinition,
    ConditionalDefinition,
    ErrorDefinition,
    EscalationDefinition,
    EventDefinition,
    MessageDefinition,
    MultipleDefinition,
    SignalDefinition,
    Text,
    TimerDefinition,
)

_DURATION = re.compile(r"P(?!$)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?")


class Occasion(TypedDict, total=False):
    """What something waits for; exactly one of it, or ``on``."""

    message: str
    """A message of that name."""
    key: str
    """FEEL: the message's correlation key must equal it."""
    after: Text
    """An ISO 8601 duration, e.g. ``P1D``."""
    at: Text
    """An ISO 8601 date-time."""
    every: Text
    """An ISO 8601 cycle, e.g. ``R/P1D``, or cron."""
    calendar: str
    """The business calendar in which the time counts (``p.calendar``)."""
    signal: str
    """A signal of that name."""
    when: str
    """FEEL: when this becomes true."""
    changes: Sequence[str]
    """With ``when``: only when one of these variables has changed."""
    error: str
    """A business error with that code; with an empty code, any."""
    escalation: str
    """An escalation with that code; with an empty code, any."""
    on: EventDefinition
    """Anything else, e.g. ``events.any_of(…)``."""


def message(name: Text, key: str = "") -> MessageDefinition:
    """A message; ``key`` is FEEL, and matches the correlation key that the publisher gives."""
    return MessageDefinition(name=name, correlation_key=feel(key) if key else "")


def after(duration: Text, *, calendar: str = "") -> TimerDefinition:
    """When a duration has passed, in the opening hours of the calendar if one is named."""
    if not duration.startswith("=") and not _DURATION.fullmatch(duration):
        raise AuthorError(f'"{duration}" is not a duration', 'Write ISO 8601, e.g. "P1D" or "PT4H", or "= FEEL"')
    return TimerDefinition(duration=duration, calendar=calendar)


def at(date: Text, *, calendar: str = "") -> TimerDefinition:
    """When a date-time is reached."""
    return TimerDefinition(date=date, calendar=calendar)


def every(cycle: Text, *, calendar: str = "") -> TimerDefinition:
    """Again and again."""
    return TimerDefinition(cycle=cycle, calendar=calendar)


def signal(name: Text) -> SignalDefinition:
    """A signal that is broadcast to everybody."""
    return SignalDefinition(name=name)


def condition(when: str, *, changes: Sequence[str] = (), kinds: Sequence[str] = ()) -> ConditionalDefinition:
    """When the FEEL condition becomes true; ``kinds`` (create, update) says which changes of variables count."""
    if unknown := set(kinds) - {"create", "update"}:
        raise AuthorError(f"{sorted(unknown)} are no kinds of changes", "Say create, update or both")
    names = tuple(variable(name) for name in changes)
    return ConditionalDefinition(condition=feel(when), variable_names=names, variable_events=tuple(kinds))


def error(code: str = "") -> ErrorDefinition:
    """A business error."""
    return ErrorDefinition(code=code)


def escalation(code: str = "") -> EscalationDefinition:
    """Something that needs attention."""
    return EscalationDefinition(code=code)


def undo(*, wait: bool = True) -> CompensateDefinition:
    """Compensation: undoing what was done."""
    return CompensateDefinition(wait_for_completion=wait)


def any_of(*definitions: EventDefinition) -> MultipleDefinition:
    """Whichever of several happens first; thrown, all of them."""
    return _several(definitions, parallel=False)


def all_of(*definitions: EventDefinition) -> MultipleDefinition:
    """All of several have happened."""
    return _several(definitions, parallel=True)


def thrown(definitions: Sequence[EventDefinition]) -> EventDefinition:
    """One event, or several at once."""
    return definitions[0] if len(definitions) == 1 else any_of(*definitions)


def _several(definitions: Sequence[EventDefinition], *, parallel: bool) -> MultipleDefinition:
    if len(definitions) < 2:
        raise AuthorError("one event is not several", "Give at least two, or the event itself")
    if any(isinstance(part, MultipleDefinition) for part in definitions):
        raise AuthorError("several events hold several events", "List all of them at once")
    return MultipleDefinition(definitions=tuple(definitions), parallel=parallel)


def trigger(occasion: Occasion) -> EventDefinition | None:
    """The one thing that is waited for, or None; several are a mistake."""
    found: list[EventDefinition] = []
    calendar = occasion.get("calendar", "")
    if name := occasion.get("message"):
        found.append(message(name, occasion.get("key", "")))
    if duration := occasion.get("after"):
        found.append(after(duration, calendar=calendar))
    if date := occasion.get("at"):
        found.append(at(date, calendar=calendar))
    if cycle := occasion.get("every"):
        found.append(every(cycle, calendar=calendar))
    if broadcast := occasion.get("signal"):
        found.append(signal(broadcast))
    if becomes := occasion.get("when"):
        found.append(condition(becomes, changes=occasion.get("changes", ())))
    found += [ErrorDefinition(code=occasion["error"])] if occasion.get("error") is not None else []
    found += [EscalationDefinition(code=occasion["escalation"])] if occasion.get("escalation") is not None else []
    found += [occasion["on"]] if occasion.get("on") is not None else []
    _check(occasion, found)
    return found[0] if found else None


def _check(occasion: Occasion, found: list[EventDefinition]) -> None:
    if len(found) > 1:
        raise AuthorError(
            "an event waits for several things", "Write one event for each, or on=events.any_of(…) or events.all_of(…)"
        )
    for extra, owners in (("key", ("message",)), ("changes", ("when",)), ("calendar", ("after", "at", "every"))):
        if occasion.get(extra) and not any(occasion.get(owner) for owner in owners):
            raise AuthorError(f"there is a {extra} but no {owners[0]}", f"Say {' or '.join(owners)}")
