"""Boxed for, some and every.

What they run over is read by FEEL's own ``for``, so lists, ranges, nulls, ``partial`` and bounds mean the same in
both. The condition of some and every must be true, false or null: with anything else the result is null.
"""

from typing import Any

from clearance.dmn.boxed.registry import Help
from clearance.dmn.model import Iteration
from clearance.dmn.run import Step
from clearance.dmn.scope import Scope
from clearance.feel.functions import Function
from clearance.feel.names import normal

_EACH = "for element in elements return body(element, null)"
_EACH_WITH_PARTIAL = "for element in elements return body(element, partial)"
"""Each use of ``partial`` copies the results so far, so it is handed over only to a body that names it."""


def compile_iteration(iteration: Iteration, scope: Scope, help_: Help) -> Step:
    """Runs FEEL's for with the boxes as its parts."""
    source = help_.expression(iteration.source, scope)
    type_ = help_.type(iteration.source_type, scope, iteration.where)
    elements = help_.converted(source, type_, iteration.source.where)
    name = normal(iteration.variable)
    body = help_.expression(iteration.body, scope.with_names((name, "partial")))
    text = _EACH_WITH_PARTIAL if iteration.kind == "for" and "partial" in repr(iteration.body) else _EACH
    iterate = help_.text(text, scope.with_names(("elements", "body")), iteration.where)

    def evaluate(context: dict[str, Any], run: Any) -> Any:
        def call(inner_run: Any, arguments: Any) -> Any:
            return body({**context, name: arguments[0], "partial": arguments[1]}, inner_run)

        inner = {"elements": elements(context, run), "body": Function("body", ("element", "partial"), call)}
        return iterate(inner, run)

    return evaluate if iteration.kind == "for" else _quantified(iteration, evaluate)


def _quantified(iteration: Iteration, each: Step) -> Step:
    """The ternary disjunction (some) or conjunction (every) of the conditions."""
    decisive = iteration.kind == "some"

    def evaluate(context: dict[str, Any], run: Any) -> bool | None:
        found = each(context, run)
        if type(found) is not list:
            return None
        if any(value is not None and type(value) is not bool for value in found):
            run.say(f"the condition of {iteration.kind} is not true, false or null", iteration.body.where)
            return None
        if decisive in found:
            return decisive
        return None if None in found else not decisive

    return evaluate
