"""What has happened: the only thing that changes an instance's state, and what the ledger keeps.

Events are facts, decided once. ``kernel/appliers`` turns them into state; replaying the events of an instance gives
its state, always. Element states follow ``kernel/lifecycle.py``. Keys are 64-bit and carry the shard in their high
bits; times are milliseconds since 1970 (UTC). In JSON an event is an array that starts with its tag.
"""

import msgspec

from clearance.model.clearance import Ruling
from clearance.model.values import Data, Value
from clearance.model.work import Evidence


class _Event(msgspec.Struct, frozen=True, array_like=True, gc=False, tag_field="event"):
    pass


# ---- instances and elements ------------------------------------------------------------------------------------------


class InstanceCreated(_Event, frozen=True, tag="instance"):
    """An instance exists and is pinned to a definition (its content hash)."""

    key: int
    process: str
    definition: str
    tenant: str


class SubjectSet(_Event, frozen=True, tag="subject"):
    """The line that tells a person which case this is."""

    text: str


class ElementActivating(_Event, frozen=True, tag="activating"):
    key: int
    node: int
    """Index into the graph's nodes; 0 is the process itself."""
    scope: int
    """Key of the element instance that holds this one; 0 for the process."""
    loop_counter: int = 0
    """From 1 in an inner instance of a multi-instance activity, otherwise 0."""


class ElementActivated(_Event, frozen=True, tag="activated"):
    key: int


class ElementCompleting(_Event, frozen=True, tag="completing"):
    key: int


class ElementCompleted(_Event, frozen=True, tag="completed"):
    key: int


class ElementTerminating(_Event, frozen=True, tag="terminating"):
    key: int


class ElementTerminated(_Event, frozen=True, tag="terminated"):
    key: int


class FlowTaken(_Event, frozen=True, tag="flow"):
    flow: int
    scope: int


class TokensJoined(_Event, frozen=True, tag="joined"):
    """A join consumes the tokens that wait in front of it: so many of each flow."""

    node: int
    scope: int
    flows: tuple[int, ...]


class VariablesSet(_Event, frozen=True, tag="variables"):
    scope: int
    values: dict[str, Value]


class LoopOpened(_Event, frozen=True, tag="loop"):
    """A multi-instance body knows what it will go through."""

    key: int
    items: list[Data]
    label: str = ""
    """The integrity label of the collection."""


class LoopResult(_Event, frozen=True, tag="loop-result"):
    """The output of one inner instance, kept at its place until the body completes."""

    key: int
    index: int
    output: Data
    label: str = ""


class DecisionEvaluated(_Event, frozen=True, tag="decision"):
    """A business rule task decided: which decision, and the rules that fired."""

    element: int
    decision: str
    rules: tuple[str, ...]


# ---- jobs ------------------------------------------------------------------------------------------------------------


class JobCreated(_Event, frozen=True, tag="job"):
    key: int
    element: int
    type: str
    attempts: int
    """How many attempts it has in all; 0: what the actor declares."""
    headers: dict[str, str]


class JobCleared(_Event, frozen=True, tag="job-cleared"):
    """The gate permits this attempt; it may leave once this is committed."""

    key: int
    ruling: Ruling


class JobDenied(_Event, frozen=True, tag="job-denied"):
    key: int
    ruling: Ruling


class JobCompleted(_Event, frozen=True, tag="job-completed"):
    key: int
    evidence: Evidence | None = None


class JobFailed(_Event, frozen=True, tag="job-failed"):
    """An attempt failed; the next one is due at ``retry_at``, or there is none (0)."""

    key: int
    error: str
    attempts_left: int
    retry_at: int
    evidence: Evidence | None = None


class JobRetried(_Event, frozen=True, tag="job-retried"):
    """The pause is over, or a person gave it new attempts: it awaits clearance again."""

    key: int
    attempts: int


class JobRaised(_Event, frozen=True, tag="job-raised"):
    key: int
    code: str
    message: str


