"""Function definitions (10.3.2.13.2): lambdas that keep the environment they were made in."""

from collections.abc import Sequence
from typing import Any

from clearance.feel import syntax as tree
from clearance.feel import types
from clearance.feel.compiler.core import RUN, Compiler
from clearance.feel.compiler.inference import infer
from clearance.feel.functions import ExternalFunction, Function
from clearance.feel.problems import Environment, Evaluator, Run


class Lambda(Function):
    """A function written in FEEL. Each call gets its own copy of the environment, so that calls may recur."""

    __slots__ = ("_evaluate", "_returns", "_slots", "environment")

    def __init__(
        self,
        parameters: Sequence[str],
        parameter_types: Sequence[types.Type],
        slots: Sequence[int],
        evaluate: Evaluator,
        environment: Environment,
        returns: types.Type,
    ) -> None:
        super().__init__("the function", parameters, self._run_body, parameter_types)
        self._returns = returns
        self._slots = slots
        self._evaluate = evaluate
        self.environment = environment

    @property
    def returns(self) -> types.Type:
        """What the body's text tells of the result."""
        return self._returns

    def _run_body(self, run: Run, arguments: Sequence[Any]) -> Any:
        environment = self.environment.copy()
        environment[RUN] = run
        for slot, argument in zip(self._slots, arguments, strict=True):
            environment[slot] = argument
        return self._evaluate(environment)


def function(compiler: Compiler, node: tree.FunctionNode) -> Evaluator:
    """A function definition; with ``external``, a function that is refused when it is called."""
    compiler.needs_run = True
    names = [parameter.name for parameter in node.parameters]
    if node.external:
        mapping = compiler.compile(node.body)
        return lambda environment: ExternalFunction(names, mapping(environment))
    parameter_types = []
    for parameter in node.parameters:
        type_ = types.from_node(parameter.type, compiler.types) if parameter.type is not None else types.ANY
        parameter_types.append(type_ if type_ is not None else types.ANY)
    scope = compiler.enter(*names)
    slots = [scope.slots[name] for name in names]
    body = compiler.compile(node.body)
    compiler.leave(scope)
    returns = infer(node.body, dict(zip(names, parameter_types, strict=True)))
    return lambda environment: Lambda(names, parameter_types, slots, body, environment.copy(), returns)
