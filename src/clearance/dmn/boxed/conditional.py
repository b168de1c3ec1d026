"""A boxed conditional: if, then, else."""

from typing import Any

from clearance.dmn.boxed.registry import Help
from clearance.dmn.model import Conditional
from clearance.dmn.run import Step
from clearance.dmn.scope import Scope


def compile_conditional(conditional: Conditional, scope: Scope, help_: Help) -> Step:
    """True takes the then branch, false and null the else branch; a condition that is neither makes null."""
    condition = help_.expression(conditional.condition, scope)
    then = help_.expression(conditional.then, scope)
    otherwise = help_.expression(conditional.otherwise, scope)

    def evaluate(context: dict[str, Any], run: Any) -> Any:
        value = condition(context, run)
        if value is True:
            return then(context, run)
        if value is False or value is None:
            return otherwise(context, run)
        run.say("the condition is not true, false or null", conditional.condition.where)
        return None

    return evaluate
