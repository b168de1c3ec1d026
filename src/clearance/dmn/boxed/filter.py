"""A boxed filter: the items of a list for which a condition is true.

Unlike FEEL's filter it knows no positions: a condition that is neither true, false nor null makes the result null.
"""

from typing import Any

from clearance.dmn.boxed.registry import Help
from clearance.dmn.model import Filter
from clearance.dmn.run import Step
from clearance.dmn.scope import Scope


def compile_filter(filtered: Filter, scope: Scope, help_: Help) -> Step:
    """The condition sees the item as ``item``, and the item's own entries by their names."""
    source = help_.expression(filtered.source, scope)
    match = help_.expression(filtered.match, scope.with_members().with_names(("item",)))

    def evaluate(context: dict[str, Any], run: Any) -> Any:
        items = source(context, run)
        if items is None:
            run.say("what is filtered is null", filtered.source.where)
            return None
        if type(items) is not list:
            items = [items]
        run.spend(len(items))
        chosen = []
        for item in items:
            parts = item if type(item) is dict else {}
            matches = match({**context, "item": item, **parts}, run)
            if matches is True:
                chosen.append(item)
            elif matches is not False and matches is not None:
                run.say("the condition of the filter is not true, false or null", filtered.match.where)
                return None
        return chosen

    return evaluate
