"""Comparisons, between and in (Tables 52 to 55), with the common ones on numbers and strings made fast.

A condition such as ``amount > 1000`` or ``status = "open"`` compares a variable with a constant; it gets a closure
that reads the variable and compares it at once when it is of the constant's type, and goes the general way otherwise.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from clearance.feel import operators, types
from clearance.feel import syntax as tree
from clearance.feel.compiler.core import CONTEXT, RUN, Compiler
from clearance.feel.numbers import is_number
from clearance.feel.problems import Environment, Evaluator, Where, fail
from clearance.feel.ranges import Range

_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


def comparison(compiler: Compiler, node: tree.Comparison) -> Evaluator:
    """``left operator right``."""
    left, right, symbol = node.left, node.right, node.operator
    if isinstance(left, tree.Literal) and not isinstance(right, tree.Literal):
        left, right, symbol = right, left, _MIRROR[symbol]
    where = compiler.where(node)
    evaluate = compiler.compile(left)
    if isinstance(right, tree.Literal):
        constant = right.value
        if constant is None and symbol in ("=", "!="):
            return _is_null(evaluate, symbol == "=")
        if isinstance(left, tree.Name) and compiler.resolve(left.name) == (None, []):
            return _name_with_constant(left.name, evaluate, symbol, constant, where)
        return with_constant(evaluate, symbol, constant, where)
    return _general(evaluate, compiler.compile(right), symbol, where)


def _is_null(evaluate: Evaluator, expected: bool) -> Evaluator:
    return lambda environment: (evaluate(environment) is None) is expected


def _name_with_constant(name: str, evaluate: Evaluator, symbol: str, constant: Any, where: Where) -> Evaluator:
    """A free variable against a constant: the whole comparison in one call."""
    if is_number(constant) and symbol in _NUMBER_READERS:
        return _NUMBER_READERS[symbol](name, evaluate, constant, where)
    if type(constant) is str and symbol == "=":

        def equals_text(environment: Environment) -> Any:
            try:
                value = environment[CONTEXT][name]
            except KeyError:
                value = evaluate(environment)
            return value == constant if type(value) is str else compare(environment, value, "=", constant, where)

        return equals_text
    return with_constant(evaluate, symbol, constant, where)


def _less(name: str, evaluate: Evaluator, constant: Any, where: Where) -> Evaluator:
    def less(environment: Environment) -> Any:
        try:
            value = environment[CONTEXT][name]
        except KeyError:
            value = evaluate(environment)
        if type(value) is int or type(value) is Decimal:
            return value < constant
        return compare(environment, value, "<", constant, where)

    return less


def _less_or_equal(name: str, evaluate: Evaluator, constant: Any, where: Where) -> Evaluator:
    def less_or_equal(environment: Environment) -> Any:
        try:
            value = environment[CONTEXT][name]
        except KeyError:
            value = evaluate(environment)
        if type(value) is int or type(value) is Decimal:
            return value <= constant
        return compare(environment, value, "<=", constant, where)

    return less_or_equal


def _greater(name: str, evaluate: Evaluator, constant: Any, where: Where) -> Evaluator:
    def greater(environment: Environment) -> Any:
        try:
            value = environment[CONTEXT][name]
        except KeyError:
            value = evaluate(environment)
        if type(value) is int or type(value) is Decimal:
            return value > constant
        return compare(environment, value, ">", constant, where)

    return greater


def _greater_or_equal(name: str, evaluate: Evaluator, constant: Any, where: Where) -> Evaluator:
    def greater_or_equal(environment: Environment) -> Any:
        try:
            value = environment[CONTEXT][name]
        except KeyError:
            value = evaluate(environment)
        if type(value) is int or type(value) is Decimal:
            return value >= constant
        return compare(environment, value, ">=", constant, where)

    return greater_or_equal


_NUMBER_READERS: dict[str, Callable[[str, Evaluator, Any, Where], Evaluator]] = {
    "<": _less,
    "<=": _less_or_equal,
    ">": _greater,
    ">=": _greater_or_equal,
}


def with_constant(evaluate: Evaluator, symbol: str, constant: Any, where: Where) -> Evaluator:
    """An expression against a constant."""
    plain = operators.PLAIN_COMPARE[symbol]
    if is_number(constant):

        def compare_number(environment: Environment) -> Any:
            value = evaluate(environment)
            if type(value) is int or type(value) is Decimal:
                return plain(value, constant)
            return compare(environment, value, symbol, constant, where)

        return compare_number
    if type(constant) is str:

        def compare_text(environment: Environment) -> Any:
            value = evaluate(environment)
            return (
                plain(value, constant) if type(value) is str else compare(environment, value, symbol, constant, where)
            )

        return compare_text
    return lambda environment: compare(environment, evaluate(environment), symbol, constant, where)


def _general(left: Evaluator, right: Evaluator, symbol: str, where: Where) -> Evaluator:
    plain = operators.PLAIN_COMPARE[symbol]

    def compare_values(environment: Environment) -> Any:
        first, second = left(environment), right(environment)
        if is_number(first) and is_number(second):
            return plain(first, second)
        return compare(environment, first, symbol, second, where)

    return compare_values


def compare(environment: Environment, left: Any, symbol: str, right: Any, where: Where) -> bool | None:
    """Any two values; null and a problem when they are not comparable."""
    if type(left) is list or type(left) is dict:
        result = operators.equal_within(environment[RUN], left, right) if symbol in ("=", "!=") else None
        result = not result if symbol == "!=" and result is not None else result
    else:
        result = operators.COMPARE[symbol](left, right)
    if result is None and left is not None and right is not None:
        fail(environment, where, f"{types.describe(left)} and {types.describe(right)} cannot be compared with {symbol}")
    elif result is None:
        fail(environment, where, f"null cannot be compared with {symbol}")
    return result


def between(compiler: Compiler, node: tree.Between) -> Evaluator:
    """``value >= low and value <= high``."""
    where = compiler.where(node)
    value, low, high = (compiler.compile(part) for part in (node.value, node.low, node.high))

    def evaluate(environment: Environment) -> bool | None:
        tested = value(environment)
        first = compare(environment, tested, ">=", low(environment), where)
        return (
            first
            if first is False
            else operators.both(first, compare(environment, tested, "<=", high(environment), where))
        )

    return evaluate


def in_(compiler: Compiler, node: tree.In) -> Evaluator:
    """``value in tests``: true if one test holds, null if none holds but one is null."""
    value = compiler.compile(node.value)
    scope = compiler.enter("?")
    slot = scope.slots["?"]
    tests = [test(compiler, each, slot) for each in node.tests]
    compiler.leave(scope)
    if len(tests) == 1:
        only = tests[0]

        def evaluate_one(environment: Environment) -> Any:
            environment[slot] = value(environment)
            return only(environment)

        return evaluate_one

    def evaluate(environment: Environment) -> Any:
        environment[slot] = value(environment)
        return any_of(tests, environment)

    return evaluate


def any_of(tests: list[Evaluator], environment: Environment) -> bool | None:
    """Ternary disjunction."""
    result: bool | None = False
    for each in tests:
        outcome = each(environment)
        if outcome is True:
            return True
        if outcome is not False:
            result = None
    return result


def test(compiler: Compiler, node: tree.Node, slot: int) -> Evaluator:
    """One positive unary test of the value in a slot (rules 7 and 13, Table 55)."""
    where = compiler.where(node)
    if isinstance(node, tree.UnaryComparison):
        subject = tree.Name("?", at=node.at)
        return compiler.compile(tree.Comparison(node.operator, subject, node.endpoint, at=node.at))
    if isinstance(node, tree.Interval):
        return _in_interval(compiler, node, slot)
    evaluate = compiler.compile(node)
    if isinstance(node, tree.Literal):
        if node.value is None:
            return lambda environment: environment[slot] is None
        return with_constant(lambda environment: environment[slot], "=", node.value, where)
    asks = mentions_subject(node)

    def run_test(environment: Environment) -> Any:
        outcome = evaluate(environment)
        subject = environment[slot]
        if type(outcome) is bool and (asks or not (type(subject) is bool or subject is None or type(subject) is list)):
            return outcome
        if asks and outcome is None:
            return None
        return matches(environment, subject, outcome, where)

    return run_test


def _in_interval(compiler: Compiler, node: tree.Interval, slot: int) -> Evaluator:
    """The endpoints are compared one by one, so that an interval in a cell needs no range value."""
    where = compiler.where(node)
    low, high = compiler.compile(node.start), compiler.compile(node.end)
    above, below = ">=" if node.start_included else ">", "<=" if node.end_included else "<"

    def evaluate(environment: Environment) -> bool | None:
        subject = environment[slot]
        if type(subject) is Range or type(subject) is list:
            return matches(environment, subject, made(environment), where)
        first = compare(environment, subject, above, low(environment), where)
        return (
            first
            if first is False
            else operators.both(first, compare(environment, subject, below, high(environment), where))
        )

    made = compiler.compile(node)
    return evaluate


def matches(environment: Environment, subject: Any, expected: Any, where: Where) -> bool | None:
    """``subject in expected`` for values: a range contains, a list holds, anything else equals (Table 55)."""
    if type(expected) is Range:
        if type(subject) is Range:
            return operators.equal(subject, expected)
        result = operators.contains(expected, subject)
        if result is None:
            fail(environment, where, f"{types.describe(subject)} cannot be compared with the range")
        return result
    if type(expected) is list:
        if environment[RUN] is not None:
            environment[RUN].spend(len(expected))
        return _in_list(subject, expected)
    return compare(environment, subject, "=", expected, where)


def _in_list(subject: Any, expected: list[Any]) -> bool | None:
    """True if an element equals the subject, or is a range or list that contains it, or is the whole list."""
    if type(subject) is list and operators.equal(subject, expected) is True:
        return True
    for element in expected:
        if type(element) is Range and type(subject) is not Range:
            if operators.contains(element, subject) is True:
                return True
        elif type(element) is list and type(subject) is not list:
            if _in_list(subject, element) is True:
                return True
        elif operators.equal(subject, element) is True:
            return True
    return False


def mentions_subject(node: Any) -> bool:
    """Does the test use ``?`` itself?"""
    if isinstance(node, tree.Name):
        return node.name == "?"
    if isinstance(node, tree.UnaryComparison) and node.operator == "!=":
        return True
    if isinstance(node, tree.Node):
        return any(mentions_subject(getattr(node, field)) for field in node.__struct_fields__)
    return isinstance(node, tuple) and any(mentions_subject(each) for each in node)
