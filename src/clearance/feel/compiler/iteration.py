"""Loops: for, some and every (10.3.2.14), over lists, ranges and the cross product of several."""

from collections.abc import Callable, Iterable
from typing import Any

from clearance.feel import numbers, types
from clearance.feel import syntax as tree
from clearance.feel.compiler.core import RUN, Compiler
from clearance.feel.problems import Environment, Evaluator, Where, fail
from clearance.feel.ranges import Range
from clearance.feel.temporal import Date, date_of, day_number

Source = Callable[[Environment], Iterable[Any] | None]


def for_(compiler: Compiler, node: tree.For) -> Evaluator:
    """The list of results; ``partial`` is the list so far."""
    compiler.needs_run = True
    scope = compiler.enter("partial")
    partial = scope.slots["partial"]
    loops = _loops(compiler, node.iterations)
    result = compiler.compile(node.result)
    while compiler.scope is not scope:
        assert compiler.scope is not None
        compiler.leave(compiler.scope)
    compiler.leave(scope)

    def evaluate(environment: Environment) -> Any:
        run = environment[RUN]
        results: list[Any] = []
        for _ in _bindings(environment, loops, 0):
            environment[partial] = results
            results.append(result(environment))
            run.allow_length(len(results))
        return None if _failed(environment, loops) else results

    return evaluate


def quantified(compiler: Compiler, node: tree.Quantified) -> Evaluator:
    """The disjunction or conjunction over all bindings, ternary."""
    compiler.needs_run = True
    outer = compiler.scope
    loops = _loops(compiler, node.iterations)
    condition = compiler.compile(node.condition)
    compiler.scope = outer
    decisive = node.quantifier == "some"

    def evaluate(environment: Environment) -> bool | None:
        result: bool | None = not decisive
        for _ in _bindings(environment, loops, 0):
            outcome = condition(environment)
            if outcome is decisive:
                return decisive
            if outcome is not (not decisive):
                result = None
        return None if _failed(environment, loops) else result

    return evaluate


class _Loop:
    """One iteration: the slot of its variable, what it runs over, and the slot that says it could not."""

    __slots__ = ("failed", "slot", "source")

    def __init__(self, slot: int, failed: int, source: Source) -> None:
        self.slot = slot
        self.failed = failed
        self.source = source


def _loops(compiler: Compiler, iterations: tuple[tree.Iteration, ...]) -> list[_Loop]:
    """Each iteration's context sees the variables before it."""
    loops = []
    for iteration in iterations:
        source = _source(compiler, iteration)
        failed = compiler.slot()
        scope = compiler.enter(iteration.name)
        loops.append(_Loop(scope.slots[iteration.name], failed, source))
    return loops


def _bindings(environment: Environment, loops: list[_Loop], depth: int) -> Iterable[None]:
    """Once for each combination, with the variables in their slots; the last iteration runs fastest."""
    loop = loops[depth]
    source = loop.source(environment)
    environment[loop.failed] = source is None
    if source is None:
        return
    slot, run, last = loop.slot, environment[RUN], depth + 1 == len(loops)
    for item in source:
        run.spend(1)
        environment[slot] = item
        if last:
            yield
        else:
            yield from _bindings(environment, loops, depth + 1)


def _failed(environment: Environment, loops: list[_Loop]) -> bool:
    return any(environment[loop.failed] for loop in loops)


def _source(compiler: Compiler, iteration: tree.Iteration) -> Source:
    start, where = compiler.compile(iteration.start), compiler.where(iteration)
    if iteration.end is None:
        return lambda environment: _elements(environment, start(environment), where)
    end = compiler.compile(iteration.end)
    return lambda environment: _steps(environment, start(environment), end(environment), where)


def _elements(environment: Environment, value: Any, where: Where) -> Iterable[Any] | None:
    """What a value gives to a loop: a list its elements, a closed range its members, a single value itself."""
    if type(value) is list:
        return value
    if type(value) is Range:
        return _members(environment, value, where)
    if value is None:
        fail(environment, where, "null is no list to iterate over")
        return None
    return (value,)


def _members(environment: Environment, value: Range, where: Where) -> Iterable[Any] | None:
    steps = _counts(value.start, value.end)
    if steps is None or value.single:
        fail(environment, where, "only a range of whole numbers or of dates can be iterated over")
        return None
    first, last, make = steps
    return map(make, range(first + (not value.start_included), last + value.end_included))


def _steps(environment: Environment, start: Any, end: Any, where: Where) -> Iterable[Any] | None:
    """``start..end``, upwards or downwards; made step by step, never as a list."""
    steps = _counts(start, end)
    if steps is None:
        kinds = f"{types.describe(start)} to {types.describe(end)}"
        fail(environment, where, f"an iteration runs over whole numbers or dates, not from {kinds}")
        return None
    first, last, make = steps
    return map(make, range(first, last + 1) if first <= last else range(first, last - 1, -1))


def _counts(start: Any, end: Any) -> tuple[int, int, Callable[[int], Any]] | None:
    """Two endpoints as integers, with the function that makes a member of an integer."""
    if type(start) is Date and type(end) is Date:
        return day_number(start), day_number(end), date_of
    first, last = numbers.whole(start), numbers.whole(end)
    return None if first is None or last is None else (first, last, int)
