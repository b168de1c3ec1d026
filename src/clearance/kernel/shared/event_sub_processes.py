"""Event sub-processes (10.3.5, 13.5.4): they begin when their start event happens while their scope is active.

An interrupting one ends all that runs in the scope and takes it over: no other one can start in it from then on. Others
run beside what the scope does, several at once if need be. What the event brings is local to the event sub-process.
"""

from collections.abc import Mapping

from clearance.kernel.shared.ending import close_wait, terminate_children
from clearance.kernel.shared.flows import discard_tokens, enter
from clearance.kernel.state import ElementInstance
from clearance.kernel.working import Step
from clearance.model.definition import StartEvent
from clearance.model.events import ScopeInterrupted, VariablesSet
from clearance.model.graph import Node
from clearance.model.values import Data, Value


def begin(
    step: Step, scope: ElementInstance, start: Node, variables: Mapping[str, Data], label: str = "", source: int = 0
) -> None:
    """The start event has happened in an active scope."""
    assert isinstance(start.element, StartEvent)
    sub_process = step.graph.nodes[start.scope]
    if start.element.interrupting:
        terminate_children(step, scope)
        discard_tokens(step, sub_process, scope.key)
        close_starts(step, scope)
        step.record(ScopeInterrupted(scope.key))
    key = enter(step, sub_process.index, scope.key)
    if variables:
        values = {name: Value(data, label, "", source or key) for name, data in variables.items()}
        step.record(VariablesSet(key, values))


def close_starts(step: Step, scope: ElementInstance) -> None:
    """The scope waits for the start of no event sub-process any longer; events on its border still can happen."""
    instance = step.instance
    starts = set(step.node_of(scope).event_starts)
    for key in list(scope.waits):
        wait = instance.timers.get(key) or instance.subscriptions.get(key) or instance.conditions[key]
        if wait.node in starts:
            close_wait(step, key)
