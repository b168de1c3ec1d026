"""Event definitions (10.5.5): what a catching event waits for, and what a throwing one throws."""

from clearance.model.definition.base import Part, Text
from clearance.model.definition.work import JobDefinition


class TimerDefinition(Part, frozen=True, tag="timer", kw_only=True):
    """Exactly one of the three, each ISO 8601 (a cycle may also be cron) or an expression that yields it."""

    date: Text = ""
    duration: Text = ""
    cycle: Text = ""
    calendar: str = ""
    """A business calendar of the process by its name: days and hours then count while it is open."""


class MessageDefinition(Part, frozen=True, tag="message", kw_only=True):
    """Catching: which message, and the key that must match. Throwing: a job of ``job`` type, or an outgoing message."""

    name: Text
    correlation_key: Text = ""
    job: "JobDefinition | None" = None
    message_id: Text = ""
    time_to_live: Text = ""


class SignalDefinition(Part, frozen=True, tag="signal", kw_only=True):
    name: Text


class ErrorDefinition(Part, frozen=True, tag="error", kw_only=True):
    """An empty code catches every error."""

    code: Text = ""


class EscalationDefinition(Part, frozen=True, tag="escalation", kw_only=True):
    """An empty code catches every escalation."""

    code: Text = ""


class CompensateDefinition(Part, frozen=True, tag="compensate", kw_only=True):
    """Throwing: undo one completed activity, or with no activity all of the scope, latest first."""

    activity: str = ""
    wait_for_completion: bool = True


class TerminateDefinition(Part, frozen=True, tag="terminate", kw_only=True):
    pass


class ConditionalDefinition(Part, frozen=True, tag="conditional", kw_only=True):
    """Happens when the condition becomes true; with names, only when one of these variables has changed."""

    condition: Text
    variable_names: tuple[str, ...] = ()
    variable_events: tuple[str, ...] = ()
    """create, update, or both (also when empty)."""


class LinkDefinition(Part, frozen=True, tag="link", kw_only=True):
    name: str


class CancelDefinition(Part, frozen=True, tag="cancel", kw_only=True):
    pass


class MultipleDefinition(Part, frozen=True, tag="multiple", kw_only=True):
    """Several event definitions on one event: catching, one of them is enough, or all are needed when parallel;
    throwing, all are thrown.
    """

    definitions: "tuple[EventDefinition, ...]"
    parallel: bool = False


EventDefinition = (
    TimerDefinition
    | MessageDefinition
    | SignalDefinition
    | ErrorDefinition
    | EscalationDefinition
    | CompensateDefinition
    | TerminateDefinition
    | ConditionalDefinition
    | LinkDefinition
    | CancelDefinition
    | MultipleDefinition
)
