"""Compiled expressions and unary tests: what the rest of the house holds and evaluates.

Both are made once and may be evaluated any number of times, from any thread: all state of an evaluation is in its
environment. An evaluation that needs no bounds and no clock runs without a :class:`Run`, which is why it is fast.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from clearance.feel.bounds import DEFAULT, Bounds
from clearance.feel.builtins import BUILTINS
from clearance.feel.compiler import TABLE
from clearance.feel.compiler.core import FIRST_SLOT, Compiler
from clearance.feel.compiler.unary import simple, unary_tests
from clearance.feel.data import SCALARS, from_data, moment
from clearance.feel.names import normal
from clearance.feel.parser import parse_expression, parse_unary_tests
from clearance.feel.problems import Environment, Evaluator, LimitReached, Problem, Run, report
from clearance.feel.syntax import Node, UnaryTestsNode
from clearance.feel.temporal import DateTime
from clearance.feel.types import Type

Moment = datetime | DateTime | None
_START = (1, 1)


class Expression:
    """A compiled expression.

    ``text`` is what was compiled, ``reads`` the free names it reads, ``tree`` its syntax tree. ``evaluate`` takes any
    Python data; ``apply`` is for callers whose context already holds FEEL values only, and lets them share a
    :class:`Run` among several expressions.
    """

    __slots__ = ("_bounds", "_evaluate", "_needs_run", "_slots", "reads", "text", "tree")

    def __init__(self, text: str, tree: Node, evaluate: Evaluator, compiler: Compiler) -> None:
        self.text = text
        self.tree = tree
        self.reads = frozenset(compiler.reads)
        self._evaluate = evaluate
        self._needs_run = compiler.needs_run
        self._slots: list[Any] = [None] * (compiler.size - FIRST_SLOT)
        self._bounds = compiler.bounds

    def evaluate(self, context: Mapping[str, Any], now: Moment = None) -> Any:
        """The value; null (None) for every error. ``now`` is the time that ``now()`` and ``today()`` give."""
        for name in self.reads:
            value = context.get(name)
            if type(value) not in SCALARS and from_data(value) is not value:
                context = prepared(context, self.reads)
                break
        if self._needs_run:
            return self.apply(context, Run(as_moment(now), self._bounds))
        try:
            return self._evaluate([context, None, *self._slots] if self._slots else [context, None])
        except (LimitReached, RecursionError):
            return None

    def problems(self, context: Mapping[str, Any], now: Moment = None) -> tuple[Problem, ...]:
        """Evaluate again and say what went wrong, in the order in which it happened; empty when nothing did."""
        run = Run(as_moment(now), self._bounds, collect=True)
        self.apply(prepared(context, self.reads), run)
        return tuple(run.problems or ())

    def apply(self, context: Mapping[str, Any], run: Run) -> Any:
        """The value for a context of FEEL values, counted and reported to the given run."""
        return guarded(self._evaluate, [context, run, *self._slots], run)

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


class UnaryTests:
    """A compiled cell of a decision table: tests of a value, which ``?`` denotes.

    ``simple`` is the cell as a function of the value alone when it compares with constants only, otherwise None.
    ``any`` is true for ``-``.
    """

    __slots__ = ("_bounds", "_evaluate", "_needs_run", "_slots", "any", "reads", "simple", "text", "tree")

    def __init__(self, text: str, tree: UnaryTestsNode, evaluate: Evaluator, compiler: Compiler) -> None:
        self.text = text
        self.tree = tree
        self.any = not tree.tests
        self.simple = simple(tree)
        self.reads = frozenset(compiler.reads)
        self._evaluate = evaluate
        self._needs_run = compiler.needs_run
        self._slots: list[Any] = [None] * (compiler.size - FIRST_SLOT - 1)
        self._bounds = compiler.bounds

    def evaluate(self, value: Any, context: Mapping[str, Any] | None = None, now: Moment = None) -> bool | None:
        """True if the value satisfies the tests, false if not, null if that cannot be said."""
        tested = value if type(value) in SCALARS else from_data(value)
        if self.simple is not None:
            return self.simple(tested)
        ready = prepared(context or {}, self.reads)
        run = Run(as_moment(now), self._bounds) if self._needs_run else None
        result: bool | None = guarded(self._evaluate, [ready, run, tested, *self._slots], run)
        return result

    def problems(self, value: Any, context: Mapping[str, Any] | None = None, now: Moment = None) -> tuple[Problem, ...]:
        """Evaluate again and say what went wrong."""
        run = Run(as_moment(now), self._bounds, collect=True)
        self.apply(from_data(value), prepared(context or {}, self.reads), run)
        return tuple(run.problems or ())

    def apply(self, value: Any, context: Mapping[str, Any], run: Run) -> bool | None:
        """As :meth:`evaluate`, for FEEL values, counted and reported to the given run."""
        result: bool | None = guarded(self._evaluate, [context, run, value, *self._slots], run)
        return result

    def __repr__(self) -> str:
        return f"UnaryTests({self.text!r})"


def compile_expression(
    text: str,
    names: Iterable[str] = (),
    *,
    members: Iterable[str] = (),
    types: Mapping[str, Type] | None = None,
    bounds: Bounds = DEFAULT,
) -> Expression:
    """Compile an expression; raises :class:`FeelSyntaxError`.

    ``names``: variables and functions that the context will have; needed for names of several words or with operators
    in them, and for variables that hide a built-in function. ``members``: keys of that kind which may follow a dot.
    ``types``: what ``instance of`` and parameters may name beside the standard's types.
    """
    known = frozenset(map(normal, names))
    compiler = Compiler(text, TABLE, BUILTINS, known, types or {}, bounds)
    tree = parse_expression(text, (*BUILTIN_NAMES, *known), (*PROPERTY_NAMES, *members), bounds)
    return Expression(text, tree, compiled(compiler, tree), compiler)


def compile_unary_tests(
    text: str,
    names: Iterable[str] = (),
    *,
    members: Iterable[str] = (),
    types: Mapping[str, Type] | None = None,
    bounds: Bounds = DEFAULT,
) -> UnaryTests:
    """Compile a decision table's cell; arguments and errors as of :func:`compile_expression`."""
    known = frozenset(map(normal, names))
    compiler = Compiler(text, TABLE, BUILTINS, known, types or {}, bounds)
    tree = parse_unary_tests(text, (*BUILTIN_NAMES, *known), (*PROPERTY_NAMES, *members), bounds)
    return UnaryTests(text, tree, unary_tests(compiler, tree), compiler)


def compiled(compiler: Compiler, tree: Node) -> Evaluator:
    """The evaluator of a whole tree."""
    return compiler.compile(tree)


def prepared(context: Mapping[str, Any], reads: frozenset[str]) -> Mapping[str, Any]:
    """The context with FEEL values under the names that are read; the context itself when it has them already."""
    for name in reads:
        value = context.get(name)
        if type(value) not in SCALARS and from_data(value) is not value:
            return {each: from_data(context[each]) for each in reads if each in context}
    return context


def as_moment(now: Moment) -> DateTime | None:
    """The time of an evaluation as FEEL's."""
    return moment(now) if isinstance(now, datetime) else now


def guarded(evaluate: Evaluator, environment: Environment, run: Run | None) -> Any:
    """Evaluate; a bound that is reached is null and a problem."""
    try:
        return evaluate(environment)
    except LimitReached as error:
        message = f"stopped: {error}"
    except RecursionError:
        message = "stopped: values or calls are nested too deeply"
    if run is not None:
        report(run, _START, message)
    return None


BUILTIN_NAMES = tuple(name for name in BUILTINS if " " in name)
PROPERTY_NAMES = ("time offset", "start included", "end included")
