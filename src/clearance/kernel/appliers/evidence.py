"""What new evidence does to the state."""

from clearance.kernel.appliers.table import Table
from clearance.kernel.state import Finished, Instance
from clearance.model import events
from clearance.model.graph import Graph


def _read(instance: Instance, event: events.InputsRead, graph: Graph) -> None:
    instance.elements[event.element].given = event.names


def _finished(instance: Instance, event: events.StepFinished, graph: Graph) -> None:
    """A step that was done before keeps its place: what came after it still does."""
    step = Finished(event.key, event.node, event.scope, dict(event.reads), event.flows)
    for index, before in enumerate(instance.finished):
        if (before.node, before.scope) == (event.node, event.scope):
            instance.finished[index] = step
            return
    instance.finished.append(step)


def _outdated(instance: Instance, event: events.StepsOutdated, graph: Graph) -> None:
    for step in instance.finished:
        if step.key in event.steps:
            step.outdated = True
    instance.news.extend(change for change in event.changed if change not in instance.news)


def _renewing(instance: Instance, event: events.StepRenewing, graph: Graph) -> None:
    instance.elements[event.key].renews = event.step


def _settled(instance: Instance, event: events.EvidenceSettled, graph: Graph) -> None:
    for step in instance.finished:
        step.outdated = False
    instance.news = []


APPLIERS: Table = {
    events.InputsRead: _read,
    events.StepFinished: _finished,
    events.StepsOutdated: _outdated,
    events.StepRenewing: _renewing,
    events.EvidenceSettled: _settled,
}
