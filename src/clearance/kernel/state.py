"""An instance as it stands: what replaying its events yields, and what a snapshot holds.

Only ``kernel/appliers`` and the straight path (``kernel/straight.py``) change it. All parts are plain structs, so the
state has one JSON form, and two states are equal when their JSON is.
"""

from decimal import Decimal

import msgspec

from clearance.model.clearance import Approval, Ruling
from clearance.model.values import Data, Value
from clearance.model.work import TaskCorrections


class Loop(msgspec.Struct):
    """Where a multi-instance body stands."""

    items: list[Data]
    outputs: dict[int, Data] = {}
    started: int = 0
    completed: int = 0
    terminated: int = 0
    label: str = ""
    """The joined integrity labels of the collection and the outputs."""


class Turn(msgspec.Struct, omit_defaults=True):
    """What is about to happen to a user task, once its listeners have been heard."""

    event: str
    what: str
    heard: int = 0
    corrections: TaskCorrections = TaskCorrections()


class ElementInstance(msgspec.Struct, omit_defaults=True, gc=False):
    key: int
    node: int
    scope: int
    state: str = "activating"
    loop_counter: int = 0
    children: int = 0
    """Element instances directly in it that have not ended."""
    tokens: int = 0
    """Tokens directly in it that wait in front of joins."""
    variables: dict[str, Value] = {}
    waits: list[int] = []
    """Keys of its timers and subscriptions."""
    job: int = 0
    task: int = 0
    listened: int = 0
    """How many listeners have been heard, of those for its start while it is activating, or for its end."""
    loop: Loop | None = None
    thrower: int = 0
    """Of a compensation handler: the element that threw the compensation."""
    handlers: int = 0
    """Of a thrower: compensation handlers that run for it."""
    undo_next: tuple[int, ...] = ()
    """Of a compensation handler whose thrower does not wait: the activities to undo after it, latest first."""
    given: tuple[str, ...] = ()
    """Names of what its actor got, where new evidence may make that matter."""
    queue: list[tuple[int, dict[str, Value]]] = []
    """Of a sequential ad-hoc sub-process: what was chosen and has not begun, with its variables."""
    fulfilled: bool = False
    """Of an ad-hoc sub-process: nothing further is chosen."""
    child: int = 0
    """The instance that a call activity has called."""
    renews: int = 0
    """The finished step that it does again."""
    phases: dict[int, tuple[int, ...]] = {}
    """Of a scope: complex gateways (nodes) that have started, with the flows that they had tokens from."""
    interrupted: bool = False
    """Of a scope: an interrupting event sub-process has taken it over."""
    seen: list[tuple[int, int]] = []
    """Triggers (node, number) of parallel multiple events that have happened so far."""
    turn: Turn | None = None
    """Of a user task: what is about to happen to it."""
    early: dict[int, dict[str, Value]] = {}
    """What these have brought, by event (node)."""


class JobState(msgspec.Struct, omit_defaults=True, gc=False):
    element: int
    type: str
    attempts: int
    phase: str = "created"
    """created (awaits the gate), at-work, approval (awaits people), pause (awaits its next attempt), failed."""
    attempt: int = 1
    headers: dict[str, str] = {}
    retry_at: int = 0
    approval: int = 0
    listener: str = ""
    """The event of the element's life that it listens to."""


class TaskState(msgspec.Struct, omit_defaults=True):
    element: int
    assignee: str = ""
    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    due: int = 0
    brief: Data = None
    follow_up: int = 0
    priority: int = 50


class TimerState(msgspec.Struct, omit_defaults=True):
    element: int
    node: int
    due: int
    repetitions: int = 1
    interval: str = ""
    trigger: int = 0


class SubscriptionState(msgspec.Struct, omit_defaults=True):
    element: int
    node: int
    kind: str
    name: str
    correlation_key: str = ""
    trigger: int = 0


class ConditionState(msgspec.Struct, omit_defaults=True):
    element: int
    node: int
    trigger: int = 0
    held: bool = False
    """It is true, and has been acted on."""


class ApprovalState(msgspec.Struct, omit_defaults=True):
    job: int
    ruling: Ruling
    given: list[Approval] = []


class IncidentState(msgspec.Struct, omit_defaults=True):
    element: int
    kind: str
    message: str
    job: int = 0


class Note(msgspec.Struct, omit_defaults=True):
    """A completed activity that can be undone."""

    element: int
    node: int
    scope: int
    handler: int
    values: dict[str, Value]
    within: tuple[int, ...] = ()
    """Completed sub-processes (node indexes) that held it, innermost first."""


class Finished(msgspec.Struct, omit_defaults=True):
    """The latest time that an activity or choice was done, and what its result rests on."""

    key: int
    node: int
    scope: int
    reads: dict[str, int]
    flows: tuple[int, ...] = ()
    outdated: bool = False


class Held(msgspec.Struct, frozen=True):
    """A command that waits until the instance is resumed."""

    kind: str
    key: int
    command: str


class Instance(msgspec.Struct, omit_defaults=True):
    """One process instance; its key is also the key of its outermost element instance."""

    key: int
    process: str
    definition: str
    tenant: str
    parent: int = 0
    """The instance that has called it, and the element there."""
    parent_element: int = 0
    depth: int = 0
    """How many calls it is away from an instance that nobody called."""
    begins: str = ""
    """The command by which it begins once the listeners for the start of the process have been heard."""
    subject: str = ""
    status: str = "active"
    """active, completed or terminated."""
    elements: dict[int, ElementInstance] = {}
    arrivals: dict[int, dict[int, int]] = {}
    """Scope key to flow index to the number of tokens that wait at its join."""
    jobs: dict[int, JobState] = {}
    tasks: dict[int, TaskState] = {}
    timers: dict[int, TimerState] = {}
    subscriptions: dict[int, SubscriptionState] = {}
    conditions: dict[int, ConditionState] = {}
    approvals: dict[int, ApprovalState] = {}
    incidents: dict[int, IncidentState] = {}
    notes: list[Note] = []
    granted: list[Approval] = []
    """Approvals given so far in this instance."""
    people: list[str] = []
    """Who has acted in it, in order, without repetition."""
    finished: list[Finished] = []
    """In order of completion; only of processes that say what new evidence means for them."""
    news: list[tuple[int, str]] = []
    """Variables (scope, name) that have changed since their readers were done, as long as that is not settled."""
    suspended: bool = False
    held: list[Held] = []
    """What has come since it was suspended."""


_decoder = msgspec.json.Decoder(Instance, float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def snapshot(instance: Instance) -> bytes:
    """The state's JSON."""
    return _encoder.encode(instance)


def restore(text: bytes) -> Instance:
    """The state from its JSON."""
    return _decoder.decode(text)


def lookup(instance: Instance, scope: int, name: str) -> Value | None:
    """A variable as seen from a scope: the nearest one outwards."""
    while scope:
        element = instance.elements[scope]
        value = element.variables.get(name)
        if value is not None:
            return value
        scope = element.scope
    return None


def seen_values(instance: Instance, scope: int) -> dict[str, Value]:
    """All variables as seen from a scope."""
    seen: dict[str, Value] = {}
    while scope:
        element = instance.elements[scope]
        for name, value in element.variables.items():
            seen.setdefault(name, value)
        scope = element.scope
    return seen


def visible(instance: Instance, scope: int) -> dict[str, Data]:
    """All variables as seen from a scope, as plain data."""
    seen: dict[str, Data] = {}
    while scope:
        element = instance.elements[scope]
        for name, value in element.variables.items():
            seen.setdefault(name, value.data)
        scope = element.scope
    return seen
