"""The decision requirements graph put together: each element becomes a function that knows those it requires.

A decision sees exactly what it requires, under its variable's name: values of inputs and decisions, functions of
knowledge models and services. Functions are the same in every evaluation; values live in the evaluation's frame.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from clearance.dmn.boxed.function import compile_function
from clearance.dmn.compiler import Compiler
from clearance.dmn.errors import DmnError, Place
from clearance.dmn.graph import Graph, Key
from clearance.dmn.model import (
    Decision,
    DecisionService,
    DecisionTable,
    Definitions,
    GraphElement,
    InputData,
    KnowledgeModel,
)
from clearance.dmn.run import Frame, Run
from clearance.dmn.types import from_input, kinds_of
from clearance.feel import types
from clearance.feel.data import from_data
from clearance.feel.functions import Function
from clearance.feel.names import normal

Decide = Callable[[Frame], Any]
_MISSING = object()


class Assembly:
    """Functions for all elements of a graph, each made when it is first needed."""

    def __init__(self, graph: Graph, *, strict: bool) -> None:
        self._graph = graph
        self._strict = strict
        self._compiler = Compiler(graph, strict=strict)
        self._deciders: dict[Key, Decide] = {}
        self._functions: dict[Key, Function] = {}
        self._slots: dict[Key, int] = {}
        self._path: list[Key] = []

    def all(self) -> None:
        """Make everything, so that a mistake is found when the file is read."""
        for model in self._graph.models.values():
            for decision in model.decisions:
                self.decide((model.namespace, decision.id))
            for each in model.functions():
                self.function((model.namespace, each.id))

    def decide(self, key: Key) -> Decide:
        """The function that makes a decision or reads an input."""
        if key not in self._deciders:
            element = self._graph.element(key)
            if key in self._path:
                names = " → ".join(
                    self._graph.element(each).name for each in (*self._path[self._path.index(key) :], key)
                )
                raise DmnError(f"depends on itself: {names}.", element.where, "Remove one of the requirements.")
            self._path.append(key)
            try:
                if isinstance(element, InputData):
                    self._deciders[key] = self._input(key, element)
                else:
                    assert isinstance(element, Decision)
                    self._deciders[key] = self._decision(key, element)
            finally:
                self._path.pop()
        return self._deciders[key]

    def function(self, key: Key) -> Function:
        """The function that a knowledge model or decision service is."""
        if key not in self._functions:
            element = self._graph.element(key)
            if isinstance(element, KnowledgeModel):
                self._knowledge(key, element)
            else:
                assert isinstance(element, DecisionService)
                self._service(key, element)
        return self._functions[key]

    def convert(self, value: Any, type_: types.Type, what: str, where: Place, run: Run) -> Any:
        """The value as its declared type has it; null and a problem when it does not fit."""
        converted = types.convert(value, type_)
        if converted is types.MISMATCH:
            run.say(f"{what} is {types.describe(value)} that is not of type {types.text_of(type_)}", where)
            return None
        return converted

    def _slot(self, key: Key) -> int:
        """A small number for an element, under which a frame keeps its value."""
        return self._slots.setdefault(key, len(self._slots))

    def _type(self, element: GraphElement, model: Definitions) -> types.Type:
        return self._compiler.type_in(element.variable.type_ref, model, element.variable.where)

    def _input(self, key: Key, data: InputData) -> Decide:
        type_ = self._type(data, self._graph.models[key[0]])
        slot = self._slot(key)
        names = self._input_names(key, data)
        first = names[0]
        kinds = kinds_of(type_) - {Decimal}  # a Decimal may be no number
        what = f'the input "{data.variable.name}"'

        def read(frame: Frame) -> Any:
            values = frame.values
            if slot in values:
                return values[slot]
            given = frame.inputs.get(first, _MISSING)
            if type(given) in kinds:
                values[slot] = given
                return given
            if given is _MISSING:
                given = _elsewhere(frame, names)
            if given is _MISSING:
                frame.run.say(f"{what} is missing", data.where)
                given = None
            value = from_input(given, type_)
            if type_ is not types.ANY and value is not None:
                value = self.convert(value, type_, what, data.where, frame.run)
            values[slot] = value
            return value

        return read

    def _input_names(self, key: Key, data: InputData) -> tuple[str, ...]:
        """What a caller may call an input: by name, in an imported model by import and name, exactly by namespace."""
        prefix = self._graph.prefix(self._graph.main, key)
        name = data.variable.name
        names = (f"{prefix}.{name}" if prefix else name, f"{{{key[0]}}}{name}", name)
        return tuple(dict.fromkeys(names))

    def _requirements(self, element: Decision | KnowledgeModel, model: Definitions) -> "_Requirements":
        found = _Requirements()
        for reference in element.requires:
            try:
                target = self._graph.resolve(reference, model, element)
            except DmnError:
                if self._strict:
                    raise
                continue
            prefix = self._graph.prefix(model, target)
            if prefix is None:
                continue
            prefix = normal(prefix)
            required = self._graph.element(target)
            name = normal(required.variable.name)
            if isinstance(required, Decision | InputData):
                found.values.append((prefix, name, self.decide(target)))
            elif prefix:
                found.constants.setdefault(prefix, {})[name] = self.function(target)
            else:
                found.constants[name] = self.function(target)
            found.names.add(prefix or name)
        return found

    def _decision(self, key: Key, decision: Decision) -> Decide:
        model = self._graph.models[key[0]]
        requirements = self._requirements(decision, model)
        if decision.expression is None:
            return self._undecided(key, decision)
        expression = decision.expression
        if isinstance(expression, DecisionTable) and not expression.type_ref:
            expression = msgspec.structs.replace(expression, type_ref=decision.variable.type_ref)
        scope = self._compiler.scope(model, requirements.names)
        self._compiler.free.clear()
        step = self._compiler.expression(expression, scope)
        if not model.inputs:
            requirements.free = tuple(self._compiler.free)
        type_ = self._type(decision, model)
        if type_ is not types.ANY:
            step = self._compiler.converted(step, type_, decision.where)
        context_of, slot = requirements.context, self._slot(key)
        name = decision.name

        def decide(frame: Frame) -> Any:
            values = frame.values
            if slot in values:
                return values[slot]
            context = context_of(frame)
            run = frame.run
            outer, run.deciding = run.deciding, name
            values[slot] = value = step(context, run)
            run.deciding = outer
            return value

        return decide

    def _undecided(self, key: Key, decision: Decision) -> Decide:
        slot = self._slot(key)

        def decide(frame: Frame) -> Any:
            frame.run.say("the decision has no logic", decision.where)
            return frame.values.get(slot)

        return decide

    def _knowledge(self, key: Key, knowledge: KnowledgeModel) -> None:
        model = self._graph.models[key[0]]
        if knowledge.logic is None:
            self._functions[key] = Function(knowledge.name, (), lambda run, arguments: None)
            return
        context: dict[str, Any] = {}
        shell = _Later(knowledge.name, [each.name for each in knowledge.logic.parameters])
        self._functions[key] = shell
        requirements = self._requirements(knowledge, model)
        context.update(requirements.constants)
        context.setdefault(normal(knowledge.variable.name), shell)
        scope = self._compiler.scope(model, {*requirements.names, knowledge.variable.name})
        step = compile_function(knowledge.logic, scope, self._compiler, knowledge.name)
        function: Function = step(context, Run())
        result = self._compiler.result_type(knowledge.variable.type_ref, model, knowledge.variable.where)
        shell.become(function, result if function.result_type == types.ANY else function.result_type)

    def _service(self, key: Key, service: DecisionService) -> None:
        model = self._graph.models[key[0]]
        shell = _Later(service.name, ())
        self._functions[key] = shell
        inputs = (*service.input_data, *service.input_decisions)
        parameters = [self._graph.resolve(each, model, service) for each in inputs]
        outputs = [self._graph.resolve(each, model, service) for each in service.outputs]
        names, parameter_types = [], []
        for target in parameters:
            element = self._graph.element(target)
            names.append(element.variable.name)
            parameter_types.append(self._type(element, self._graph.models[target[0]]))
        slots = [self._slot(target) for target in parameters]
        deciders = [(self._graph.element(target).variable.name, self.decide(target)) for target in outputs]

        def answer(run: Any, arguments: Any) -> Any:
            frame = Frame(run, {})
            frame.values.update(zip(slots, arguments, strict=True))
            if len(deciders) == 1:
                return deciders[0][1](frame)
            return {name: decide(frame) for name, decide in deciders}

        result = self._compiler.result_type(service.variable.type_ref, model, service.variable.where)
        shell.become(Function(service.name, names, answer, parameter_types, result), result)


class _Later(Function):
    """A function that is known before its body is, so that functions may require themselves and one another."""

    __slots__ = ()

    def __init__(self, name: str, parameters: Iterable[str]) -> None:
        super().__init__(name, tuple(parameters), lambda run, arguments: None)

    def become(self, function: Function, result: types.Type) -> None:
        """Take over what the other function is."""
        self.parameters = function.parameters
        self.parameter_types = function.parameter_types
        self.body = function.body
        self.result_type = result


class _Requirements:
    """What an element may use: functions, known now, and values, read in each evaluation."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.constants: dict[str, Any] = {}
        self.values: list[tuple[str, str, Decide]] = []
        self.free: tuple[str, ...] = ()
        """In a model that declares no input data at all, as many files in the wild: the names its texts leave open."""

    def context(self, frame: Frame) -> dict[str, Any]:
        """The context in which the element's logic is evaluated."""
        context = dict(self.constants)
        for name in self.free:
            if name in frame.inputs:
                context[name] = from_data(frame.inputs[name])
        for prefix, name, decide in self.values:
            if prefix:
                context[prefix] = {**context.get(prefix, {}), name: decide(frame)}
            else:
                context[name] = decide(frame)
        return context


def _elsewhere(frame: Frame, names: Sequence[str]) -> Any:
    """An input under its other names, or as ``{"Import": {"Name": ...}}`` when its model is imported."""
    for name in names:
        if name in frame.inputs:
            return frame.inputs[name]
        prefix, dot, local = name.partition(".")
        group = frame.inputs.get(prefix) if dot and not name.startswith("{") else None
        if isinstance(group, dict) and local in group:
            return group[local]
    return _MISSING
