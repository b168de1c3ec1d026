"""Bare words in columns of texts that FEEL reads as names, where the author may well have meant a text.

``not(gold)`` means the text "gold" until some column is called ``gold.price``: then it silently means that input, and
the rule never matches. So a word without quotes that FEEL reads as a name is reported wherever a text could stand:
alone in a cell, among alternatives, within ``not(...)``, in a list, as the argument of a function. Clear are a quoted
text, and a name in a comparison (``? = gold``), in a path (``gold.price``) and in ``string(gold)``. docs/dmn.md tells
authors the same. ``texts.py`` decides which columns are of texts, and how certain a finding must be.
"""

from collections.abc import Collection, Iterator
from enum import Enum

import msgspec

from clearance.feel import syntax
from clearance.feel.builtins import BUILTINS

_CLEARLY_NAMES = frozenset({"string", "is defined"})
"""Functions that nobody calls with a text: their argument is a name without doubt."""
_TAKES_TEXT = frozenset({"string", "any", "not null", "point"})
"""Domains of the parameters of built-in functions that a text fits into."""
_NO_TEXT = (syntax.Comparison, syntax.Junction, syntax.Between, syntax.In)


class Stands(Enum):
    """Where a bare word stands, which decides how the name would be written clearly there."""

    AS_TEST = "alone or among alternatives in an input cell"
    AS_RESULT = "alone in an output cell"
    AS_CONDITION = "an operand of and, or, or of a not that is no test"
    AMONG = "one of several after in"
    AS_ARGUMENT = "an argument that may be anything"
    AS_TEXT_ARGUMENT = "an argument that has to be a text"
    IN_SUM = "joined to other bare words with +"
    AS_FUNCTION = "called, although no function of that name takes so many arguments"
    IN_CALCULATION = "in a calculation, or a comparison as an output: neither gives a text"


class BareWord(msgspec.Struct, frozen=True):
    """A word that is read as a name, and where: ``at`` is its offset in the cell's FEEL text."""

    name: str
    at: int
    stands: Stands


def in_tests(tree: syntax.UnaryTestsNode, functions: Collection[str]) -> tuple[BareWord, ...]:
    """The bare words of an input cell; ``functions`` are the names that can be called beside the built-in ones."""
    walk = _Walk(functions)
    return tuple(word for test in tree.tests for word in walk.test(test, frozenset({"?"})))


def in_result(tree: syntax.Node, functions: Collection[str]) -> tuple[BareWord, ...]:
    """The bare words of an output cell. Arguments of functions are left to the caller: there names are the rule."""
    return tuple(_Walk(functions).result(tree, frozenset({"?"})))


