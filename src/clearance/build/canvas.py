"""Where the builder draws: scopes, open ends, joins that the author need not mention.

The author's steps follow one another, so the canvas keeps the *open ends*: the places from which the next step will be
reached. A branch opens an end with a condition; ``ends``, ``fails`` and ``goto`` close them; a step connects all of
them, through a gateway when there are several. Where next: ``references.py`` for what is said by name.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import msgspec

from clearance.build.errors import AuthorError, author_line
from clearance.build.references import References
from clearance.build.scope import ALONE, BEGINS, FREE, GOES_ON, End, Scope
from clearance.build.texts import slug
from clearance.model.definition import (
    Activity,
    Association,
    ComplexGateway,
    Element,
    EndEvent,
    EventBasedGateway,
    ExclusiveGateway,
    Flow,
    InclusiveGateway,
    ParallelGateway,
    StartEvent,
    SubProcess,
)

Gateway = ExclusiveGateway | InclusiveGateway | ParallelGateway | EventBasedGateway | ComplexGateway
WithDefault = ExclusiveGateway | InclusiveGateway | ComplexGateway | Activity


class Canvas:
    """The drawing of one process."""

    def __init__(self, taken: set[str] | None = None) -> None:
        self.scopes = [Scope("")]
        self.references = References()
        self._ids: set[str] = set() if taken is None else taken
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
        self.references.places[candidate] = author_line()
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
            self.references.name(element, self.scope)

    def replace(self, element: Element) -> None:
        """Exchange an element of the current scope for its finished form."""
        self.scope.elements[element.id] = element

    def place(self, element: Element, *, joins: bool = False) -> None:
        """Put the next element behind all open ends; it becomes the open end unless it ends the path.

        Several open ends meet in a gateway first, unless the element ``joins`` them itself.
        """
        scope = self.scope
        if scope.kind == FREE and isinstance(element, EndEvent):
            raise AuthorError("steps that are chosen freely have no end of their own", "Leave the end out")
        if not scope.takes_up():
            self._start_if_new()
            self._must_be_reached(element)
            if len(scope.ends) > 1 and not joins and not isinstance(element, EndEvent):
                join = ExclusiveGateway(id=self.id_for(f"before {element.id}", "join"))
                self._connect_all(join.id)
                self.add(join)
                scope.ends = [self.end(join.id)]
        self._connect_all(element.id)
        self.add(element)
        scope.begun = True
        if joins:
            scope.meetings.add(element.id)
        scope.ends = [] if isinstance(element, EndEvent) else [self.end(element.id)]

    def begin(self, element: Element) -> None:
        """Put what starts the scope beside what else does."""
        if self.scope.kind == FREE:
            raise AuthorError(f'"{element.name}" starts steps that are chosen freely', "Leave the start out")
        if self.scope.begun:
            raise AuthorError(f'"{element.name}" starts the process after its first step', "Write all starts first")
        self.add(element)
        self.scope.beginnings += 1
        self.scope.ends.append(self.end(element.id))

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
        self.references.goto(name, self.scope)

    def can_be_undone(self, activity: str, link: Association) -> None:
        """Note that an activity has a compensation handler."""
        self.references.undone.add(activity)
        self.scope.associations.append(link)

    @contextmanager
    def aside(self, end: End) -> Iterator[list[End]]:
        """Draw from that end alone; yields a list that afterwards holds what is still open, and restores the others."""
        scope, before, left = self.scope, (self.scope.ends, self.scope.strand), list[End]()
        scope.ends, scope.strand = [end], GOES_ON
        yield left
        left.extend(scope.ends)
        scope.ends, scope.strand = before

    @contextmanager
    def strand(self) -> Iterator[None]:
        """Draw steps that follow one another among those that are chosen freely."""
        scope = self.scope
        if scope.kind != FREE or scope.strand != ALONE:
            raise AuthorError("steps follow one another here anyway", "Leave in_order out")
        scope.ends, scope.strand = [], BEGINS
        yield
        scope.ends, scope.strand = [], ALONE

    # ---- scopes --------------------------------------------------------------------------------------------------

    def enter(self, identifier: str, kind: str) -> None:
        """Begin the content of a sub-process."""
        self.scopes.append(Scope(identifier, kind, self.scope))

    def leave(self, *, name: str) -> tuple[tuple[Element, ...], tuple[Flow, ...]]:
        """Finish the content of the innermost scope; its open ends get an end event."""
        scope = self.scope
        if not scope.elements:
            raise AuthorError(f'"{name}" has no steps', "Write its steps inside the with block")
        self.close()
        for goto, target in self.references.gotos_of(scope):
            for end in goto.ends:
                self._connect(scope, end, target)
        self.references.check_links(scope)
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
        """Give the open ends of the scope an unnamed end event; what is chosen freely just ends."""
        if self.scope.kind == FREE:
            self.scope.ends = []
        if self.scope.ends:
            self.place(EndEvent(id=self.id_for(f"{self.scope.id} end", "end")))

    # ---- connecting ----------------------------------------------------------------------------------------------

    def _start_if_new(self) -> None:
        if not self.scope.beginnings and self.scope.kind != FREE:
            self.begin(StartEvent(id=self.id_for(f"{self.scope.id} start", "start")))

    def _must_be_reached(self, element: Element) -> None:
        if not self.scope.ends:
            raise AuthorError(
                f'nothing leads to "{element.name or element.id}": the step before it ends the path, '
                "or it stands between branches",
                "Remove what ends the path, or put the step into a branch",
            )

    def _connect_all(self, target: str) -> None:
        for end in self.scope.ends:
            self._connect(self.scope, end, target)

    def _connect(self, scope: Scope, end: End, target: str) -> None:
        identifier = self.id_for(f"{end.source} to {target}", "flow")
        flow = Flow(id=identifier, source=end.source, target=target, name=end.name, condition=end.condition)
        scope.flows.append((end.serial, flow))
        source = scope.elements[end.source]
        if end.default and isinstance(source, WithDefault):
            scope.elements[end.source] = msgspec.structs.replace(source, default=identifier)


def conditional(end: End, condition: str, name: str) -> End:
    """The end with a condition and a name on its flow."""
    return replace(end, condition=condition, name=name)
