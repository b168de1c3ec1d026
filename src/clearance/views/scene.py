"""What a view's handler may know while an event is projected: where and when it happened, and in which definition.

Views are written in ledger order by one thread, so the scene also carries the caches that make this fast; each can be
emptied at any time and is filled again from the view database itself.
"""

import sqlite3
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import msgspec

from clearance.ledger import numbering
from clearance.ledger.chain import Transition
from clearance.ledger.rows import Entry
from clearance.model.definition import Process, walk

K = TypeVar("K")
V = TypeVar("V")

CACHE_MAX = 50_000
"""Entries of each cache before it is emptied."""


class Place(NamedTuple):
    """An element of a definition, at its graph index."""

    id: str
    name: str
    type: str
    """Camunda's name of the element type, e.g. ``SERVICE_TASK``."""

    @property
    def title(self) -> str:
        return self.name or self.id


class Graph(NamedTuple):
    """A definition as far as views need it; ``places`` are in graph order."""

    key: int
    process: str
    places: tuple[Place, ...]
    roles: tuple[str, ...]
    """Candidate groups that its user tasks name in plain text."""


class Job(NamedTuple):
    """What is done for an element instance, and by which kind of actor."""

    element: int
    type: str


UNKNOWN = Place("", "", "UNKNOWN")
NO_JOB = Job(0, "")


def places_of(process: Process) -> tuple[Place, ...]:
    """The process itself, then its elements in the order of :func:`clearance.model.definition.walk`."""
    elements = (Place(element.id, element.name, _type_of(element)) for element, _ in walk(process))
    return (Place(process.id, process.name, "PROCESS"), *elements)


def _type_of(element: object) -> str:
    tag = str(type(element).__struct_config__.tag)  # type: ignore[attr-defined]
    name = "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in tag)
    if name == "SUB_PROCESS" and getattr(element, "triggered_by_event", False):
        return "EVENT_SUB_PROCESS"
    return name


class Scene:
    """One per projector; ``enter`` moves it to the next ledger entry."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.execute = connection.execute
        self.shard = 0
        self.position = 0
        """The entry's place: a number that no other shard's entry has."""
        self.at = 0
        self.instance = 0
        self.hash = b""
        self.rulings = 0
        """How many of the entry have been kept so far."""
        self.transition = Transition(0, 0, 0, 0, {}, ())
        self.topics: set[str] = set()
        """What changed, for those who watch."""
        self._graphs: dict[int, Graph] = {}
        self._definition_of: dict[int, int] = {}
        self._place_of: dict[int, Place] = {}
        self._jobs: dict[int, Job] = {}

    def enter(self, entry: Entry, transition: Transition, shard: int = 0) -> None:
        self.shard = shard
        self.position = numbering.place_of(entry.position, shard)
        self.at = transition.at
        self.instance = entry.stream
        self.hash = entry.hash
        self.rulings = 0
        self.transition = transition

    def forget(self) -> None:
        """Empty every cache: after a rollback they may hold what was never written."""
        self._graphs.clear()
        self._definition_of.clear()
        self._place_of.clear()
        self._jobs.clear()

    def graph(self) -> Graph:
        """The definition of the instance that the entry belongs to."""
        key = self._definition_of.get(self.instance)
        if key is None:
            row = self.execute("SELECT definition FROM instances WHERE key = ?", (self.instance,)).fetchone()
            key = _put(self._definition_of, self.instance, row[0] if row else 0)
        return self._graph(key)

    def moved(self) -> None:
        """The instance goes on by another definition."""
        self._definition_of.pop(self.instance, None)
        self._place_of.clear()

    def _graph(self, definition: int) -> Graph:
        known = self._graphs.get(definition)
        return known if known is not None else _put(self._graphs, definition, self._load(definition))

    def place(self, element: int) -> Place:
        """Where an element instance of this scene's instance stands in its definition."""
        known = self._place_of.get(element)
        if known is None:
            row = self.execute("SELECT node, definition FROM elements WHERE key = ?", (element,)).fetchone()
            known = _put(self._place_of, element, _at(self._graph(row[1]), row[0]) if row else UNKNOWN)
        return known

    def place_at(self, node: int) -> Place:
        return _at(self.graph(), node)

    def noted(self, element: int, node: int) -> None:
        """Spare :meth:`place` a query for an element instance that has just come to be."""
        _put(self._place_of, element, self.place_at(node))

    def job(self, key: int) -> Job:
        known = self._jobs.get(key)
        if known is None:
            row = self.execute("SELECT element, type FROM jobs WHERE key = ?", (key,)).fetchone()
            known = _put(self._jobs, key, Job(*row)) if row else NO_JOB
        return known

    def noted_job(self, key: int, job: Job) -> None:
        """Spare :meth:`job` a query for a job that has just come to be."""
        _put(self._jobs, key, job)

    def _load(self, key: int) -> Graph:
        row = self.execute("SELECT process, places, roles FROM definitions WHERE key = ?", (key,)).fetchone()
        if row is None:
            return Graph(0, "", (), ())
        places = tuple(Place(*place) for place in msgspec.json.decode(row[1], type=list[tuple[str, str, str]]))
        return Graph(key, row[0], places, tuple(msgspec.json.decode(row[2], type=list[str])))


Handler = Callable[[Scene, Any], None]


class View(msgspec.Struct, frozen=True):
    """One read model: its tables, and what each kind of event does to them."""

    name: str
    schema: str
    handlers: dict[type, Handler] = {}
    entry: Callable[[Scene], None] | None = None
    """Called once an entry, after all its events."""


def _at(graph: Graph, node: int) -> Place:
    if 0 <= node < len(graph.places):
        return graph.places[node]
    return UNKNOWN if node else Place("", "", "PROCESS")


def _put(cache: dict[K, V], key: K, value: V) -> V:
    if len(cache) >= CACHE_MAX:
        cache.clear()
    cache[key] = value
    return value
