"""Literals, names, lists, contexts and ranges as values."""

from typing import Any

from clearance.feel import operators, types
from clearance.feel import syntax as tree
from clearance.feel.compiler.core import CONTEXT, Compiler
from clearance.feel.problems import Environment, Evaluator, Where, fail
from clearance.feel.ranges import Range

_MISSING = object()


def literal(compiler: Compiler, node: tree.Literal) -> Evaluator:
    """A constant."""
    value = node.value
    return lambda environment: value


def name(compiler: Compiler, node: tree.Name) -> Evaluator:
    """A variable or function (10.3.2.11): of a local scope or filtered item, else of the context, else a built-in."""
    if node.name == "partial":
        slot, items = compiler.resolve("partial")
        if slot is not None and not items:
            return _snapshot(compiler, slot)
    return shared_name(compiler, node)


def shared_name(compiler: Compiler, node: tree.Name) -> Evaluator:
    """As :func:`name`; but ``partial`` is the list that the loop still appends to, for uses that do not keep it."""
    slot, items = compiler.resolve(node.name)
    outer = _local(slot) if slot is not None else _free(compiler, node)
    for item in reversed(items):
        outer = _of_item(node.name, item, outer)
    return outer


def _snapshot(compiler: Compiler, slot: int) -> Evaluator:
    compiler.needs_run = True

    def read_partial(environment: Environment) -> Any:
        environment[1].spend(len(environment[slot]) // 8)
        return list(environment[slot])

    return read_partial


def _local(slot: int) -> Evaluator:
    return lambda environment: environment[slot]


def _free(compiler: Compiler, node: tree.Name) -> Evaluator:
    wanted, where = node.name, compiler.where(node)
    compiler.reads.add(wanted)
    builtin = compiler.builtins.get(wanted)

    def read_free(environment: Environment) -> Any:
        try:
            return environment[CONTEXT][wanted]
        except KeyError:
            return builtin if builtin is not None else fail(environment, where, f"there is no variable {wanted!r}")

    return read_free


def _of_item(wanted: str, slot: int, outer: Evaluator) -> Evaluator:
    """The entry of a filter's element, if it is a context that has it; ``item`` is otherwise the element itself."""
    whole = wanted == "item"

    def read_item(environment: Environment) -> Any:
        item = environment[slot]
        if type(item) is dict:
            value = item.get(wanted, _MISSING)
            if value is not _MISSING:
                return value
        return item if whole else outer(environment)

    return read_item


def list_(compiler: Compiler, node: tree.ListNode) -> Evaluator:
    """A list; of constants, it is only copied."""
    items = [compiler.compile(item) for item in node.items]
    if all(isinstance(item, tree.Literal) for item in node.items):
        constant = [item.value for item in node.items if isinstance(item, tree.Literal)]
        return lambda environment: constant.copy()
    return lambda environment: [item(environment) for item in items]


def context(compiler: Compiler, node: tree.ContextNode) -> Evaluator:
    """A context: each entry sees those before it; a function also sees itself, so that it may recur."""
    where = compiler.where(node)
    keys = [key for key, _ in node.entries]
    if len(set(keys)) < len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        return lambda environment: fail(environment, where, f"the key {twice!r} is given twice")
    scope = compiler.enter()
    entries: list[tuple[str, int, bool, Evaluator]] = []
    for key, value in node.entries:
        slot = compiler.slot()
        recursive = isinstance(value, tree.FunctionNode) and not value.external
        if recursive:
            scope.slots[key] = slot
        entries.append((key, slot, recursive, compiler.compile(value)))
        scope.slots[key] = slot
    compiler.leave(scope)

    def make_context(environment: Environment) -> Any:
        result: dict[str, Any] = {}
        for key, slot, recursive, evaluate in entries:
            value = evaluate(environment)
            environment[slot] = result[key] = value
            if recursive:
                value.environment[slot] = value
        return result

    return make_context


def interval(compiler: Compiler, node: tree.Interval) -> Evaluator:
    """A range of two endpoints, which must be of one kind and in order (10.3.2.7)."""
    where = compiler.where(node)
    start, end = compiler.compile(node.start), compiler.compile(node.end)
    flags = (node.start_included, node.end_included)
    if isinstance(node.start, tree.Literal) and isinstance(node.end, tree.Literal):
        constant = make_range(node.start.value, node.end.value, *flags)
        if constant is not None:
            return lambda environment: constant

    def make_interval(environment: Environment) -> Any:
        low, high = start(environment), end(environment)
        made = make_range(low, high, *flags)
        return made if made is not None else _no_range(environment, where, low, high)

    return make_interval


def make_range(low: Any, high: Any, low_included: bool, high_included: bool) -> Range | None:
    """The range, if its endpoints are comparable and in order."""
    sign = operators.order(low, high)
    return Range(low, high, low_included, high_included) if sign is not None and sign <= 0 else None


def _no_range(environment: Environment, where: Where, low: Any, high: Any) -> None:
    if operators.order(low, high) is None:
        kinds = f"{types.describe(low)} and {types.describe(high)}"
        return fail(environment, where, f"a range needs two values of one kind that has an order, not {kinds}")
    return fail(environment, where, "a range must not end before it starts")


def unary_comparison(compiler: Compiler, node: tree.UnaryComparison) -> Evaluator:
    """``< 5`` as a value: the range with one endpoint. ``!= 5`` is no range; it is the test of ``?``."""
    if node.operator == "!=":
        question = tree.Name("?", at=node.at)
        return compiler.compile(tree.Comparison("!=", question, node.endpoint, at=node.at))
    operator, where = node.operator, compiler.where(node)
    endpoint = compiler.compile(node.endpoint)

    def make_single(environment: Environment) -> Any:
        value = endpoint(environment)
        if operators.order(value, value) is None and operator != "=":
            return fail(environment, where, f"{types.describe(value)} has no order, so that it bounds no range")
        return single_range(operator, value)

    return make_single


def single_range(operator: str, value: Any) -> Range:
    """The range of a comparison operator and one endpoint."""
    if operator == "=":
        return Range(value, value, True, True, single=True)
    included = operator in ("<=", ">=")
    if operator in ("<", "<="):
        return Range(None, value, False, included, single=True)
    return Range(value, None, included, False, single=True)
