"""Arithmetic and negation (Tables 56 to 60 and 62)."""

import operator
from collections.abc import Callable
from typing import Any

from clearance.feel import operators, types
from clearance.feel import syntax as tree
from clearance.feel.bounds import DEFAULT
from clearance.feel.compiler.core import Compiler
from clearance.feel.numbers import LIMIT
from clearance.feel.problems import Environment, Evaluator, LimitReached, Where, fail

_WORDS = {
    "+": "added to",
    "-": "reduced by",
    "*": "multiplied by",
    "/": "divided by",
    "**": "raised to the power of",
}
_EXACT: dict[str, Callable[[int, int], int]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def arithmetic(compiler: Compiler, node: tree.Arithmetic) -> Evaluator:
    """``left operator right``; whole numbers that stay below 34 digits take the short way."""
    left, right = compiler.compile(node.left), compiler.compile(node.right)
    symbol, where = node.operator, compiler.where(node)
    exact = _EXACT.get(symbol)
    if exact is None:
        return lambda environment: calculate(environment, left(environment), symbol, right(environment), where)
    short = exact

    def evaluate(environment: Environment) -> Any:
        first, second = left(environment), right(environment)
        if type(first) is int and type(second) is int:
            result = short(first, second)
            if -LIMIT < result < LIMIT:
                return result
        return calculate(environment, first, symbol, second, where)

    return evaluate


def calculate(environment: Environment, left: Any, symbol: str, right: Any, where: Where) -> Any:
    """The result for any two values; null and a problem where it is undefined."""
    if type(left) is str and type(right) is str and symbol == "+":
        run = environment[1]
        longest = (run.bounds if run is not None else DEFAULT).string_length_max
        if len(left) + len(right) > longest:
            raise LimitReached(f"a string of more than {longest:,} characters (string_length_max)")
        if run is not None:
            run.spend(len(left) + len(right) >> 6)
        return left + right
    result = operators.calculate(symbol, left, right)
    if result is None:
        kinds = f"{types.describe(left)} cannot be {_WORDS[symbol]} {types.describe(right)}"
        same = operators.order(left, right) is not None and type(left) is not str
        fail(environment, where, f"the result of {symbol} is undefined for these values" if same else kinds)
    return result


def negation(compiler: Compiler, node: tree.Negation) -> Evaluator:
    """``-value`` of a number or duration."""
    operand, where = compiler.compile(node.operand), compiler.where(node)

    def evaluate(environment: Environment) -> Any:
        value = operand(environment)
        result = operators.negate(value)
        if result is None:
            fail(environment, where, f"{types.describe(value)} has no negative")
        return result

    return evaluate
