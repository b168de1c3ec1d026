"""The compiler's state: local names and their slots, free names, and what the expression needs to run.

Each node of the tree becomes one Python closure, called with the environment: a list of the context (free names), the
:class:`Run` or None, and one slot for each local name. Names are resolved here, once; at run time a local name is an
index. A slot belongs to one place in the text, so that loops need no new environment; only a function's call copies it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from clearance.feel.bounds import Bounds
from clearance.feel.lexer import place
from clearance.feel.problems import Evaluator, Where
from clearance.feel.syntax import Node
from clearance.feel.types import Type

CONTEXT, RUN, FIRST_SLOT = 0, 1, 2


class Scope:
    """Local names of one place in the tree: of a loop, a function or a context; or the item of a filter."""

    def __init__(self, parent: "Scope | None", slots: dict[str, int], item: int | None = None) -> None:
        self.parent = parent
        self.slots = slots
        self.item = item
        """In a filter, the slot of the list's element, whose own entries are in scope by name."""


class Compiler:
    """Turns nodes into evaluators by a table from node type to function (see ``compiler/__init__.py``)."""

    def __init__(
        self,
        text: str,
        table: "Mapping[type[Node], Callable[[Compiler, Any], Evaluator]]",
        builtins: Mapping[str, Any],
        names: frozenset[str],
        types: Mapping[str, Type],
        bounds: Bounds,
    ) -> None:
        self.text = text
        self.builtins = builtins
        self.names = names
        self.types = types
        self.bounds = bounds
        self.scope: Scope | None = None
        self.size = FIRST_SLOT
        self.reads: set[str] = set()
        self.needs_run = False
        """True when evaluation spends bounds or asks for the time; otherwise the environment's Run may be None."""
        self._table = table

    def compile(self, node: Node) -> Evaluator:
        """The evaluator of a node."""
        return self._table[type(node)](self, node)

    def where(self, node: Node) -> Where:
        """Line and column of a node, for problems."""
        return place(self.text, node.at)

    def slot(self) -> int:
        """A new slot of the environment."""
        self.size += 1
        return self.size - 1

    def enter(self, *names: str, item: int | None = None) -> Scope:
        """A new innermost scope with a slot for each name; give it to :meth:`leave`."""
        self.scope = Scope(self.scope, {name: self.slot() for name in names}, item)
        return self.scope

    def leave(self, scope: Scope) -> None:
        """End a scope."""
        self.scope = scope.parent

    def resolve(self, name: str) -> tuple[int | None, list[int]]:
        """The slot of a local name, or None for a free one; and the filter items that may hold it as a key first."""
        items: list[int] = []
        scope = self.scope
        while scope is not None:
            if name in scope.slots:
                return scope.slots[name], items
            if scope.item is not None:
                items.append(scope.item)
            scope = scope.parent
        return None, items
