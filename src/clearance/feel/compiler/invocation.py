"""Calls (10.3.2.13.4, Table 63): built-ins are found when the text is compiled, other functions when it runs."""

import decimal
from collections.abc import Sequence
from typing import Any

from clearance.feel import syntax as tree
from clearance.feel import types
from clearance.feel.builtins.registry import Builtin, Signature
from clearance.feel.compiler.core import RUN, Compiler
from clearance.feel.compiler.literals import shared_name
from clearance.feel.functions import Function
from clearance.feel.problems import Environment, Evaluator, Refused, Where, fail

_READ_ONLY = frozenset({"count", "sum", "min", "max", "mean", "product", "median", "list contains", "index of"})
"""Built-ins whose result never shares the list they are given, so that it may be a loop's own ``partial``."""


def invocation(compiler: Compiler, node: tree.Invocation) -> Evaluator:
    """``function(arguments)``. A variable that is no function does not hide the built-in function of its name."""
    where, callee = compiler.where(node), node.function
    if (
        isinstance(callee, tree.Name)
        and callee.name not in compiler.names
        and compiler.resolve(callee.name) == (None, [])
    ):
        builtin = compiler.builtins.get(callee.name)
        if builtin is not None:
            return _builtin(compiler, node, builtin, where)
    compiler.needs_run = True
    function = compiler.compile(callee)
    hidden = compiler.builtins.get(callee.name) if isinstance(callee, tree.Name) else None
    arguments = [compiler.compile(argument) for argument in node.arguments]
    names = node.names

    def call(environment: Environment) -> Any:
        value = function(environment)
        if not isinstance(value, Function):
            value = hidden
        if value is None:
            return fail(environment, where, f"{types.describe(function(environment))} cannot be called")
        values: Sequence[Any] = [argument(environment) for argument in arguments]
        try:
            if names:
                values = value.arrange(names, values)
            return value.call(environment[RUN], values)
        except (Refused, decimal.DecimalException) as error:
            return _refused(environment, where, value.name, error)

    return call


def _builtin(compiler: Compiler, node: tree.Invocation, builtin: Builtin, where: Where) -> Evaluator:
    candidates = builtin.fitting(len(node.arguments), node.names)
    if not candidates:
        message = f"{builtin.name} takes {builtin.usage()}"
        return lambda environment: fail(environment, where, message)
    if builtin.needs_run:
        compiler.needs_run = True
    shared = builtin.name in _READ_ONLY
    arguments = [
        shared_name(compiler, argument) if shared and isinstance(argument, tree.Name) else compiler.compile(argument)
        for argument in node.arguments
    ]
    if node.names:
        return _named(builtin, candidates, arguments, node.names, where)

    def call(environment: Environment) -> Any:
        values = [argument(environment) for argument in arguments]
        return _apply(environment, builtin, candidates, values, where)

    return call


def _named(
    builtin: Builtin, candidates: list[Signature], arguments: list[Evaluator], names: tuple[str, ...], where: Where
) -> Evaluator:
    def call(environment: Environment) -> Any:
        given = dict(zip(names, (argument(environment) for argument in arguments), strict=True))
        for signature in candidates:
            values = [given.get(parameter.name) for parameter in signature.parameters]
            ready = signature.prepare(values)
            if ready is not None:
                return _run(environment, builtin, signature, ready, where)
        return _unfit(environment, builtin, list(given.values()), where)

    return call


def _apply(
    environment: Environment, builtin: Builtin, candidates: list[Signature], values: list[Any], where: Where
) -> Any:
    for signature in candidates:
        ready = signature.prepare(values)
        if ready is not None:
            return _run(environment, builtin, signature, ready, where)
    return _unfit(environment, builtin, values, where)


def _run(environment: Environment, builtin: Builtin, signature: Signature, ready: list[Any], where: Where) -> Any:
    run = environment[RUN]
    try:
        if run is None:
            return signature.function(*ready)
        for value in ready:
            run.spend_on(value)
        result = signature.function(run, *ready) if signature.needs_run else signature.function(*ready)
    except (Refused, decimal.DecimalException) as error:
        return _refused(environment, where, builtin.name, error)
    run.spend_on(result)
    return result


def _refused(environment: Environment, where: Where, name: str, error: Exception) -> None:
    detail = str(error) if isinstance(error, Refused) else f"{name}: the result is undefined or out of range"
    return fail(environment, where, detail)


def _unfit(environment: Environment, builtin: Builtin, values: list[Any], where: Where) -> None:
    given = ", ".join(types.describe(value) for value in values)
    return fail(environment, where, f"{builtin.name} takes {builtin.usage()}; it was given {given}")
