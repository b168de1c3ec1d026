"""FEEL and DMN as the kernel knows them: adapters to the protocols of ``model/ports.py``."""

from collections.abc import Mapping
from datetime import datetime

from clearance import dmn, feel
from clearance.feel.agents import parameters
from clearance.ledger.rows import DecisionFile
from clearance.model.ports import Decided, Decisions, Expression, ExpressionError
from clearance.model.values import Data


class FeelExpression:
    """A compiled expression whose values are plain data."""

    __slots__ = ("_compiled", "parameters", "reads", "text")

    def __init__(self, compiled: feel.Expression) -> None:
        self._compiled = compiled
        self.text = compiled.text
        self.reads = compiled.reads
        self.parameters: tuple[Mapping[str, Data], ...] = parameters(compiled.text)

    def evaluate(self, context: Mapping[str, object], now: datetime) -> Data:
        return feel.to_data(self._compiled.evaluate(context, now))

    def problems(self, context: Mapping[str, object], now: datetime) -> tuple[str, ...]:
        return tuple(problem.message for problem in self._compiled.problems(context, now))


class Feel:
    """Compiles expressions."""

    def compile(self, text: str) -> Expression:
        try:
            return FeelExpression(feel.compile(text))
        except feel.FeelSyntaxError as error:
            raise ExpressionError(str(error)) from error


class DeployedDecisions:
    """All deployed decision files; a decision is found by name or id, in the file deployed last."""

    def __init__(self, files: list[DecisionFile]) -> None:
        self._by_name: dict[str, dmn.Decisions] = {}
        for file in files:
            decisions = dmn.read(file.content, name=file.name)
            for decision in decisions.definitions.decisions:
                self._by_name[decision.name] = decisions
                if decision.id:
                    self._by_name[decision.id] = decisions

    def decide(self, decision: str, context: Mapping[str, object], now: datetime) -> Decided:
        explained = self._by_name[decision].explain(decision, context, now)
        rules = tuple(_sentence(fired) for fired in explained.rules)
        return Decided(feel.to_data(explained.value), tuple(str(problem) for problem in explained.problems), rules)


def read_decisions(files: list[DecisionFile]) -> Decisions:
    """An evaluator of all the files; raises ValueError (DmnError) that names file, element and remedy."""
    return DeployedDecisions(files)


def _sentence(fired: dmn.RuleFired) -> str:
    cells = ", ".join(f"{cell.input} = {feel.to_text(cell.value)} ({cell.test})" for cell in fired.cells)
    notes = f"; {'; '.join(note for note in fired.annotations if note)}" if any(fired.annotations) else ""
    return f"{fired.decision}, rule {fired.rule}: {cells or 'always'}{notes}"
