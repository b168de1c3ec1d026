"""Loops: for, some and every (10.3.2.14), over lists, ranges and the cross product of several."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from clearance.feel import numbers, types
from clearance.feel import syntax as tree
from clearance.feel.compiler.core import RUN, Compiler
from clearance.feel.problems import Environment, Evaluator, Where, fail
from clearance.feel.ranges import Range
from clearance.feel.temporal import Date, date_of, day_number

Source = Callable[[Environment], Sequence[Any] | None]


def for_(compiler: Compiler, node: tree.For) -> Evaluator:
    """The list of results; ``partial`` is the list so far."""
    compiler.needs_run = True
    outer = compiler.scope
    partial = compiler.enter("partial").slots["partial"]
    loops = _loops(compiler, node.iterations)
    result = compiler.compile(node.result)
    compiler.scope = outer
    if len(loops) == 1:
        return _for_one(loops[0], partial, result)

    def evaluate(environment: Environment) -> Any:
        run = environment[RUN]
        results: list[Any] = []
        for bound in _bindings(environment, loops, 0):
            if not bound:
                return None
            environment[partial] = results
            results.append(result(environment))
            run.allow_length(len(results))
        return results

    return evaluate


def _for_one(loop: "_Loop", partial: int, result: Evaluator) -> Evaluator:
    """One iteration only, as most loops: its length is known before it begins."""
    slot, source = loop.slot, loop.source

    def evaluate(environment: Environment) -> Any:
        items = source(environment)
        if items is None:
            return None
        run, size = environment[RUN], len(items)
        run.allow_length(size)
        run.spend(size)
        results: list[Any] = []
        for item in items:
            environment[slot] = item
            environment[partial] = results
            results.append(result(environment))
        return results

    return evaluate


def quantified(compiler: Compiler, node: tree.Quantified) -> Evaluator:
    """The disjunction or conjunction over all bindings, ternary."""
    compiler.needs_run = True
    outer = compiler.scope
    loops = _loops(compiler, node.iterations)
    condition = compiler.compile(node.condition)
    compiler.scope = outer
    decisive: bool = node.quantifier == "some"
    other = not decisive

    def evaluate(environment: Environment) -> bool | None:
        result: bool | None = other
        for bound in _bindings(environment, loops, 0):
            outcome: object = condition(environment) if bound else None
            if outcome is decisive:
                return decisive
            if outcome is not other:
                result = None
        return result

    return evaluate


class _Loop:
    """One iteration: the slot of its variable, and what it runs over."""

    __slots__ = ("slot", "source")

    def __init__(self, slot: int, source: Source) -> None:
        self.slot = slot
        self.source = source


def _loops(compiler: Compiler, iterations: tuple[tree.Iteration, ...]) -> list[_Loop]:
    """Each iteration's context sees the variables before it."""
    loops = []
    for iteration in iterations:
        source = _source(compiler, iteration)
        loops.append(_Loop(compiler.enter(iteration.name).slots[iteration.name], source))
    return loops


def _bindings(environment: Environment, loops: list[_Loop], depth: int) -> Iterator[bool]:
    """True for each combination, with the variables in their slots, the last running fastest; false for a loop over
    nothing that can be iterated over."""
    loop = loops[depth]
    source = loop.source(environment)
    if source is None:
        yield False
        return
    slot, run, last = loop.slot, environment[RUN], depth + 1 == len(loops)
    for item in source:
        run.spend(1)
        environment[slot] = item
        if last:
            yield True
        else:
            yield from _bindings(environment, loops, depth + 1)


def _source(compiler: Compiler, iteration: tree.Iteration) -> Source:
    start, where = compiler.compile(iteration.start), compiler.where(iteration)
    if iteration.end is None:
        return lambda environment: _elements(environment, start(environment), where)
    end = compiler.compile(iteration.end)
    return lambda environment: _steps(environment, start(environment), end(environment), where)


def _elements(environment: Environment, value: Any, where: Where) -> Sequence[Any] | None:
    """What a value gives to a loop: a list its elements, a closed range its members, a single value itself."""
    if type(value) is list:
        return value
    if type(value) is Range:
        return _members(environment, value, where)
    if value is None:
        fail(environment, where, "null is no list to iterate over")
        return None
    return (value,)


def _members(environment: Environment, value: Range, where: Where) -> Sequence[Any] | None:
    steps = _counts(value.start, value.end)
    if steps is None or value.single:
        fail(environment, where, "only a range of whole numbers or of dates can be iterated over")
        return None
    first, last, days = steps
    members = range(first + (not value.start_included), last + value.end_included)
    return _Dates(members) if days else members


def _steps(environment: Environment, start: Any, end: Any, where: Where) -> Sequence[Any] | None:
    """``start..end``, upwards or downwards; made step by step, never as a list."""
    steps = _counts(start, end)
    if steps is None:
        kinds = f"{types.describe(start)} to {types.describe(end)}"
        fail(environment, where, f"an iteration runs over whole numbers or dates, not from {kinds}")
        return None
    first, last, days = steps
    members = range(first, last + 1) if first <= last else range(first, last - 1, -1)
    return _Dates(members) if days else members


def _counts(start: Any, end: Any) -> tuple[int, int, bool] | None:
    """Two endpoints as integers, and whether these are the numbers of days."""
    if type(start) is Date and type(end) is Date:
        return day_number(start), day_number(end), True
    first, last = numbers.whole(start), numbers.whole(end)
    return None if first is None or last is None else (first, last, False)


class _Dates(Sequence[Any]):
    """The dates of a range of day numbers, each made when it is asked for."""

    def __init__(self, days: range) -> None:
        self._days = days

    def __len__(self) -> int:
        return len(self._days)

    def __getitem__(self, index: Any) -> Any:
        return date_of(self._days[index])