class _Walk:
    """A walk through a cell's tree; ``bound`` are the names that the text itself introduces, as ``for`` does."""

    def __init__(self, functions: Collection[str]) -> None:
        self._functions = functions

    def test(self, node: syntax.Node, bound: frozenset[str]) -> Iterator[BareWord]:
        """What is in a test of an input cell."""
        if isinstance(node, syntax.Name):
            yield from _word(node, bound, Stands.AS_TEST)
        elif isinstance(node, syntax.ListNode):
            for item in node.items:
                yield from self.test(item, bound)
        elif isinstance(node, syntax.Interval):
            yield from _word(node.start, bound, Stands.AS_TEXT_ARGUMENT)
            yield from _word(node.end, bound, Stands.AS_TEXT_ARGUMENT)
            yield from self.inside(node, bound)
        elif isinstance(node, syntax.Arithmetic):
            yield from self._arithmetic(node, bound)
        else:
            yield from self.inside(node, bound)

    def result(self, node: syntax.Node, bound: frozenset[str]) -> Iterator[BareWord]:
        """What is in a value that an output cell gives."""
        if isinstance(node, syntax.Name):
            yield from _word(node, bound, Stands.AS_RESULT)
        elif isinstance(node, syntax.If):
            yield from self.inside(node.condition, bound)
            yield from self.result(node.consequence, bound)
            yield from self.result(node.alternative, bound)
        elif isinstance(node, syntax.ListNode):
            for item in node.items:
                yield from self.result(item, bound)
        elif isinstance(node, syntax.Arithmetic):
            yield from self._arithmetic(node, bound)
        elif isinstance(node, _NO_TEXT) or _called(node) == "not":
            yield from (BareWord(name.name, name.at, Stands.IN_CALCULATION) for name in _names(node, bound))
        else:
            yield from self.inside(node, bound)

    def inside(self, node: syntax.Node, bound: frozenset[str]) -> Iterator[BareWord]:
        """What is in a part where a name is clearly a name, such as a side of a comparison: only what it calls."""
        if isinstance(node, syntax.Invocation):
            yield from self._call(node, bound)
        elif isinstance(node, syntax.In):
            yield from self.inside(node.value, bound)
            for test in node.tests:
                yield from self._alternative(test, node, bound)
        elif isinstance(node, syntax.Junction):
            for operand in node.operands:
                yield from _word(operand, bound, Stands.AS_CONDITION)
                yield from self.inside(operand, bound)
        else:
            inner = bound | _introduced(node)
            for part in _parts(node):
                yield from self.inside(part, inner)

    def _arithmetic(self, node: syntax.Arithmetic, bound: frozenset[str]) -> Iterator[BareWord]:
        yield from self.inside(node, bound)
        leaves = list(_leaves(node))
        only_words = all(isinstance(leaf, syntax.Name) for leaf in leaves)
        if node.operator == "+" and not only_words:
            return
        stands = Stands.IN_SUM if node.operator == "+" else Stands.IN_CALCULATION
        for leaf in leaves:
            yield from _word(leaf, bound, stands)

    def _alternative(self, test: syntax.Node, node: syntax.In, bound: frozenset[str]) -> Iterator[BareWord]:
        """``amount in limits`` is about a list or range; several bare words, or ``?`` itself, may be about texts."""
        if not isinstance(test, syntax.Name):
            yield from self.test(test, bound)
        elif len(node.tests) > 1 or node.value == syntax.Name(name="?", at=node.value.at):
            yield from _word(test, bound, Stands.AMONG)

    def _call(self, node: syntax.Invocation, bound: frozenset[str]) -> Iterator[BareWord]:
        called = _called(node)
        if called and called not in self._functions and not _takes(called, node):
            yield from _word(node.function, bound, Stands.AS_FUNCTION)
        for index, argument in enumerate(node.arguments):
            domains = _domains(node, called, index)
            if isinstance(argument, syntax.ListNode):
                yield from (word for item in argument.items for word in _word(item, bound, Stands.AS_ARGUMENT))
            elif called == "not":
                yield from _word(argument, bound, Stands.AS_CONDITION)
            elif called not in _CLEARLY_NAMES and domains & _TAKES_TEXT:
                only_text = domains == {"string"}
                yield from _word(argument, bound, Stands.AS_TEXT_ARGUMENT if only_text else Stands.AS_ARGUMENT)
            yield from self.inside(argument, bound)


def _word(node: syntax.Node, bound: frozenset[str], stands: Stands) -> Iterator[BareWord]:
    if isinstance(node, syntax.Name) and node.name not in bound:
        yield BareWord(node.name, node.at, stands)


def _called(node: syntax.Node) -> str:
    """The name of the function that a call calls; empty for any other node."""
    function = node.function if isinstance(node, syntax.Invocation) else None
    return function.name if isinstance(function, syntax.Name) else ""


def _takes(called: str, node: syntax.Invocation) -> bool:
    """Whether it is a built-in function that takes so many arguments, or arguments of these names."""
    return called in BUILTINS and bool(BUILTINS[called].fitting(len(node.arguments), node.names))


def _domains(node: syntax.Invocation, called: str, index: int) -> frozenset[str]:
    """What an argument may be, by every signature of the function that fits the call; of others, anything."""
    if called not in BUILTINS:
        return frozenset({"any"})
    found: set[str] = set()
    for signature in BUILTINS[called].fitting(len(node.arguments), node.names):
        parameters = signature.parameters
        if node.names:
            found.update(each.domain for each in parameters if each.name == node.names[index])
        else:
            found.add(parameters[min(index, len(parameters) - 1)].domain)
    return frozenset(found)


def _introduced(node: syntax.Node) -> frozenset[str]:
    if isinstance(node, syntax.For | syntax.Quantified):
        return frozenset(each.name for each in node.iterations) | {"partial"}
    if isinstance(node, syntax.FunctionNode):
        return frozenset(each.name for each in node.parameters)
    return frozenset({"item"}) if isinstance(node, syntax.Filter) else frozenset()


def _parts(node: syntax.Node) -> Iterator[syntax.Node]:
    """The nodes directly below a node."""
    waiting = [getattr(node, name) for name in node.__struct_fields__]
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, syntax.Node):
            yield value
        elif isinstance(value, tuple):
            waiting[:0] = value


def _leaves(node: syntax.Node) -> Iterator[syntax.Node]:
    """The operands of a calculation, through those within it."""
    if isinstance(node, syntax.Arithmetic):
        yield from _leaves(node.left)
        yield from _leaves(node.right)
    else:
        yield node


def _names(node: syntax.Node, bound: frozenset[str]) -> Iterator[syntax.Name]:
    if isinstance(node, syntax.Name) and node.name not in bound:
        yield node
    for part in _parts(node):
        yield from _names(part, bound | _introduced(node))
