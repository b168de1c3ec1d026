"""Evaluating expressions in a scope, with faults that say what was asked, where and why it failed."""

from collections.abc import Mapping
from typing import Any

from clearance.kernel.state import lookup
from clearance.kernel.working import Fault, Step
from clearance.model.graph import Compiled, Literal
from clearance.model.values import Data, Value
from clearance.model.values import join_labels as join_labels

Values = Mapping[str, Value]
"""Variables that come before those of the scope: decided already, and not yet recorded."""
NOTHING: dict[str, Value] = {}


def evaluate(step: Step, compiled: Compiled, scope: int, what: str, before: Values = NOTHING) -> Value:
    """The expression's value in the scope; it carries the labels of all that was read.

    Raises a fault when the value is null because a variable does not exist.
    """
    if type(compiled) is Literal:
        return Value(compiled.text)
    context: dict[str, Any] = {}
    label = ""
    missing = []
    for name in compiled.reads:
        value = before.get(name) or lookup(step.instance, scope, name)
        if value is None:
            missing.append(name)
        else:
            context[name] = value.data
            if value.label:
                label = join_labels(label, value.label)
    data = compiled.evaluate(context, step.moment)
    if data is None and missing:
        names = ", ".join(sorted(missing))
        raise Fault("expression", f"{what} = {compiled.text}: there is no variable {names} here")
    return Value(data, label)


def visible_names(step: Step, compiled: Compiled, scope: int) -> dict[str, Data]:
    """What the expression reads, as far as it exists in the scope."""
    seen = ((name, lookup(step.instance, scope, name)) for name in compiled.reads)
    return {name: value.data for name, value in seen if value is not None}


def condition(step: Step, compiled: Compiled, scope: int, what: str, before: Values = NOTHING) -> bool:
    """The truth of a condition; anything but true and false is a fault."""
    data = evaluate(step, compiled, scope, what, before).data
    if data is True or data is False:
        return data
    why = _why(step, compiled, scope, before)
    raise Fault("condition", f"{what} = {compiled.text}: must be true or false, but is {_show(data)}{why}")


def text(step: Step, compiled: Compiled, scope: int, what: str, before: Values = NOTHING) -> str:
    """A text attribute; a number is taken as its digits, anything else is a fault."""
    data = evaluate(step, compiled, scope, what, before).data
    if isinstance(data, str):
        return data
    if data is None or isinstance(data, bool | list | dict):
        why = _why(step, compiled, scope)
        raise Fault("expression", f"{what} = {compiled.text}: must be a text, but is {_show(data)}{why}")
    return str(data)


def optional_text(step: Step, texts: Mapping[str, Compiled], name: str, scope: int, default: str = "") -> str:
    """A text attribute that may be left out, or be null."""
    compiled = texts.get(name)
    if compiled is None:
        return default
    if evaluate(step, compiled, scope, name).data is None:
        return default
    return text(step, compiled, scope, name)


def texts(step: Step, compiled: Compiled | None, scope: int, what: str) -> tuple[str, ...]:
    """A list of texts, given as a list or separated by commas."""
    if compiled is None:
        return ()
    data = evaluate(step, compiled, scope, what).data
    if data is None:
        return ()
    items = data if isinstance(data, list) else str(data).split(",")
    return tuple(stripped for item in items if (stripped := str(item).strip()))


def _why(step: Step, compiled: Compiled, scope: int, before: Values = NOTHING) -> str:
    seen = ((name, before.get(name) or lookup(step.instance, scope, name)) for name in compiled.reads)
    context = {name: value.data for name, value in seen if value}
    problems = compiled.problems(context, step.moment)
    return f" ({'; '.join(problems)})" if problems else ""


def _show(data: Data) -> str:
    shown = "null" if data is None else repr(data)
    return shown if len(shown) <= 80 else shown[:77] + "..."
