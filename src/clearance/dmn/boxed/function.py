"""A boxed function, and the functions that knowledge models are (10.4)."""

from typing import Any

from clearance.dmn.boxed.registry import Help
from clearance.dmn.errors import Place
from clearance.dmn.model import FunctionDefinition
from clearance.dmn.run import Step
from clearance.dmn.scope import Scope
from clearance.feel.functions import Function
from clearance.feel.names import normal
from clearance.feel.problems import Refused


def compile_function(definition: FunctionDefinition, scope: Scope, help_: Help, name: str = "function") -> Step:
    """A step that gives a FEEL function; it sees what is in the context where it was defined."""
    names = [parameter.name for parameter in definition.parameters]
    variables = [normal(parameter) for parameter in names]
    parameter_types = [help_.type(each.type_ref, scope, each.where) for each in definition.parameters]
    result = help_.result_type(definition.type_ref, scope.model, definition.where)
    body = _body(definition, scope.with_names(names), help_)

    def evaluate(context: dict[str, Any], run: Any) -> Any:
        def call(inner_run: Any, arguments: Any) -> Any:
            return body({**context, **dict(zip(variables, arguments, strict=True))}, inner_run)

        return Function(name, names, call, parameter_types, result)

    return evaluate


def _body(definition: FunctionDefinition, scope: Scope, help_: Help) -> Step:
    if definition.kind != "FEEL":
        return _refusal(definition.kind, definition.where)
    if definition.body is None:
        return lambda context, run: None
    return help_.expression(definition.body, scope)


def _refusal(kind: str, where: Place) -> Step:
    """Foreign code is never run: a decision must mean the same everywhere, and a file must not bring code along."""

    def refuse(context: dict[str, Any], run: Any) -> Any:
        message = f"external {kind} functions are not run; write the function in FEEL, or call a service task"
        run.say(message, where)
        raise Refused(message)

    return refuse