class JobCanceled(_Event, frozen=True, tag="job-canceled"):
    key: int


# ---- approvals: asked for by a policy before a job may leave ---------------------------------------------------------


class ApprovalRequested(_Event, frozen=True, tag="approval"):
    key: int
    job: int
    ruling: Ruling
    parameters: dict[str, Data]


class ApprovalGiven(_Event, frozen=True, tag="approval-given"):
    """One person's answer; ``approved`` false closes the request and denies the job."""

    key: int
    person: str
    roles: tuple[str, ...]
    approved: bool
    comment: str
    ruling: Ruling


class ApprovalClosed(_Event, frozen=True, tag="approval-closed"):
    key: int
    outcome: str
    """granted, rejected, or canceled (the action changed or its element ended)."""


# ---- people ----------------------------------------------------------------------------------------------------------


class TaskCreated(_Event, frozen=True, tag="task"):
    key: int
    element: int
    assignee: str
    groups: tuple[str, ...]
    users: tuple[str, ...]
    due: int
    """Milliseconds since 1970, 0: none."""
    follow_up: int
    priority: int
    form: str
    brief: Data
    """What the person is shown: the task's local variable ``brief``, or null."""


class TaskAssigned(_Event, frozen=True, tag="task-assigned"):
    key: int
    assignee: str
    """Empty: released."""
    by: str
    ruling: Ruling | None = None


class TaskCompleted(_Event, frozen=True, tag="task-completed"):
    key: int
    by: str
    option: str
    comment: str
    ruling: Ruling | None = None


class TaskCanceled(_Event, frozen=True, tag="task-canceled"):
    key: int


# ---- time, messages, signals -----------------------------------------------------------------------------------------


class TimerSet(_Event, frozen=True, tag="timer"):
    key: int
    element: int
    """The element instance that waits."""
    node: int
    """The event that fires: a boundary event, a gateway's target, or the waiting element itself."""
    due: int
    repetitions: int
    """How often it fires, this time included; -1: without end."""
    interval: str
    """ISO 8601 duration between repetitions, empty for one-shot timers."""


class TimerFired(_Event, frozen=True, tag="timer-fired"):
    key: int


class TimerCanceled(_Event, frozen=True, tag="timer-canceled"):
    key: int


class Subscribed(_Event, frozen=True, tag="subscribed"):
    key: int
    element: int
    node: int
    kind: str
    """message or signal."""
    name: str
    correlation_key: str


class Correlated(_Event, frozen=True, tag="correlated"):
    """A message or signal reached the subscription; its variables follow in their own event."""

    key: int
    message: int


class Unsubscribed(_Event, frozen=True, tag="unsubscribed"):
    key: int


class MessageThrown(_Event, frozen=True, tag="message-thrown"):
    element: int
    name: str
    correlation_key: str
    message_id: str
    time_to_live: int
    variables: dict[str, Data]


class SignalThrown(_Event, frozen=True, tag="signal-thrown"):
    element: int
    name: str
    variables: dict[str, Data]


# ---- errors, compensation, incidents, repair -------------------------------------------------------------------------


class ErrorThrown(_Event, frozen=True, tag="error"):
    """A BPMN error or escalation leaves an element; ``caught_by`` is a node's index, -1 when nothing catches it."""

    element: int
    kind: str
    code: str
    message: str
    caught_by: int


class CompensationNoted(_Event, frozen=True, tag="compensable"):
    """An activity with a compensation handler completed; its local data is kept as it was."""

    element: int
    node: int
    scope: int
    handler: int
    values: dict[str, Value]


class CompensationStarted(_Event, frozen=True, tag="compensating"):
    """A handler runs for one completed activity; the thrower waits until all its handlers are done."""

    key: int
    """The handler's element instance."""
    element: int
    """The completed activity's element instance."""
    thrower: int


class IncidentRaised(_Event, frozen=True, tag="incident"):
    key: int
    element: int
    kind: str
    """expression, job, decision, uncaught-error, denied, loop, timer, condition, ..."""
    message: str
    job: int = 0


