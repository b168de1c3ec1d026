"""A boxed invocation: a function called with named arguments (7.3.7)."""

from typing import Any

from clearance.dmn.boxed.registry import Help
from clearance.dmn.model import Invocation
from clearance.dmn.run import Step
from clearance.dmn.scope import Scope
from clearance.feel.problems import Refused


def compile_invocation(invocation: Invocation, scope: Scope, help_: Help) -> Step:
    """Evaluates the bindings, then calls; what is not a function, or does not take them, gives null."""
    called = help_.expression(invocation.called, scope)
    names = [binding.parameter.name for binding in invocation.bindings]
    steps: list[Step] = []
    for binding in invocation.bindings:
        if binding.value is None:
            steps.append(lambda context, run: None)
            continue
        type_ = help_.type(binding.parameter.type_ref, scope, binding.where)
        steps.append(help_.converted(help_.expression(binding.value, scope), type_, binding.where))
    where = invocation.where

    def evaluate(context: dict[str, Any], run: Any) -> Any:
        function = called(context, run)
        if not hasattr(function, "call"):
            run.say("what is invoked is not a function", where)
            return None
        try:
            arguments = function.arrange(names, [step(context, run) for step in steps])
            return function.call(run, arguments)
        except Refused as refusal:
            run.say(str(refusal), where)
            return None

    return evaluate
