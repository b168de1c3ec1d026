"""FEEL texts and boxed expressions to steps: the help that boxed expressions ask for, and where FEEL is called.

In strict mode, which is what users get, a text that is no FEEL raises DmnError with its element and the column in the
text. Otherwise only the expression that holds it is null, with a problem, and the rest of the file works: so
conformance suites want it.
"""

import re
from collections.abc import Iterable
from typing import Any

from clearance.dmn.boxed import COMPILERS
from clearance.dmn.boxed.registry import Cell
from clearance.dmn.errors import DmnError, Place
from clearance.dmn.graph import Graph
from clearance.dmn.model import Definitions, Expression, UnaryTests
from clearance.dmn.run import Context, Run, Step
from clearance.dmn.scope import Scope, members_of
from clearance.dmn.types import TypeTable, kinds_of
from clearance.feel import FeelSyntaxError, compile_unary_tests, syntax, types
from clearance.feel import compile as compile_feel
from clearance.feel.builtins import BUILTINS
from clearance.feel.names import normal
from clearance.feel.regions import EVERYTHING, Region, region_of

_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_PLAIN_STRING = re.compile(r'"[^"\\]*"')


class Compiler:
    """Compiles the expressions of a graph's models."""

    def __init__(self, graph: Graph, *, strict: bool) -> None:
        self._graph = graph
        self._strict = strict
        self._members = members_of(graph.models.values())
        self._types = TypeTable(graph, self._constraint)
        self._named: dict[str, dict[str, types.Type]] = {}
        self._cells: dict[tuple[int, str], tuple[Scope, Cell]] = {}
        self.free: set[str] = set()
        """Names that the texts compiled so far read although nothing in their scope has them."""

    def scope(self, model: Definitions, names: Iterable[str]) -> Scope:
        """The scope of an element in a model that may use these names."""
        if model.namespace not in self._named:
            self._named[model.namespace] = {}
            self._named[model.namespace].update(self._types.named(model))
        return Scope(model, frozenset(map(normal, names)), self._members, self._named[model.namespace])

    def expression(self, expression: Expression, scope: Scope) -> Step:
        """The step of a boxed expression, its value converted to the type that it declares."""
        step = COMPILERS[type(expression)](expression, scope, self)
        if not expression.type_ref or type(expression).__name__ in ("FunctionDefinition", "DecisionTable"):
            return step
        return self.converted(step, self.type(expression.type_ref, scope, expression.where), expression.where)

    def text(self, text: str, scope: Scope, where: Place) -> Step:
        """The step of a FEEL text."""
        name = normal(text)
        if name in scope.names:
            return lambda context, run: context.get(name)
        try:
            expression = compile_feel(text, names=scope.names, members=scope.members, types=scope.types)
        except FeelSyntaxError as error:
            return self._wrong(text, error, where)
        self.free |= expression.reads - scope.names - BUILTINS.keys()
        evaluate = expression.apply

        def step(context: Context, run: Any) -> Any:
            if run.problems is None:
                return evaluate(context, run)
            seen = len(run.problems)
            value = evaluate(context, run)
            _adopt(run, seen, text, where)
            return value

        return step

    def cell(self, text: str, scope: Scope, where: Place) -> Cell:
        """Unary tests, as a set of values where they are one, and as a test; the same text is compiled once."""
        key = (id(scope), text)
        if key not in self._cells:
            self._cells[key] = scope, self._cell(text, scope, where)
        return self._cells[key][1]

    def _cell(self, text: str, scope: Scope, where: Place) -> Cell:
        if text == "-":
            return Cell(text, EVERYTHING, lambda value, context, run: True)
        try:
            compiled = compile_unary_tests(text, names=scope.names, members=scope.members, types=scope.types)
        except FeelSyntaxError as error:
            wrong = self._wrong(text, error, where)
            return Cell(text, None, lambda value, context, run: wrong(context, run))
        self.free |= compiled.reads - scope.names - BUILTINS.keys()
        evaluate = compiled.apply

        def test(value: Any, context: Context, run: Any) -> Any:
            if run.problems is None:
                return evaluate(value, context, run)
            seen = len(run.problems)
            result = evaluate(value, context, run)
            _adopt(run, seen, text, where)
            return result

        return Cell(text, region_of(compiled.tree), test)

    def constant(self, text: str, scope: Scope) -> bool:
        """Whether a FEEL text is a literal."""
        if _PLAIN_NUMBER.fullmatch(text) or _PLAIN_STRING.fullmatch(text):
            return True
        try:
            return isinstance(compile_feel(text, names=scope.names, members=scope.members).tree, syntax.Literal)
        except FeelSyntaxError:
            return False

    def literal_value(self, text: str, scope: Scope) -> Any:
        """The value of a FEEL text that is a literal."""
        return self.text(text, scope, Place())({}, Run())

    def region(self, text: str, scope: Scope) -> Region | None:
        """The values that satisfy unary tests, where that depends on nothing else."""
        return self.cell(text, scope, Place()).region

    def allowed_values(self, type_name: str, component: str, scope: Scope) -> UnaryTests | None:
        """The allowed values of a defined type, below any names it has been given, or of one of its components."""
        name = type_name
        for _ in range(len(scope.model.items) + 1):
            found = self._graph.type_definition(name, scope.model)
            if found is None:
                return None
            item = found[0]
            if component:
                item = next((part for part in item.components if part.name == component), item)
            if item.allowed_values is not None or item.type_constraint is not None:
                return item.allowed_values or item.type_constraint
            name = item.type_ref
        return None

    def type(self, name: str, scope: Scope, where: Place) -> types.Type:
        """The type that a reference means in a scope."""
        return self.type_in(name, scope.model, where)

    def type_in(self, name: str, model: Definitions, where: Place) -> types.Type:
        """The type that a reference means in a model; unknown ones are Any where the mode is not strict."""
        try:
            return self._types.resolve(name, model, where)
        except DmnError:
            if self._strict:
                raise
            return types.ANY

    def result_type(self, name: str, model: Definitions, where: Place) -> types.Type:
        """What a function returns whose type is referred to so."""
        try:
            return self._types.result(name, model, where)
        except DmnError:
            if self._strict:
                raise
            return types.ANY

    def converted(self, step: Step, type_: types.Type, where: Place) -> Step:
        """A step whose value is converted to a type (10.3.2.9.4), or becomes null with a problem."""
        if type_ is types.ANY:
            return step
        convert, mismatch, kinds = types.convert, types.MISMATCH, kinds_of(type_)

        def evaluate(context: Context, run: Any) -> Any:
            value = step(context, run)
            if value is None or type(value) in kinds:
                return value
            converted = convert(value, type_)
            if converted is mismatch:
                run.say(f"the value is {types.describe(value)} that is not of type {types.text_of(type_)}", where)
                return None
            return converted

        return evaluate

    def _constraint(self, tests: UnaryTests, model: Definitions) -> Any:
        """Allowed values or a type constraint as a function of the value; ``?`` is the value."""
        cell: list[Cell] = []

        def allows(value: Any) -> bool:
            if not cell:  # made when first used: the constraint may name types that are not known before
                cell.append(self._cell(tests.text, self.scope(model, ()), tests.where))
            return cell[0].test(value, {}, Run()) is True

        if self._strict:
            try:
                compile_unary_tests(tests.text, members=self._members)
            except FeelSyntaxError as error:
                self._wrong(tests.text, error, tests.where)
        return allows

    def _wrong(self, text: str, error: FeelSyntaxError, where: Place) -> Step:
        """The error in strict mode, otherwise a step that is null and says why."""
        message = f"cannot be read as FEEL: {_shortened(text)} ({error})."
        if self._strict:
            raise DmnError(message, where, "Correct the text; strings need double quotes.") from None

        def null(context: Context, run: Any) -> Any:
            run.say(message, where)

        return null


def _adopt(run: Run, seen: int, text: str, where: Place) -> None:
    """Give FEEL's new problems the place of the element in which they arose."""
    assert run.problems is not None
    for problem in run.problems[seen:]:
        run.say(f"{_shortened(text)}: {problem.message}", where)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else f"{line[:77]}..."
