"""What the gate is asked before a job leaves: exactly this action, with the parameters that the actor will get."""

import msgspec

from clearance.kernel.shared import ad_hoc
from clearance.kernel.state import Instance, JobState, lookup, visible
from clearance.model.clearance import Approval, Facts, Request
from clearance.model.graph import Graph
from clearance.model.values import Data, join_labels
from clearance.model.work import Actor


def parameters(instance: Instance, graph: Graph, job: JobState, actor: Actor | None) -> dict[str, Data]:
    """What the actor gets: what it declares, else what input mappings name, else all that is visible."""
    element = instance.elements[job.element]
    declared = actor.input_schema.get("properties") if actor is not None else None
    if declared is None and graph.nodes[element.node].inputs:
        return {name: value.data for name, value in element.variables.items()}
    everything = visible(instance, job.element)
    if declared is None:
        return everything
    if ad_hoc.OFFERED in element.variables:
        declared = (*declared, ad_hoc.OFFERED)
    return {name: everything[name] for name in declared if name in everything}


def request(instance: Instance, graph: Graph, job: JobState, actor: Actor | None, given: dict[str, Data]) -> Request:
    """The action with the facts of this instance's history."""
    node = graph.nodes[instance.elements[job.element].node]
    asked = Request(
        principal_kind="Actor",
        principal=job.type,
        action=actor.action if actor is not None else "run",
        process=graph.process.id,
        element=node.id,
        parameters=given,
        systems=actor.systems if actor is not None else (),
        risk=actor.risk if actor is not None else "low",
        tenant=instance.tenant,
        facts=Facts((), tuple(instance.people), job.attempt),
    )
    if not instance.granted:
        return asked
    digest = asked.digest()
    approvals: tuple[Approval, ...] = tuple(given for given in instance.granted if given.action_sha256 == digest)
    return msgspec.structs.replace(asked, facts=Facts(approvals, tuple(instance.people), job.attempt))


def label_of(instance: Instance, job: JobState, given: dict[str, Data]) -> str:
    """The labels of all that the actor gets, joined."""
    label = ""
    for name in given:
        value = lookup(instance, job.element, name)
        if value is not None and value.label:
            label = join_labels(label, value.label)
    return label
