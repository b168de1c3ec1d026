"""The syntax tree: one small frozen struct for each kind of FEEL expression (10.3.1.2).

``at`` is the offset in the text where the node begins; it is no part of what the expression means (see
:func:`meaning`). The parser builds the tree, ``compiler/`` turns it into functions, ``printer.py`` turns it back into
text.
"""

from typing import Any

import msgspec


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """The base of all nodes."""

    at: int = 0


class Literal(Node, frozen=True):
    """A number, string, boolean, null, date, time, date and time or duration."""

    value: Any


class Name(Node, frozen=True):
    """A variable or function by its (normalised) name."""

    name: str


class Negation(Node, frozen=True):
    """``-e``."""

    operand: Node


class Arithmetic(Node, frozen=True):
    """``left operator right`` with + - * / or **."""

    operator: str
    left: Node
    right: Node


class Comparison(Node, frozen=True):
    """``left operator right`` with = != < <= > or >=."""

    operator: str
    left: Node
    right: Node


class Junction(Node, frozen=True):
    """``and`` or ``or`` of two or more operands."""

    operator: str
    operands: tuple[Node, ...]


class Between(Node, frozen=True):
    """``value between low and high``."""

    value: Node
    low: Node
    high: Node


class In(Node, frozen=True):
    """``value in test`` or ``value in (test, ...)``."""

    value: Node
    tests: tuple[Node, ...]


class If(Node, frozen=True):
    """``if condition then consequence else alternative``."""

    condition: Node
    consequence: Node
    alternative: Node


class Iteration(Node, frozen=True):
    """``name in start`` or ``name in start..end``."""

    name: str
    start: Node
    end: Node | None = None


class For(Node, frozen=True):
    """``for iterations return result``."""

    iterations: tuple[Iteration, ...]
    result: Node


class Quantified(Node, frozen=True):
    """``some`` or ``every`` iterations ``satisfies`` condition."""

    quantifier: str
    iterations: tuple[Iteration, ...]
    condition: Node


class InstanceOf(Node, frozen=True):
    """``value instance of type``."""

    value: Node
    type: "TypeNode"


class Path(Node, frozen=True):
    """``base.name``."""

    base: Node
    name: str


class Filter(Node, frozen=True):
    """``base[condition]``."""

    base: Node
    condition: Node


class Invocation(Node, frozen=True):
    """``function(arguments)``; ``names`` is empty for positional arguments."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()


class Interval(Node, frozen=True):
    """``[start..end]`` and its open forms."""

    start: Node
    end: Node
    start_included: bool
    end_included: bool


class UnaryComparison(Node, frozen=True):
    """``< e``, ``<= e``, ``> e``, ``>= e``, ``= e`` or ``!= e``: a range of one endpoint, or a test of ``?``."""

    operator: str
    endpoint: Node


class ListNode(Node, frozen=True):
    """``[a, b]``."""

    items: tuple[Node, ...]


class ContextNode(Node, frozen=True):
    """``{key: value}``."""

    entries: tuple[tuple[str, Node], ...]


class FormalParameter(Node, frozen=True):
    """A parameter of a function definition."""

    name: str
    type: "TypeNode | None" = None


class FunctionNode(Node, frozen=True):
    """``function(parameters) body``, or with ``external`` a mapping instead of a body."""

    parameters: tuple[FormalParameter, ...]
    body: Node
    external: bool = False


class TypeNode(Node, frozen=True):
    """A type by name, or list, range, context or function with its parts."""

    name: str
    fields: tuple[tuple[str, "TypeNode"], ...] = ()
    """Parts: of a context by name; of the others with empty names."""
    result: "TypeNode | None" = None
    """What a function type returns."""


class UnaryTestsNode(Node, frozen=True):
    """A decision table's cell: tests of ``?``; no tests for ``-``."""

    tests: tuple[Node, ...]
    negated: bool = False


def meaning(node: Any) -> Any:
    """The tree without its positions: equal for texts that mean the same, differ they in white space or not."""
    if isinstance(node, Node):
        parts = {name: meaning(getattr(node, name)) for name in node.__struct_fields__ if name != "at"}
        return (type(node).__name__, tuple(parts.items()))
    if isinstance(node, tuple):
        return tuple(meaning(item) for item in node)
    return (type(node).__name__ if isinstance(node, bool) else "", node)
