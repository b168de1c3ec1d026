"""What is asked of the engine. Every change enters as one of these, through ``engine/runtime/intake.py``.

A command names the instance it is for, where there is one. It may be refused: a refusal is data with a reason, never an
exception.
"""

from collections.abc import Mapping

import msgspec

from clearance.model.clearance import Person, Ruling
from clearance.model.definition import Process
from clearance.model.values import Data, Value
from clearance.model.work import ActivateElement, Outcome


class _Command(msgspec.Struct, frozen=True, kw_only=True):
    pass


# ---- for the shard ---------------------------------------------------------------------------------------------------


class DeployProcess(_Command, frozen=True, kw_only=True, tag="deploy-process"):
    process: Process
    xml: str


class DeployDecisions(_Command, frozen=True, kw_only=True, tag="deploy-decisions"):
    name: str
    content: bytes


class StartInstance(_Command, frozen=True, kw_only=True, tag="start"):
    """Start the latest version of a process, or one version of it."""

    process: str
    version: int = 0
    """0: the latest."""
    variables: Mapping[str, Data] = {}
    tenant: str = "<default>"
    by: Person | None = None


class PublishMessage(_Command, frozen=True, kw_only=True, tag="publish"):
    """Correlates with what waits or starts on it; kept for ``time_to_live`` ms; an id makes it unique."""

    name: str
    correlation_key: str = ""
    variables: Mapping[str, Data] = {}
    message_id: str = ""
    time_to_live: int = 0
    tenant: str = "<default>"


class BroadcastSignal(_Command, frozen=True, kw_only=True, tag="broadcast"):
    name: str
    variables: Mapping[str, Data] = {}


class EvaluateConditions(_Command, frozen=True, kw_only=True, tag="evaluate-conditions"):
    """Start what waits for a condition that holds for these variables."""

    variables: Mapping[str, Data]
    process: str = ""
    """Only this one; empty: every process."""
    version: int = 0
    """Only when this version of the process is the latest: earlier ones wait no longer; 0: whichever is the latest."""
    may_start: tuple[str, ...] | None = None
    """The processes that whoever asks may start; None: all. If another one would start, none does."""
    tenant: str = "<default>"


class ExpireMessages(_Command, frozen=True, kw_only=True, tag="expire"):
    pass


class FireStart(_Command, frozen=True, kw_only=True, tag="fire-start"):
    """A start timer is due."""

    key: int
    due: int
    detail: str
    """What :class:`clearance.ledger.rows.TimerRow` keeps of it."""


class ArchiveInstances(_Command, frozen=True, kw_only=True, tag="archive"):
    """Entries that have been written to a file may go from the tables; the file is kept already."""

    sha256: str
    first: int
    last: int
    entries: int
    size: int
    instances: tuple[int, ...]
    shard: int = 0
    """Whose entries they are."""
    shard_sequence: int = 0
    """Entries of the shard's own stream up to here are in it or in earlier archives; 0: none are."""


class TakeParcel(_Command, frozen=True, kw_only=True, tag="take-parcel"):
    """Another shard has sent something."""

    shard: int
    """Who sent it."""
    sequence: int
    depth: int
    content: bytes
    """JSON of a :data:`clearance.model.parcels.Parcel`."""
    defect: str = ""
    """Why it could not be carried out: it is put on record so that what follows it can be."""


class NoteArrival(_Command, frozen=True, kw_only=True, tag="note-arrival"):
    """Another shard has taken what was sent to it up to this number."""

    shard: int
    sequence: int


class DeliverAgain(_Command, frozen=True, kw_only=True, tag="deliver-again"):
    """Send once more what has not arrived for some time; or, to one shard that has begun anew, at once."""

    shard: int | None = None


# ---- for one instance ------------------------------------------------------------------------------------------------


class Create(_Command, frozen=True, kw_only=True, tag="create"):
    """The kernel's own form of a start: the key, definition and start event are chosen."""

    key: int
    definition: str
    node: int
    """The start event's index."""
    trigger: int = 0
    """Which of its triggers has happened."""
    variables: Mapping[str, Data]
    tenant: str
    message: int = 0
    """The message that started it."""
    label: str = ""
    """The integrity label of the variables."""
    labels: Mapping[str, str] = {}
    """Of single variables, where they differ."""
    parent: int = 0
    """The instance whose call activity calls it."""
    parent_element: int = 0
    depth: int = 0


class EndCall(_Command, frozen=True, kw_only=True, tag="end-call"):
    """A called instance has ended, or could not begin."""

    instance: int
    element: int
    child: int
    how: str = "completed"
    """completed or failed."""
    reason: str = ""
    variables: Mapping[str, Value] = {}


class RaiseCall(_Command, frozen=True, kw_only=True, tag="raise-call"):
    """An error or escalation that nothing in the called instance catches."""

    instance: int
    element: int
    child: int
    kind: str
    code: str
    message: str = ""
    variables: Mapping[str, Data] = {}
    label: str = ""


class ActivateElements(_Command, frozen=True, kw_only=True, tag="activate-elements"):
    """A person or a program chooses in an ad-hoc sub-process; what it does not offer is refused."""

    instance: int
    element: int
    """Key of the ad-hoc sub-process's element instance."""
    activate: tuple[ActivateElement, ...]
    cancel_remaining: bool = False
    by: Person | None = None


class Clear(_Command, frozen=True, kw_only=True, gc=False, tag="clear"):
    """The gate's ruling on a job."""

    instance: int
    job: int
    ruling: Ruling
    parameters: Mapping[str, Data]


