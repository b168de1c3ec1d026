"""Decisions ready to be evaluated: what :func:`clearance.dmn.read` gives.

Everything is compiled once, here. An evaluation walks back from the decision that is asked for, makes each decision it
needs once, and keeps nothing: the same object may serve any number of threads, and the same inputs and ``now`` always
give the same result.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from clearance.dmn.assembly import Assembly, Decide
from clearance.dmn.errors import DmnError, Place, Problem
from clearance.dmn.graph import Graph, Key
from clearance.dmn.model import Decision, DecisionService, Definitions, KnowledgeModel
from clearance.dmn.run import Frame, RuleFired, Run
from clearance.dmn.types import from_input
from clearance.feel.bounds import DEFAULT, Bounds
from clearance.feel.data import moment, to_data
from clearance.feel.problems import LimitReached, Refused
from clearance.model.values import Data


class Explanation(msgspec.Struct, frozen=True):
    """A result with its reasons: the rules that matched, what their cells saw, and what went wrong."""

    value: Any
    rules: tuple[RuleFired, ...]
    problems: tuple[Problem, ...]

    def __str__(self) -> str:
        lines = [f"result: {to_data(self.value)}"]
        for fired in self.rules:
            saw = ", ".join(f"{cell.input} = {to_data(cell.value)} matches {cell.test}" for cell in fired.cells)
            lines.append(f"{fired.decision}, rule {fired.rule} gives {to_data(fired.output)}: {saw or 'always'}")
        return "\n".join([*lines, *map(str, self.problems)])


class Result:
    """What a decision gave. Why it did is found out only when asked for, by evaluating again: decisions are pure."""

    __slots__ = ("_again", "_explanation", "value")

    def __init__(self, value: Any, again: "_Call") -> None:
        self.value = value
        """A FEEL value: int or Decimal, str, bool, None, list, dict, or FEEL's own dates, times and durations."""
        self._again = again
        self._explanation: Explanation | None = None

    @property
    def data(self) -> Data:
        """The value as plain data; dates, times and durations as ISO 8601 text."""
        return to_data(self.value)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What went wrong on the way, each with its place."""
        return self.explanation.problems

    @property
    def rules(self) -> tuple[RuleFired, ...]:
        """The rules of decision tables that matched, in order of evaluation."""
        return self.explanation.rules

    @property
    def explanation(self) -> Explanation:
        """Rules and problems together."""
        if self._explanation is None:
            self._explanation = self._again.explain()
        return self._explanation

    def __repr__(self) -> str:
        return f"Result({self.data!r})"


class _Call(msgspec.Struct, frozen=True):
    """One question: a decision or function, its inputs, and the time."""

    decide: Decide
    inputs: Mapping[str, Any]
    now: Any
    bounds: Bounds

    def run(self, run: Run) -> Any:
        try:
            return self.decide(Frame(run, self.inputs))
        except LimitReached as limit:
            run.say(f"the evaluation was stopped: {limit}", Place())
        except RecursionError:
            run.say("the evaluation was stopped: decisions require one another too deeply", Place())
        return None

    def explain(self) -> Explanation:
        run = Run(self.now, self.bounds, collect=True)
        value = self.run(run)
        return Explanation(value, tuple(run.fired or ()), tuple(run.found or ()))


class Decisions:
    """The decisions of a model and of what it imports."""

    def __init__(
        self,
        main: Definitions,
        imported: Sequence[Definitions] = (),
        *,
        strict: bool = True,
        bounds: Bounds = DEFAULT,
    ) -> None:
        self.definitions = main
        self.imported = tuple(imported)
        self.graph = Graph(main, imported)
        self._bounds = bounds
        self._assembly = Assembly(self.graph, strict=strict)
        self._assembly.all()
        self._found: dict[str, Decide] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the decisions that can be evaluated."""
        return tuple(decision.name for decision in self.definitions.decisions)

    @property
    def services(self) -> tuple[str, ...]:
        """The names of the decision services and knowledge models that can be invoked."""
        return tuple(each.name for each in self.definitions.functions())

    def evaluate(self, decision: str, inputs: Mapping[str, Any], now: datetime | None = None) -> Result:
        """The value of a decision by its name or id; inputs by name, those of imported models by ``import.name``.

        Inputs that the decision does not use are ignored, those that it lacks are null. Data that does not fit gives
        null and a problem, never an exception. Raises DmnError when there is no such decision.
        """
        call = self._call(decision, inputs, now)
        return Result(call.run(Run(call.now, self._bounds)), call)

    def explain(self, decision: str, inputs: Mapping[str, Any], now: datetime | None = None) -> Explanation:
        """As :meth:`evaluate`, with the rules that fired, the inputs that each cell saw, and all problems."""
        return self._call(decision, inputs, now).explain()

    def _call(self, decision: str, inputs: Mapping[str, Any], now: datetime | None) -> _Call:
        decide = self._found.get(decision) or self._find(decision)
        return _Call(decide, inputs, None if now is None else moment(now), self._bounds)

    def invoke(self, service: str, inputs: Mapping[str, Any], now: datetime | None = None) -> Result:
        """The answer of a decision service or knowledge model; inputs by the names of its parameters.

        A service with several output decisions answers with a context that has an entry for each.
        """
        key = self.graph.find(service, (DecisionService, KnowledgeModel))
        if key is None:
            raise self._unknown("decision service", service, self.services)
        call = _Call(self._invoker(key), inputs, None if now is None else moment(now), self._bounds)
        return Result(call.run(Run(call.now, self._bounds)), call)

    def _invoker(self, key: Key) -> Decide:
        function = self._assembly.function(key)
        where = self.graph.element(key).where

        def decide(frame: Frame) -> Any:
            arguments = []
            for name, type_ in zip(function.parameters, function.parameter_types, strict=True):
                value = from_input(frame.inputs.get(name), type_)
                arguments.append(self._assembly.convert(value, type_, f'the input "{name}"', where, frame.run))
            try:
                return function.call(frame.run, arguments)
            except Refused as refusal:
                frame.run.say(str(refusal), where)
                return None

        return decide

    def _find(self, decision: str) -> Decide:
        key = self.graph.find(decision, (Decision,))
        if key is None:
            raise self._unknown("decision", decision, self.names)
        self._found[decision] = self._assembly.decide(key)
        return self._found[decision]

    def _unknown(self, kind: str, name: str, known: Sequence[str]) -> DmnError:
        names = ", ".join(f'"{each}"' for each in known) or "none"
        return DmnError(f'there is no {kind} "{name}".', Place(file=self.definitions.where.file), f"It has {names}.")
