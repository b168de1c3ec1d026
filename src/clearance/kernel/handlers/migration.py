"""Going on by another definition; ``kernel/migration.py`` says what that means for each part of the instance."""

from typing import Any

from clearance.kernel import migration
from clearance.kernel.shared.ending import close_wait
from clearance.kernel.shared.flows import settle_join
from clearance.kernel.shared.waits import open_wait
from clearance.kernel.working import Refused, Step
from clearance.model.commands import MigrateInstance
from clearance.model.events import InstanceMigrated


def _migrate(step: Step, command: MigrateInstance) -> None:
    target = step.target
    if target is None:
        raise Refused("not-found", f"definition {command.definition} is not deployed")
    if target.definition == step.graph.definition:
        raise Refused("invalid", "the instance runs by this version already")
    plan = migration.plan(step.graph, target, step.instance, command.elements)
    if plan.problems:
        raise Refused("conflict", "; ".join(plan.problems))
    for key in plan.closes:
        close_wait(step, key)
    by = command.by.name if command.by else ""
    step.record(
        InstanceMigrated(target.process.id, target.definition, plan.nodes, plan.flows, by, command.reason),
    )
    step.graph = target
    for key, event in plan.opens:
        element = step.instance.elements[key]
        node = step.node_of(element)
        scope = element.scope if event in node.boundaries else element.key
        open_wait(step, element, target.nodes[event], scope)
    for scope, waiting in list(step.instance.arrivals.items()):
        for join in {target.edges[flow].target for flow in waiting}:
            settle_join(step, target.nodes[join], scope)


HANDLERS: dict[Any, Any] = {MigrateInstance: _migrate}
