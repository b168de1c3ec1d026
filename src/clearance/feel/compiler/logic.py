"""Conditions: and, or, if, instance of (Tables 49 to 51 and 61)."""

from typing import Any

from clearance.feel import syntax as tree
from clearance.feel import types
from clearance.feel.compiler.core import Compiler
from clearance.feel.problems import Environment, Evaluator, fail


def junction(compiler: Compiler, node: tree.Junction) -> Evaluator:
    """Ternary ``and`` and ``or``; what is neither true nor false counts as null."""
    operands = [compiler.compile(operand) for operand in node.operands]
    decisive: bool = node.operator == "or"
    if len(operands) == 2:
        return _or(*operands) if decisive else _and(*operands)
    other = not decisive

    def evaluate(environment: Environment) -> bool | None:
        result: bool | None = other
        for operand in operands:
            value: object = operand(environment)
            if value is decisive:
                return decisive
            if value is not other:
                result = None
        return result

    return evaluate


def _and(left: Evaluator, right: Evaluator) -> Evaluator:
    def evaluate(environment: Environment) -> bool | None:
        first = left(environment)
        if first is False:
            return False
        second = right(environment)
        if second is False:
            return False
        return True if first is True and second is True else None

    return evaluate


def _or(left: Evaluator, right: Evaluator) -> Evaluator:
    def evaluate(environment: Environment) -> bool | None:
        first = left(environment)
        if first is True:
            return True
        second = right(environment)
        if second is True:
            return True
        return False if first is False and second is False else None

    return evaluate


def if_(compiler: Compiler, node: tree.If) -> Evaluator:
    """The alternative for everything but true."""
    condition = compiler.compile(node.condition)
    consequence, alternative = compiler.compile(node.consequence), compiler.compile(node.alternative)
    return lambda environment: consequence(environment) if condition(environment) is True else alternative(environment)


def instance_of(compiler: Compiler, node: tree.InstanceOf) -> Evaluator:
    """Null when the type is none (Table 61)."""
    value, where = compiler.compile(node.value), compiler.where(node)
    type_ = types.from_node(node.type, compiler.types)
    if type_ is None:
        parts = (
            "; it needs its parts, as in list<Any>"
            if node.type.name in ("list", "context", "function", "range")
            else ""
        )
        message = f"there is no type {node.type.name!r}{parts}"
        return lambda environment: fail(environment, where, message)
    known: Any = type_
    return lambda environment: types.instance_of(value(environment), known)
