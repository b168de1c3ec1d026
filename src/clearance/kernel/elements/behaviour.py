"""What an element adds to the common life of ``kernel/life.py``; every part may be left out."""

from collections.abc import Callable
from dataclasses import dataclass

from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.graph import Edge, Node


@dataclass(frozen=True, slots=True)
class Behaviour:
    activate: Callable[[Step, ElementInstance, Node], bool] | None = None
    """Open what the element waits for; returns whether it waits. Without it the element passes through."""
    complete: Callable[[Step, ElementInstance, Node], bool] | None = None
    """Before outputs and outgoing flows; returns whether to go on with them."""
    leave: Callable[[Step, ElementInstance, Node], tuple[Edge, ...]] | None = None
    """Which flows to take; without it those of an activity (unconditional ones, those whose condition holds, the
    default).
    """
