"""Where the builder draws: scopes, open ends, joins that the author need not mention, and forward references.

The author's steps follow one another, so the canvas keeps the *open ends*: the places from which the next step will be
reached. A branch opens an end with a condition; ``ends``, ``fails`` and ``goto`` close them; a step connects all of
them, through a gateway when there are several.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import msgspec

from clearance.build.errors import AuthorError, author_line
from clearance.build.texts import slug
from clearance.model.definition import (
    Association,
    CompensateDefinition,
    Element,
    EndEvent,
    EventBasedGateway,
    ExclusiveGateway,
    Flow,
    InclusiveGateway,
    IntermediateThrowEvent,
    ParallelGateway,
    StartEvent,
    SubProcess,
)

Gateway = ExclusiveGateway | InclusiveGateway | ParallelGateway | EventBasedGateway


@dataclass(frozen=True)
class End:
    """An open end: where the next step is reached from, and under which condition."""

    source: str
    serial: int
    """Flows are written in the order in which their ends were opened; a gateway tries its conditions in that order."""
    condition: str = ""
    name: str = ""
    default: bool = False


@dataclass
class Scope:
    """A process or sub-process being drawn."""

    id: str
    elements: dict[str, Element] = field(default_factory=dict)
    flows: list[tuple[int, Flow]] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    associations: list[Association] = field(default_factory=list)


@dataclass(frozen=True)
class _Goto:
    ends: tuple[End, ...]
    name: str
    scope: Scope
    where: str


class Canvas:
    """The drawing of one process."""

    def __init__(self) -> None:
        self.scopes = [Scope("")]
        self._ids: set[str] = set()
        self._named: dict[str, list[tuple[str, Scope]]] = {}
        self._gotos: list[_Goto] = []
        self._undone: set[str] = set()
        self._undos: list[tuple[Scope, str, str, str]] = []
        self._places: dict[str, str] = {}
        self._inner: dict[str, list[Association]] = {}
        self._serial = 0

    @property
    def scope(self) -> Scope:
        """The innermost scope that is being drawn."""
        return self.scopes[-1]

    def id_for(self, name: str, otherwise: str) -> str:
        """A new id from the name; the second step of the same name gets ``-2``."""
        wished = slug(name, otherwise)
        candidate, number = wished, 2
        while candidate in self._ids:
            candidate, number = f"{wished}-{number}", number + 1
        self._ids.add(candidate)
        self._places[candidate] = author_line()
        return candidate

    def end(self, source: str, condition: str = "", name: str = "", *, default: bool = False) -> End:
        """A new open end."""
        self._serial += 1
        return End(source, self._serial, condition, name, default)

    # ---- drawing -------------------------------------------------------------------------------------------------

    def add(self, element: Element) -> None:
        """Put an element into the current scope, unconnected."""
        self.scope.elements[element.id] = element
        if element.name:
            self._named.setdefault(element.name, []).append((element.id, self.scope))

    def replace(self, element: Element) -> None:
        """Exchange an element of the current scope for its finished form."""
        self.scope.elements[element.id] = element

    def place(self, element: Element) -> None:
        """Put the next element behind all open ends; it becomes the open end unless it ends the path."""
        self._start_if_new()
        if not self.scope.ends:
            raise AuthorError(
                f'nothing leads to "{element.name or element.id}": the step before it ends the path, '
                "or it stands between branches",
                "Remove what ends the path, or put the step into a branch",
            )
        if len(self.scope.ends) > 1 and not isinstance(element, EndEvent):
            join = ExclusiveGateway(id=self.id_for(f"before {element.id}", "join"))
            self._connect_all(join.id)
            self.add(join)
            self.scope.ends = [self.end(join.id)]
        self._connect_all(element.id)
        self.add(element)
        self.scope.ends = [] if isinstance(element, EndEvent) else [self.end(element.id)]

    def start(self, event: StartEvent) -> None:
        """Put a start event beside the ones that are there."""
        if any(not isinstance(element, StartEvent) for element in self.scope.elements.values()):
            raise AuthorError(f'"{event.name}" starts the process after its first step', "Write all starts first")
        self.add(event)
        self.scope.ends.append(self.end(event.id))

    def join(self, gateway: Gateway) -> None:
        """Merge all open ends in a gateway of that kind, when there are several."""
        if len(self.scope.ends) > 1:
            self._connect_all(gateway.id)
            self.add(gateway)
            self.scope.ends = [self.end(gateway.id)]

    def merge(self, name: str) -> None:
        """Let several open ends of one branch become one."""
        if len(self.scope.ends) > 1:
            self.join(ExclusiveGateway(id=self.id_for(f"{name} merged", "join")))

    def goto(self, name: str) -> None:
        """Send the open ends to a step by its name; it may come later."""
        self._start_if_new()
        if not self.scope.ends:
            raise AuthorError(f'nothing goes to "{name}": the step before ends the path', "Remove the goto")
        self._gotos.append(_Goto(tuple(self.scope.ends), name, self.scope, author_line()))
        self.scope.ends = []

    def undo(self, event: IntermediateThrowEvent, activity: str) -> None:
        """Place a compensation event; the activity is found by its name when the drawing is finished."""
        self.place(event)
        if activity:
            self._undos.append((self.scope, event.id, activity, author_line()))

    def can_be_undone(self, activity: str, link: Association) -> None:
        """Note that an activity has a compensation handler."""
        self._undone.add(activity)
        self.scope.associations.append(link)

    @contextmanager
    def aside(self, end: End) -> Iterator[list[End]]:
        """Draw from that end alone; yields a list that afterwards holds what is still open, and restores the others."""
        scope, before, left = self.scope, self.scope.ends, list[End]()
        scope.ends = [end]
        yield left
        left.extend(scope.ends)
        scope.ends = before

    def enter(self, identifier: str) -> None:
        """Begin the content of a sub-process."""
        self.scopes.append(Scope(identifier))

    def leave(self, *, name: str) -> tuple[tuple[Element, ...], tuple[Flow, ...]]:
        """Finish the content of the innermost scope; its open ends get an end event."""
        scope = self.scope
        if not scope.elements:
            raise AuthorError(f'"{name}" has no steps', "Write its steps inside the with block")
        self.close()
        self._resolve_gotos(scope)
        self.scopes.pop()
        if self.scopes:
            self._inner[scope.id] = scope.associations
        flows = tuple(flow for _, flow in sorted(scope.flows, key=lambda pair: pair[0]))
        return tuple(scope.elements.values()), flows

    def associations(self, elements: tuple[Element, ...], own: list[Association]) -> Iterator[Association]:
        """All links to compensation handlers, outer scopes first, as the BPMN file holds them."""
        yield from own
        for element in elements:
            if isinstance(element, SubProcess):
                yield from self.associations(element.elements, self._inner.get(element.id, []))

    def close(self) -> None:
        """Give the open ends of the scope an unnamed end event."""
        if self.scope.ends:
            self.place(EndEvent(id=self.id_for(f"{self.scope.id} end", "end")))

    # ---- connecting ----------------------------------------------------------------------------------------------

    def _start_if_new(self) -> None:
        if not self.scope.elements:
            self.start(StartEvent(id=self.id_for(f"{self.scope.id} start", "start")))

    def _connect_all(self, target: str) -> None:
        for end in self.scope.ends:
            self._connect(self.scope, end, target)

    def _connect(self, scope: Scope, end: End, target: str) -> None:
        identifier = self.id_for(f"{end.source} to {target}", "flow")
        flow = Flow(id=identifier, source=end.source, target=target, name=end.name, condition=end.condition)
        scope.flows.append((end.serial, flow))
        source = scope.elements[end.source]
        if end.default and isinstance(source, ExclusiveGateway | InclusiveGateway):
            scope.elements[end.source] = msgspec.structs.replace(source, default=identifier)

    def _resolve_gotos(self, scope: Scope) -> None:
        for goto in [goto for goto in self._gotos if goto.scope is scope]:
            target = self._find(goto.name, scope, goto.where)
            element = scope.elements[target]
            if isinstance(element, StartEvent | ParallelGateway):
                raise AuthorError(
                    f'goto("{goto.name}") cannot enter a {"start" if isinstance(element, StartEvent) else "together"}',
                    "Go to a step",
                    goto.where,
                )
            for end in goto.ends:
                self._connect(scope, end, target)
        for owner, event, activity, where in [undo for undo in self._undos if undo[0] is scope]:
            target = self._find(activity, owner, where)
            if target not in self._undone:
                raise AuthorError(f'"{activity}" has nothing that undoes it', "Say undone_by on that step", where)
            throw = scope.elements[event]
            if isinstance(throw, IntermediateThrowEvent):
                scope.elements[event] = msgspec.structs.replace(throw, definition=CompensateDefinition(activity=target))

    def _find(self, name: str, scope: Scope, where: str) -> str:
        found = self._named.get(name, [])
        here = [identifier for identifier, owner in found if owner is scope]
        if len(here) == 1:
            return here[0]
        if here:
            places = ", ".join(self._places[identifier] for identifier in here)
            raise AuthorError(
                f'there are {len(here)} steps named "{name}" ({places})', "Give them different names", where
            )
        if found:
            raise AuthorError(f'"{name}" lies in another group', "Refer to a step of the same group", where)
        names = ", ".join(f'"{known}"' for known, owners in self._named.items() if any(o is scope for _, o in owners))
        raise AuthorError(f'there is no step named "{name}"', f"The steps here are: {names}", where)


def conditional(end: End, condition: str, name: str) -> End:
    """The end with a condition and a name on its flow."""
    return replace(end, condition=condition, name=name)