class IncidentResolved(_Event, frozen=True, tag="incident-resolved"):
    key: int
    by: str = ""


class CommandRefused(_Event, frozen=True, tag="refused"):
    """Somebody asked for what may not be: recorded with the ruling, and nothing else changes."""

    reason: str
    ruling: Ruling | None = None


class InstanceCanceled(_Event, frozen=True, tag="canceled"):
    by: str
    reason: str


class InstanceSuspended(_Event, frozen=True, tag="suspended"):
    by: str
    reason: str


class InstanceResumed(_Event, frozen=True, tag="resumed"):
    by: str
    reason: str


class CommandHeld(_Event, frozen=True, tag="held"):
    """What came while the instance was suspended; it is worked out when it is resumed."""

    kind: str
    """job, timer, retry, subscription, or the command's tag."""
    key: int
    """Of what it is about; 0: nothing that the indexes know."""
    command: str
    """JSON."""


class InstanceModified(_Event, frozen=True, tag="modified"):
    """A person moves tokens; what that did follows in events of their own."""

    by: str
    reason: str


class InstanceMigrated(_Event, frozen=True, tag="migrated"):
    """The instance goes on by another definition; indexes of the old one become those of the new one."""

    process: str
    definition: str
    nodes: dict[int, int]
    flows: dict[int, int]
    by: str
    reason: str


# ---- the shard's own stream ------------------------------------------------------------------------------------------


class ProcessDeployed(_Event, frozen=True, tag="process-deployed"):
    """A version of a process. The same content again changes nothing."""

    key: int
    process: str
    name: str
    version: int
    definition: str
    """Content hash."""
    content: str
    """The definition's JSON."""
    xml: str
    """BPMN 2.0 XML as deployed or exported."""


class DecisionsDeployed(_Event, frozen=True, tag="decisions-deployed"):
    """A decision file (DMN XML, or a spreadsheet) under its name."""

    key: int
    name: str
    sha256: str
    content: str
    """Base64."""


class MessagePublished(_Event, frozen=True, tag="message"):
    key: int
    name: str
    correlation_key: str
    message_id: str
    expires: int
    variables: dict[str, Data]


class MessageCorrelated(_Event, frozen=True, tag="message-correlated"):
    """A message reached an instance of a process; it will not reach that process again under the same key."""

    key: int
    process: str
    instance: int


class MessageExpired(_Event, frozen=True, tag="message-expired"):
    key: int


class SignalBroadcast(_Event, frozen=True, tag="signal"):
    key: int
    name: str
    variables: dict[str, Data]


Event = (
    InstanceCreated
    | SubjectSet
    | ElementActivating
    | ElementActivated
    | ElementCompleting
    | ElementCompleted
    | ElementTerminating
    | ElementTerminated
    | FlowTaken
    | TokensJoined
    | VariablesSet
    | LoopOpened
    | LoopResult
    | DecisionEvaluated
    | JobCreated
    | JobCleared
    | JobDenied
    | JobCompleted
    | JobFailed
    | JobRetried
    | JobRaised
    | JobCanceled
    | ApprovalRequested
    | ApprovalGiven
    | ApprovalClosed
    | TaskCreated
    | TaskAssigned
    | TaskCompleted
    | TaskCanceled
    | TimerSet
    | TimerFired
    | TimerCanceled
    | Subscribed
    | Correlated
    | Unsubscribed
    | MessageThrown
    | SignalThrown
    | ErrorThrown
    | CompensationNoted
    | CompensationStarted
    | IncidentRaised
    | IncidentResolved
    | CommandRefused
    | InstanceCanceled
    | InstanceSuspended
    | InstanceResumed
    | CommandHeld
    | InstanceModified
    | InstanceMigrated
    | ProcessDeployed
    | DecisionsDeployed
    | MessagePublished
    | MessageCorrelated
    | MessageExpired
    | SignalBroadcast
)
