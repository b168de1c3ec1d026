"""The working of one command: the state it changes, what it has recorded so far and what is still to be done.

Deciders get a :class:`Step`, read the instance and call :meth:`Step.record`; the event is applied at once, so that
whoever decides next sees it. Follow-ups go on a worklist and never become nested calls: behaviours do not call each
other.
"""

from collections import deque
from datetime import UTC, datetime

import msgspec

from clearance.kernel.appliers import APPLIERS
from clearance.kernel.state import ElementInstance, Instance
from clearance.model.effects import Effect
from clearance.model.events import Event, VariablesSet
from clearance.model.graph import Graph, Node
from clearance.model.ports import Decisions

ACTIVATE = "activate"
COMPLETE = "complete"
AGAIN = "again"


class Limits(msgspec.Struct, frozen=True):
    """Bounds on what one command may lead to."""

    repeats_max: int = 1000
    """How often one element may be activated in one scope by one command: beyond that it loops without a wait state."""
    loop_items_max: int = 100_000
    """Inner instances of one multi-instance activity."""


class Fault(Exception):
    """A decision cannot be made; it becomes an incident on the element (never leaves the kernel)."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class Refused(Exception):
    """The command asks for what may not be; it becomes a refusal (never leaves the kernel)."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


class Step:
    """One command at work on one instance."""

    __slots__ = (
        "_moment",
        "changed",
        "created",
        "decisions",
        "effects",
        "events",
        "graph",
        "instance",
        "limits",
        "met",
        "next_key",
        "now",
        "repeats",
        "settled",
        "target",
        "work",
    )

    def __init__(
        self,
        graph: Graph,
        instance: Instance,
        now: int,
        next_key: int,
        decisions: Decisions | None,
        limits: Limits,
        target: Graph | None = None,
    ) -> None:
        self.graph = graph
        self.instance = instance
        self.now = now
        self.decisions = decisions
        self.limits = limits
        self.target = target
        """Of a migration: the graph to go on by."""
        self.events: list[Event] = []
        self.effects: list[Effect] = []
        self.work: deque[tuple[str, int]] = deque()
        self.next_key = next_key
        self._moment: datetime | None = None
        self.repeats: dict[tuple[int, int], int] = {}
        """How often each element (node, scope) was entered."""
        self.changed: list[tuple[int, str]] = []
        """Variables (scope, name) whose value has become another one, where finished steps may have read them."""
        self.created: set[tuple[int, str]] = set()
        """Variables that did not exist before, where a condition asks for that."""
        self.met: dict[int, int] = {}
        """How often each condition has become true."""
        self.settled = 0
        """How many of the events conditions have taken into account."""

    def key(self) -> int:
        """A new key."""
        key = self.next_key
        self.next_key = key + 1
        return key

    @property
    def moment(self) -> datetime:
        """``now`` as expressions see it."""
        if self._moment is None:
            self._moment = datetime.fromtimestamp(self.now / 1000, UTC)
        return self._moment

    def record(self, event: Event) -> None:
        """It has happened: keep it and let it change the state."""
        if self.graph.watches and type(event) is VariablesSet:
            self._compare(event)
        self.events.append(event)
        APPLIERS[type(event)](self.instance, event, self.graph)

    def _compare(self, event: VariablesSet) -> None:
        before = self.instance.elements[event.scope].variables
        for name, value in event.values.items():
            if name not in before:
                self.created.add((event.scope, name))
            elif before[name].data != value.data:
                self.changed.append((event.scope, name))

    def follow(self, what: str, key: int) -> None:
        """Do this to the element instance once what is being done now is done."""
        self.work.append((what, key))

    def node_of(self, element: ElementInstance) -> Node:
        return self.graph.nodes[element.node]
