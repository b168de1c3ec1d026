"""A boxed list (10.5.2)."""

from clearance.dmn.boxed.registry import Help
from clearance.dmn.model import ListOf
from clearance.dmn.run import Step
from clearance.dmn.scope import Scope


def compile_list(items: ListOf, scope: Scope, help_: Help) -> Step:
    """The values of the items, in order."""
    steps = [help_.expression(item, scope) for item in items.items]
    return lambda context, run: [step(context, run) for step in steps]
