"""A boxed context: entries that may use those before them, and perhaps a result (10.5.1)."""

from typing import Any

from clearance.dmn.boxed.registry import Help
from clearance.dmn.model import Context
from clearance.dmn.run import Step
from clearance.dmn.scope import Scope
from clearance.feel.names import normal


def compile_context(boxed: Context, scope: Scope, help_: Help) -> Step:
    """A context's value is a context, unless its last entry has no name: then it is that entry's value.

    Functions among the entries see the context in which they stand, and so can call themselves and one another.
    """
    entries: list[tuple[str, Step]] = []
    result: Step | None = None
    names = [entry.variable.name for entry in boxed.entries if entry.variable is not None]
    inner = scope.with_names(names)
    for entry in boxed.entries:
        step = help_.expression(entry.value, inner)
        if entry.variable is None:
            result = step
        else:
            type_ = help_.type(entry.variable.type_ref, scope, entry.variable.where)
            entries.append((entry.variable.name, help_.converted(step, type_, entry.where)))
    named = [(name, normal(name), step) for name, step in entries]

    def evaluate(context: dict[str, Any], run: Any) -> Any:
        known = dict(context)
        made: dict[str, Any] = {}
        for name, variable, step in named:
            known[variable] = made[name] = step(known, run)
        return made if result is None else result(known, run)

    return evaluate
