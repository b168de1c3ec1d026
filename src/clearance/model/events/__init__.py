"""What has happened: the only thing that changes an instance's state, and what the ledger keeps.

Events are facts, decided once. ``kernel/appliers`` turns them into state; replaying the events of an instance gives
its state, always. Element states follow ``kernel/lifecycle.py``. Keys are 64-bit and carry the shard in their high
bits; times are milliseconds since 1970 (UTC). In JSON an event is an array that starts with its tag.
"""

from clearance.model.events.approvals import (
    ApprovalClosed,
    ApprovalGiven,
    ApprovalRequested,
)
from clearance.model.events.changes import (
    CommandHeld,
    InstanceMigrated,
    InstanceModified,
    InstanceResumed,
    InstanceSuspended,
)
from clearance.model.events.elements import (
    AdHocFulfilled,
    AdHocQueued,
    AdHocTaken,
    BeginningHeld,
    CallEnded,
    DecisionEvaluated,
    ElementActivated,
    ElementActivating,
    ElementCompleted,
    ElementCompleting,
    ElementTerminated,
    ElementTerminating,
    FlowTaken,
    GatewayPhase,
    InstanceCreated,
    LoopOpened,
    LoopResult,
    ProcessCalled,
    ScopeInterrupted,
    SubjectSet,
    TokensJoined,
    VariablesSet,
)
from clearance.model.events.evidence import (
    EvidenceSettled,
    InputsRead,
    StepFinished,
    StepRenewing,
    StepsOutdated,
)
from clearance.model.events.faults import (
    CommandRefused,
    CompensationNoted,
    CompensationStarted,
    ErrorThrown,
    IncidentRaised,
    IncidentResolved,
    InstanceCanceled,
)
from clearance.model.events.jobs import (
    JobCanceled,
    JobCleared,
    JobCompleted,
    JobCreated,
    JobDenied,
    JobFailed,
    JobRaised,
    JobRetried,
)
from clearance.model.events.people import (
    TaskAssigned,
    TaskCanceled,
    TaskChanged,
    TaskCompleted,
    TaskCreated,
    TaskHeard,
    TaskTurned,
    TaskTurning,
)
from clearance.model.events.shard import (
    ConditionsEvaluated,
    DecisionsDeployed,
    InstancesArchived,
    MessageCorrelated,
    MessageDeclined,
    MessageExpired,
    MessageOffered,
    MessagePublished,
    ParcelsArrived,
    ParcelSent,
    ParcelTaken,
    ProcessDeployed,
    SignalBroadcast,
    StartTimerFired,
    SubscriptionClosed,
    SubscriptionOpened,
)
from clearance.model.events.waits import (
    ConditionClosed,
    ConditionLapsed,
    ConditionMet,
    ConditionOpened,
    Correlated,
    MessageThrown,
    SignalThrown,
    Subscribed,
    TimerCanceled,
    TimerFired,
    TimerSet,
    TriggerSeen,
    TriggersReset,
    Unsubscribed,
)

Event = (
    InstanceCreated
    | BeginningHeld
    | SubjectSet
    | ElementActivating
    | ElementActivated
    | ElementCompleting
    | ElementCompleted
    | ElementTerminating
    | ElementTerminated
    | FlowTaken
    | TokensJoined
    | GatewayPhase
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
    | TaskTurning
    | TaskHeard
    | TaskTurned
    | TaskChanged
    | ProcessCalled
    | AdHocQueued
    | AdHocTaken
    | AdHocFulfilled
    | CallEnded
    | TimerSet
    | TimerFired
    | ScopeInterrupted
    | ConditionClosed
    | ConditionLapsed
    | ConditionMet
    | ConditionOpened
    | TriggerSeen
    | TriggersReset
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
    | InputsRead
    | StepFinished
    | StepsOutdated
    | StepRenewing
    | EvidenceSettled
    | ProcessDeployed
    | DecisionsDeployed
    | MessagePublished
    | MessageCorrelated
    | MessageExpired
    | SignalBroadcast
    | StartTimerFired
    | InstancesArchived
    | ParcelSent
    | ParcelTaken
    | ParcelsArrived
    | SubscriptionOpened
    | SubscriptionClosed
    | MessageOffered
    | MessageDeclined
    | ConditionsEvaluated
)

__all__ = [
    "AdHocFulfilled",
    "AdHocQueued",
    "AdHocTaken",
    "ApprovalClosed",
    "ApprovalGiven",
    "ApprovalRequested",
    "BeginningHeld",
    "CallEnded",
    "CommandHeld",
    "CommandRefused",
    "CompensationNoted",
    "CompensationStarted",
    "ConditionClosed",
    "ConditionLapsed",
    "ConditionMet",
    "ConditionOpened",
    "ConditionsEvaluated",
    "Correlated",
    "DecisionEvaluated",
    "DecisionsDeployed",
    "ElementActivated",
    "ElementActivating",
    "ElementCompleted",
    "ElementCompleting",
    "ElementTerminated",
    "ElementTerminating",
    "ErrorThrown",
    "Event",
    "EvidenceSettled",
    "FlowTaken",
    "GatewayPhase",
    "IncidentRaised",
    "IncidentResolved",
    "InputsRead",
    "InstanceCanceled",
    "InstanceCreated",
    "InstanceMigrated",
    "InstanceModified",
    "InstanceResumed",
    "InstanceSuspended",
    "InstancesArchived",
    "JobCanceled",
    "JobCleared",
    "JobCompleted",
    "JobCreated",
    "JobDenied",
    "JobFailed",
    "JobRaised",
    "JobRetried",
    "LoopOpened",
    "LoopResult",
    "MessageCorrelated",
    "MessageDeclined",
    "MessageExpired",
    "MessageOffered",
    "MessagePublished",
    "MessageThrown",
    "ParcelSent",
    "ParcelTaken",
    "ParcelsArrived",
    "ProcessCalled",
    "ProcessDeployed",
    "ScopeInterrupted",
    "SignalBroadcast",
    "SignalThrown",
    "StartTimerFired",
    "StepFinished",
    "StepRenewing",
    "StepsOutdated",
    "SubjectSet",
    "Subscribed",
    "SubscriptionClosed",
    "SubscriptionOpened",
    "TaskAssigned",
    "TaskCanceled",
    "TaskChanged",
    "TaskCompleted",
    "TaskCreated",
    "TaskHeard",
    "TaskTurned",
    "TaskTurning",
    "TimerCanceled",
    "TimerFired",
    "TimerSet",
    "TokensJoined",
    "TriggerSeen",
    "TriggersReset",
    "Unsubscribed",
    "VariablesSet",
]
