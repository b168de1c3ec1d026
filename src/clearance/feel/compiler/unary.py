"""Unary tests, the cells of decision tables (rule 15): each is a function of the value in the first slot.

A cell that names no variable and compares with constants also gets a ``simple`` form, a function of the value alone,
which is what makes a decision table fast.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from clearance.feel import operators
from clearance.feel import syntax as tree
from clearance.feel.compiler.comparison import any_of, matches, test
from clearance.feel.compiler.core import FIRST_SLOT, Compiler, Scope
from clearance.feel.compiler.literals import make_range
from clearance.feel.numbers import is_number
from clearance.feel.problems import Evaluator

Simple = Callable[[Any], bool | None]
_NO_PLACE = (1, 1)


def unary_tests(compiler: Compiler, node: tree.UnaryTestsNode) -> Evaluator:
    """The evaluator of a cell: true, false, or null when that cannot be said. The value tested is in the first slot."""
    slot = compiler.slot()
    assert slot == FIRST_SLOT, "the tested value has the first slot"
    if not node.tests:
        return lambda environment: True
    compiler.scope = Scope(compiler.scope, {"?": slot})
    tests = [test(compiler, each, slot) for each in node.tests]
    compiler.scope = compiler.scope.parent
    if node.negated:
        return lambda environment: _not(any_of(tests, environment))
    if len(tests) == 1:
        return lambda environment: _ternary(tests[0](environment))
    return lambda environment: any_of(tests, environment)


def _ternary(value: Any) -> bool | None:
    return value if value is True or value is False else None


def _negated(positive: Simple) -> Simple:
    return lambda value: _not(positive(value))


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def simple(node: tree.UnaryTestsNode) -> Simple | None:
    """The cell as a function of the value alone, or None when it needs more than constants."""
    if not node.tests:
        return lambda value: True
    tests = [_simple_test(each) for each in node.tests]
    known = [each for each in tests if each is not None]
    if len(known) < len(tests):
        return None
    if all(isinstance(each, tree.Literal) and type(each.value) is str for each in node.tests) and len(known) > 1:
        return _one_of_texts(node)
    if len(known) == 1:
        only = known[0]
        return _negated(only) if node.negated else only
    negated = node.negated

    def evaluate(value: Any) -> bool | None:
        result: bool | None = False
        for each in known:
            outcome = each(value)
            if outcome is True:
                return not negated
            if outcome is None:
                result = None
        return _not(result) if negated else result

    return evaluate


def _one_of_texts(node: tree.UnaryTestsNode) -> Simple:
    """A choice among strings: one look-up, however many there are."""
    texts = frozenset(each.value for each in node.tests if isinstance(each, tree.Literal))
    negated = node.negated
    constants = sorted(texts)

    def evaluate(value: Any) -> bool | None:
        if type(value) is str:
            return (value in texts) is not negated
        results = [operators.equal(value, constant) for constant in constants]
        result = None if None in results else False
        return _not(result) if negated else result

    return evaluate


def _simple_test(node: tree.Node) -> Simple | None:
    if isinstance(node, tree.Literal):
        return _equals(node.value)
    if isinstance(node, tree.UnaryComparison) and isinstance(node.endpoint, tree.Literal):
        return _compares(node.operator, node.endpoint.value)
    if isinstance(node, tree.Interval) and isinstance(node.start, tree.Literal) and isinstance(node.end, tree.Literal):
        return _lies_within(node, node.start.value, node.end.value)
    return None


def _equals(constant: Any) -> Simple:
    if constant is None:
        return lambda value: value is None
    equal = operators.equal
    if type(constant) is str:
        return lambda value: value == constant if type(value) is str else equal(value, constant)
    if is_number(constant):

        def equals_number(value: Any) -> bool | None:
            if type(value) is int or type(value) is Decimal:
                return bool(value == constant)
            return equal(value, constant)

        return equals_number
    return lambda value: equal(value, constant)


def _compares(symbol: str, constant: Any) -> Simple:
    general, plain = operators.COMPARE[symbol], operators.PLAIN_COMPARE[symbol]
    if not is_number(constant):
        return lambda value: general(value, constant)
    if symbol in _ON_NUMBERS:
        return _ON_NUMBERS[symbol](constant)

    def compares_number(value: Any) -> bool | None:
        if type(value) is int or type(value) is Decimal:
            return bool(plain(value, constant))
        return general(value, constant)

    return compares_number


def _below(constant: Any) -> Simple:
    def below(value: Any) -> Any:
        return value < constant if type(value) is int or type(value) is Decimal else operators.less(value, constant)

    return below


def _at_most(constant: Any) -> Simple:
    def at_most(value: Any) -> Any:
        if type(value) is int or type(value) is Decimal:
            return value <= constant
        return operators.less_or_equal(value, constant)

    return at_most


def _above(constant: Any) -> Simple:
    def above(value: Any) -> Any:
        return value > constant if type(value) is int or type(value) is Decimal else operators.less(constant, value)

    return above


def _at_least(constant: Any) -> Simple:
    def at_least(value: Any) -> Any:
        if type(value) is int or type(value) is Decimal:
            return value >= constant
        return operators.less_or_equal(constant, value)

    return at_least


_ON_NUMBERS: dict[str, Callable[[Any], Simple]] = {"<": _below, "<=": _at_most, ">": _above, ">=": _at_least}


def _lies_within(node: tree.Interval, low: Any, high: Any) -> Simple | None:
    made = make_range(low, high, node.start_included, node.end_included)
    if made is None:
        return None
    range_ = made
    if not (is_number(low) and is_number(high) and node.start_included and node.end_included):
        return lambda value: matches([None, None], value, range_, _NO_PLACE)

    def within(value: Any) -> bool | None:
        if type(value) is int or type(value) is Decimal:
            return bool(low <= value <= high)
        return matches([None, None], value, range_, _NO_PLACE)

    return within