class FinishJob(_Command, frozen=True, kw_only=True, gc=False, tag="finish-job"):
    """An attempt's outcome; refused when the job is gone or the attempt is stale."""

    instance: int
    job: int
    attempt: int
    outcome: Outcome
    retry_in: int = 0
    """Milliseconds until the next attempt, drawn by the dispatcher (back-off with jitter)."""
    attempts: int = 1
    """How many attempts the actor declares, for jobs that do not say."""
    label: str = ""
    """The integrity label of what comes back."""


class FireTimer(_Command, frozen=True, kw_only=True, tag="fire"):
    instance: int
    timer: int


class RetryJob(_Command, frozen=True, kw_only=True, tag="retry"):
    instance: int
    job: int


class Correlate(_Command, frozen=True, kw_only=True, tag="correlate"):
    instance: int
    subscription: int
    message: int
    variables: Mapping[str, Data]
    label: str = ""


class CompleteTask(_Command, frozen=True, kw_only=True, tag="complete-task"):
    instance: int
    task: int
    by: Person
    variables: Mapping[str, Data] = {}
    option: str = ""
    comment: str = ""
    ruling: Ruling | None = None


class AssignTask(_Command, frozen=True, kw_only=True, tag="assign-task"):
    instance: int
    task: int
    assignee: str
    """Empty: release."""
    by: Person
    ruling: Ruling | None = None


class GiveApproval(_Command, frozen=True, kw_only=True, tag="approve"):
    instance: int
    approval: int
    by: Person
    approved: bool
    action_sha256: str
    """What the person saw; refused when the action has changed since."""
    comment: str = ""
    ruling: Ruling | None = None


class SetVariables(_Command, frozen=True, kw_only=True, tag="set-variables"):
    instance: int
    variables: Mapping[str, Data]
    scope: int = 0
    """0: the process instance."""
    by: Person | None = None
    reason: str = ""


class ResolveIncident(_Command, frozen=True, kw_only=True, tag="resolve-incident"):
    """Try again what failed; a failed job gets ``attempts`` new ones."""

    instance: int
    incident: int
    attempts: int = 1
    keep: bool = False
    """Of new evidence: the results stay as they are."""
    by: Person | None = None
    reason: str = ""


class Faulted(_Command, frozen=True, kw_only=True, tag="faulted"):
    """A command could not be worked out because of a defect; the instance stops where it is and says so."""

    instance: int
    element: int
    message: str
    kind: str = "defect"


class CancelInstance(_Command, frozen=True, kw_only=True, tag="cancel"):
    instance: int
    reason: str = ""
    by: Person | None = None


class SuspendInstance(_Command, frozen=True, kw_only=True, tag="suspend"):
    """Let nothing move: what comes meanwhile is held until the instance is resumed."""

    instance: int
    reason: str = ""
    by: Person | None = None


class ResumeInstance(_Command, frozen=True, kw_only=True, tag="resume"):
    instance: int
    reason: str = ""
    by: Person | None = None


class Activation(msgspec.Struct, frozen=True):
    """Enter an element; scopes around it that are not active are entered too, without their start events."""

    element: str
    """Its id."""
    variables: Mapping[str, Data] = {}
    """Set in the new element instance before it begins."""
    ancestor: int = 0
    """Key of the element instance to enter it in, where several could be meant."""


class Termination(msgspec.Struct, frozen=True):
    """End element instances: one by its key, or all of an element by its id, waiting tokens at a join included."""

    key: int = 0
    element: str = ""


class Move(msgspec.Struct, frozen=True):
    """For each token at one element: end it there and enter another element."""

    source: str
    target: str
    variables: Mapping[str, Data] = {}


class ModifyInstance(_Command, frozen=True, kw_only=True, tag="modify"):
    """An operator's repair of where an instance stands; all of it happens or none."""

    instance: int
    activate: tuple[Activation, ...] = ()
    terminate: tuple[Termination, ...] = ()
    move: tuple[Move, ...] = ()
    reason: str = ""
    by: Person | None = None


class MigrateInstance(_Command, frozen=True, kw_only=True, tag="migrate"):
    """Go on by another version of the process, or another process, where the instance stands."""

    instance: int
    definition: str
    """Content hash of the target."""
    elements: Mapping[str, str] = {}
    """Ids in the present definition to ids in the target; an element without an entry keeps its id."""
    reason: str = ""
    by: Person | None = None
    dry_run: bool = False
    """Say what would happen to each token, job, timer and task, and change nothing."""


InstanceCommand = (
    Create
    | EndCall
    | ActivateElements
    | RaiseCall
    | Clear
    | FinishJob
    | FireTimer
    | RetryJob
    | Correlate
    | CompleteTask
    | AssignTask
    | GiveApproval
    | SetVariables
    | ResolveIncident
    | CancelInstance
    | SuspendInstance
    | ResumeInstance
    | ModifyInstance
    | MigrateInstance
    | Faulted
)
ShardCommand = (
    DeployProcess
    | DeployDecisions
    | StartInstance
    | PublishMessage
    | BroadcastSignal
    | EvaluateConditions
    | ExpireMessages
    | FireStart
    | ArchiveInstances
    | TakeParcel
    | NoteArrival
    | DeliverAgain
)
Command = InstanceCommand | ShardCommand


class Refusal(msgspec.Struct, frozen=True):
    """Why a command changed nothing."""

    kind: str
    """not-found, invalid, conflict, denied or busy."""
    reason: str
    ruling: Ruling | None = None


class Answer(msgspec.Struct, frozen=True):
    """What a committed command led to."""

    key: int = 0
    """Of what was created: an instance, a message, a deployed version."""
    position: int = 0
    """The ledger position at which it is recorded."""
    version: int = 0
    report: Data = None
    """Of a dry run: what would happen."""
    sent: tuple[tuple[int, int], ...] = ()
    """Parcels that it has led to: other shards, and the numbers of what goes to them."""
