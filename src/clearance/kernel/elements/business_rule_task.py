"""Business rule task (10.3.3.5): a DMN decision, evaluated here; the rules that fired are recorded."""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared.evidence import Watched, note_given
from clearance.kernel.shared.expressions import text
from clearance.kernel.shared.jobs import create_job
from clearance.kernel.shared.variables import receive
from clearance.kernel.state import ElementInstance, visible
from clearance.kernel.working import Fault, Step
from clearance.model.definition import BusinessRuleTask
from clearance.model.events import DecisionEvaluated
from clearance.model.graph import Node
from clearance.model.values import join_labels


def _activate(step: Step, element: ElementInstance, node: Node) -> bool:
    assert isinstance(node.element, BusinessRuleTask)
    if node.element.job is not None:
        create_job(step, element, node, node.element.job)
        return True
    decision = text(step, node.texts["decision"], element.key, f"decision of {node.label}")
    if step.decisions is None:
        raise Fault("decision", f'{node.label} calls the decision "{decision}", but no decisions are deployed')
    given = Watched(visible(step.instance, element.key))
    try:
        decided = step.decisions.decide(decision, given, step.moment)
    except KeyError:
        raise Fault("decision", f'{node.label} calls the decision "{decision}", which is not deployed') from None
    if decided.output is None and decided.problems:
        raise Fault("decision", f'the decision "{decision}" of {node.label} failed: {"; ".join(decided.problems)}')
    step.record(DecisionEvaluated(element.key, decision, decided.rules))
    note_given(step, element, tuple(sorted(given.asked & given.keys() or given.keys())))
    if node.element.result:
        receive(step, element, node, {node.element.result: decided.output}, _labels(step, element))
    return False


def _labels(step: Step, element: ElementInstance) -> str:
    """A decision may have read everything that is visible."""
    label, scope = "", element.key
    while scope:
        current = step.instance.elements[scope]
        for value in current.variables.values():
            label = join_labels(label, value.label)
        scope = current.scope
    return label


BEHAVIOUR = Behaviour(activate=_activate)
