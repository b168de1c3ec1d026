"""What suspending, modifying and migrating an instance do to its state."""

from clearance.kernel.appliers.elements import remember_person
from clearance.kernel.appliers.table import Table
from clearance.kernel.state import Held, Instance
from clearance.model import events
from clearance.model.graph import Graph


def _suspended(instance: Instance, event: events.InstanceSuspended, graph: Graph) -> None:
    instance.suspended = True
    _remember(instance, event.by)


def _resumed(instance: Instance, event: events.InstanceResumed, graph: Graph) -> None:
    instance.suspended = False
    instance.held = []
    _remember(instance, event.by)


def _held(instance: Instance, event: events.CommandHeld, graph: Graph) -> None:
    instance.held.append(Held(event.kind, event.key, event.command))


def _modified(instance: Instance, event: events.InstanceModified, graph: Graph) -> None:
    _remember(instance, event.by)


def _migrated(instance: Instance, event: events.InstanceMigrated, graph: Graph) -> None:
    """Every index into the old graph becomes one into the new graph."""
    nodes, flows = event.nodes, event.flows
    instance.process, instance.definition = event.process, event.definition
    for element in instance.elements.values():
        element.node = nodes[element.node]
        element.queue = [(nodes[node], values) for node, values in element.queue]
    for timer in instance.timers.values():
        timer.node = nodes[timer.node]
    for condition in instance.conditions.values():
        condition.node = nodes[condition.node]
    for element in instance.elements.values():
        element.seen = [(nodes[node], trigger) for node, trigger in element.seen if node in nodes]
        element.early = {nodes[node]: values for node, values in element.early.items() if node in nodes}
        element.phases = {nodes[node]: tuple(flows[flow] for flow in taken) for node, taken in element.phases.items()}
    for subscription in instance.subscriptions.values():
        subscription.node = nodes[subscription.node]
    for note in instance.notes:
        note.node, note.handler = nodes[note.node], nodes[note.handler]
        note.within = tuple(nodes[node] for node in note.within)
    for scope, waiting in instance.arrivals.items():
        instance.arrivals[scope] = {flows[flow]: count for flow, count in waiting.items()}
    instance.finished = [step for step in instance.finished if step.node in nodes]
    for step in instance.finished:
        step.node = nodes[step.node]
        step.flows = tuple(flows[flow] for flow in step.flows if flow in flows)
    _remember(instance, event.by)


def _remember(instance: Instance, by: str) -> None:
    if by:
        remember_person(instance, by)


APPLIERS: Table = {
    events.InstanceSuspended: _suspended,
    events.InstanceResumed: _resumed,
    events.CommandHeld: _held,
    events.InstanceModified: _modified,
    events.InstanceMigrated: _migrated,
}
