"""What the author says by name, before or after it is drawn: goto, undo, links, the steps to begin with."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import msgspec

from clearance.build.errors import AuthorError, author_line
from clearance.build.scope import EVENT, End, Scope
from clearance.model.definition import (
    CompensateDefinition,
    Element,
    EndEvent,
    EventBasedGateway,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    LinkDefinition,
    ParallelGateway,
    StartEvent,
    SubProcess,
)


@dataclass(frozen=True)
class Goto:
    """Open ends that go to a step of that name."""

    ends: tuple[End, ...]
    name: str
    scope: Scope
    where: str


@dataclass(frozen=True)
class _Undo:
    scope: Scope
    event: str
    activity: str
    where: str


class References:
    """Names and what refers to them; each is resolved within its scope once that is drawn."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}
        """The Python line of each id."""
        self.undone: set[str] = set()
        """Activities that have a compensation handler."""
        self._named: dict[str, list[tuple[str, Scope]]] = {}
        self._gotos: list[Goto] = []
        self._undos: list[_Undo] = []

    def name(self, element: Element, scope: Scope) -> None:
        """Note where the element is found by its name."""
        self._named.setdefault(element.name, []).append((element.id, scope))

    def goto(self, name: str, scope: Scope) -> None:
        """Send the scope's open ends there."""
        self._gotos.append(Goto(tuple(scope.ends), name, scope, author_line()))
        scope.ends = []

    def undo(self, event: str, activity: str, scope: Scope) -> None:
        """Let a compensation event undo that activity."""
        self._undos.append(_Undo(scope, event, activity, author_line()))

    def gotos_of(self, scope: Scope) -> Iterator[tuple[Goto, str]]:
        """All that go somewhere in the scope, with the id of where to."""
        for goto in [goto for goto in self._gotos if goto.scope is scope]:
            target = self.find(goto.name, scope, goto.where)
            element = scope.elements[target]
            kind = ""
            if isinstance(element, StartEvent) or (isinstance(element, EventBasedGateway) and element.instantiate):
                kind = "start"
            elif isinstance(element, ParallelGateway) and target not in scope.meetings:
                kind = "together"
            if kind:
                raise AuthorError(f'goto("{goto.name}") cannot enter a {kind}', "Go to a step", goto.where)
            yield goto, target

    def check_links(self, scope: Scope) -> None:
        """Every link leads to one place in its scope (10.5.1)."""
        thrown: dict[str, str] = {}
        caught: dict[str, str] = {}
        for element in scope.elements.values():
            definition = getattr(element, "definition", None)
            if not isinstance(definition, LinkDefinition):
                continue
            where = self.places[element.id]
            if isinstance(element, IntermediateCatchEvent) and caught.setdefault(definition.name, where) != where:
                raise AuthorError(f'two places are reached by the link "{definition.name}"', "Keep one", where)
            if isinstance(element, IntermediateThrowEvent):
                thrown[definition.name] = where
        for name in sorted({*thrown, *caught}):
            if name not in caught:
                raise AuthorError(f'the link "{name}" leads nowhere', f'Say continues("{name}")', thrown[name])
            if name not in thrown:
                raise AuthorError(f'no link leads to "{name}"', f'Say link("{name}") somewhere', caught[name])

    def with_undone(self, elements: tuple[Element, ...]) -> tuple[Element, ...]:
        """The finished elements; compensation events know the activities that they undo."""
        targets = {undo.event: self._target(undo) for undo in self._undos}
        return tuple(_with_undone(element, targets) for element in elements) if targets else elements

    def _target(self, undo: _Undo) -> str:
        scope = undo.scope
        while scope.kind == EVENT and scope.parent is not None and not self._here(undo.activity, scope):
            scope = scope.parent
        target = self.find(undo.activity, scope, undo.where)
        if target not in self.undone and not isinstance(scope.elements[target], SubProcess):
            raise AuthorError(f'"{undo.activity}" has nothing that undoes it', "Say undone_by on that step", undo.where)
        return target

    def _here(self, name: str, scope: Scope) -> list[str]:
        return [identifier for identifier, owner in self._named.get(name, []) if owner is scope]

    def find(self, name: str, scope: Scope, where: str) -> str:
        """The id of the only element of that name in the scope."""
        here = self._here(name, scope)
        if len(here) == 1:
            return here[0]
        if here:
            places = ", ".join(self.places[identifier] for identifier in here)
            raise AuthorError(
                f'there are {len(here)} steps named "{name}" ({places})', "Give them different names", where
            )
        if name in self._named:
            raise AuthorError(f'"{name}" lies in another group', "Refer to a step of the same group", where)
        names = ", ".join(f'"{known}"' for known, owners in self._named.items() if any(o is scope for _, o in owners))
        raise AuthorError(f'there is no step named "{name}"', f"The steps here are: {names}", where)

    def find_all(self, names: Iterable[str], scope: Scope, where: str) -> list[str]:
        """The ids of elements of these names in the scope."""
        return [self.find(name, scope, where) for name in names]


def _with_undone(element: Element, targets: dict[str, str]) -> Element:
    if isinstance(element, SubProcess):
        inner = tuple(_with_undone(part, targets) for part in element.elements)
        return msgspec.structs.replace(element, elements=inner)
    if element.id in targets and isinstance(element, IntermediateThrowEvent | EndEvent):
        definition = element.definition
        if isinstance(definition, CompensateDefinition):
            definition = msgspec.structs.replace(definition, activity=targets[element.id])
        return msgspec.structs.replace(element, definition=definition)
    return element
