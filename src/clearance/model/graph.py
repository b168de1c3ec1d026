"""A process compiled for execution: small integers, resolved references, expressions ready to evaluate.

``kernel/compile.py`` makes a graph from a definition, once; it never changes. Node 0 is the process itself; the
elements follow in the order of :func:`clearance.model.definition.walk`. Events and state name nodes and flows by these
indexes, which is safe because an instance is pinned to the content hash of its definition.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from clearance.model.definition import Element, EventDefinition, Process
from clearance.model.ports import Expression
from clearance.model.values import Data

PROCESS = 0
"""Index of the process itself."""


@dataclass(slots=True, frozen=True)
class Literal:
    """Static text, with the face of an expression."""

    text: str
    reads: frozenset[str] = frozenset()
    parameters: tuple[Mapping[str, Data], ...] = ()

    def evaluate(self, context: Mapping[str, object], now: datetime) -> Data:
        return self.text

    def problems(self, context: Mapping[str, object], now: datetime) -> tuple[str, ...]:
        return ()


Compiled = Expression | Literal


@dataclass(slots=True, frozen=True)
class CompiledMapping:
    source: Compiled
    target: tuple[str, ...]
    """A variable's name, and the path into it."""


@dataclass(slots=True, frozen=True)
class Listening:
    """A listener, ready to be asked."""

    type: Compiled
    retries: Compiled | None
    headers: Mapping[str, str]


@dataclass(slots=True, frozen=True)
class Copy:
    """A data association: a variable from another one or from an expression, or parts of variables."""

    sources: tuple[str, ...]
    target: str
    """Empty: only what is assigned."""
    transformed: Compiled | None
    assigned: tuple[CompiledMapping, ...]


@dataclass(slots=True)
class Edge:
    """A sequence flow."""

    index: int
    id: str
    source: int
    target: int
    condition: Compiled | None
    joins: bool = False
    """Whether its target waits for tokens from several flows."""


@dataclass(slots=True, frozen=True)
class Trigger:
    """One event definition of an event, or the message of a receive task."""

    definition: EventDefinition
    texts: Mapping[str, Compiled]
    """Its compiled texts by name, e.g. ``message.name``."""


@dataclass(slots=True, frozen=True)
class Behavior:
    """An event that inner completions of a multi-instance activity throw, while the condition holds."""

    condition: Compiled | None
    trigger: Trigger


@dataclass(slots=True, frozen=True)
class Path:
    """From a start event or a plain task straight on to the job of the next task (``kernel/straight.py``)."""

    passes: tuple[tuple[int, int], ...]
    """What lies on the way and only lets the token through: flow and node."""
    subject: frozenset[str]
    """Variables read by the line that tells people which case this is: when they change, it has to be told anew."""
    flow: int = 0
    """The last one, to the task."""
    target: int = 0
    """The task; 0: the process ends."""
    type: str = ""
    """Of the job, like its headers."""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Node:
    """An element, resolved."""

    index: int
    id: str
    name: str
    kind: str
    """The element's tag, e.g. ``serviceTask``; ``process`` for node 0."""
    scope: int
    """Index of the node that directly holds it; -1 for the process."""
    element: Element | Process
    texts: dict[str, Compiled] = field(default_factory=dict)
    """Compiled text attributes by name, e.g. ``job.type``; empty attributes are absent."""
    inputs: tuple[CompiledMapping, ...] = ()
    outputs: tuple[CompiledMapping, ...] = ()
    outgoing: tuple[Edge, ...] = ()
    incoming: tuple[Edge, ...] = ()
    default: Edge | None = None
    unconditional: bool = False
    """Whether all its outgoing flows are always taken."""
    boundaries: tuple[int, ...] = ()
    """Boundary events attached to it, compensation left out."""
    handler: int = -1
    """The activity that undoes it."""
    starts: tuple[int, ...] = ()
    """Of a process or sub-process: its start events."""
    triggers: tuple[Trigger, ...] = ()
    """What it waits for or throws: one, or those of a multiple event."""
    paths: tuple[int, ...] = ()
    """Of an inclusive or complex join: for each incoming flow the nodes (a bit set) from which a token can come to it
    without visiting the join.
    """
    parallel: bool = False
    """Of a catching event: all its triggers must happen, not one of them."""
    event_starts: tuple[int, ...] = ()
    """Of a scope: start events of the event sub-processes in it, compensation left out."""
    parameters: tuple[Mapping[str, Data], ...] = ()
    """What an agent that chooses it has to supply: the ``fromAi`` calls of its input mappings."""
    behaviors: tuple[Behavior, ...] = ()
    """Of a multi-instance activity: what it throws when an inner instance completes."""
    data_in: tuple[Copy, ...] = ()
    data_out: tuple[Copy, ...] = ()
    data_objects: tuple[str, ...] = ()
    """Of a sub-process: its own."""
    new_evidence: str = ""
    """redo, ask, or empty: what it has read is not remembered."""
    listeners: Mapping[str, tuple[Listening, ...]] = field(default_factory=dict)
    """By the event that they wait for."""
    straight: Path | None = None
    """What follows when it is done, if all on the way is plain."""

    @property
    def label(self) -> str:
        """What a person calls it: its name with its id."""
        return f'"{self.name}" ({self.id})' if self.name else self.id


@dataclass(slots=True, frozen=True)
class Property:
    """Of a conversation: how one message says it, and how the instance knows it."""

    retrieval: Compiled
    binding: Compiled | None


@dataclass(slots=True, frozen=True)
class Conversation:
    """A correlation key as one message states it."""

    id: str
    properties: tuple[Property, ...]


@dataclass(slots=True)
class Graph:
    process: Process
    definition: str
    """The content hash."""
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    by_id: dict[str, int]
    path_joins: frozenset[int] = frozenset()
    """Inclusive and complex gateways with several incoming flows: they look at where tokens still may come from."""
    conversations: Mapping[str, tuple[Conversation, ...]] = field(default_factory=dict)
    """By the name of the message that states all properties of the key."""
    calendars: Mapping[str, Any] = field(default_factory=dict)
    """Business calendars by name, ready to reckon with (``kernel/shared/calendars.py``)."""
    watches: bool = False
    """Whether changes of variables must be told apart: for new evidence, or for conditions that ask how one changed."""
    start_messages: tuple[str, ...] | None = None
    """Names of the messages that start an instance, once somebody has asked (``engine/commands/start_events.py``)."""
