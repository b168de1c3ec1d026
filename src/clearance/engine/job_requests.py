"""What the gate is asked before a job leaves, and what leaves: exactly this action, with the parameters that the actor
will get."""

from collections.abc import Iterable, Mapping

import msgspec

from clearance.kernel.shared import ad_hoc
from clearance.kernel.state import Instance, JobState, lookup, seen_values
from clearance.model.clearance import Approval, Facts, Request
from clearance.model.graph import Graph
from clearance.model.values import Data, join_labels
from clearance.model.work import Actor

_NO_FACTS = Facts()
"""Nobody has acted in the instance, and the job is tried for the first time."""


class Release(msgspec.Struct, frozen=True, gc=False):
    """A cleared job that may leave once its batch is committed."""

    instance: int
    job: int
    type: str
    attempt: int
    element: str
    element_name: str
    process: str
    tenant: str
    input: Mapping[str, Data]
    headers: Mapping[str, str]
    label: str
    """The joined integrity labels of what the actor gets."""
    listener: str = ""


def given(instance: Instance, graph: Graph, job: JobState, actor: Actor | None) -> tuple[dict[str, Data], str]:
    """What the actor gets (what it declares, else what input mappings name, else all that is visible), and the joined
    labels of it."""
    element = instance.elements[job.element]
    names: Iterable[str] | None = actor.input_schema.get("properties") if actor is not None else None
    if names is None:
        mapped = graph.nodes[element.node].inputs and not job.listener
        names = element.variables if mapped else seen_values(instance, job.element)
    elif ad_hoc.OFFERED in element.variables:
        names = (*names, ad_hoc.OFFERED)
    data, label = {}, ""
    for name in names:
        value = lookup(instance, job.element, name)
        if value is not None:
            data[name] = value.data
            if value.label:
                label = join_labels(label, value.label)
    return data, label


def request(instance: Instance, graph: Graph, job: JobState, actor: Actor | None, given: dict[str, Data]) -> Request:
    """The action with the facts of this instance's history."""
    node = graph.nodes[instance.elements[job.element].node]
    asked = Request(
        "Actor",
        job.type,
        actor.action if actor is not None else "run",
        graph.process.id,
        node.id,
        given,
        actor.systems if actor is not None else (),
        risk=actor.risk if actor is not None else "low",
        tenant=instance.tenant,
        facts=Facts((), tuple(instance.people), job.attempt) if instance.people or job.attempt != 1 else _NO_FACTS,
    )
    if not instance.granted:
        return asked
    digest = asked.digest()
    approvals: tuple[Approval, ...] = tuple(one for one in instance.granted if one.action_sha256 == digest)
    return msgspec.structs.replace(asked, facts=Facts(approvals, tuple(instance.people), job.attempt))


def release(instance: Instance, graph: Graph, key: int, given: dict[str, Data], label: str) -> Release:
    """What leaves for a cleared job."""
    job = instance.jobs[key]
    node = graph.nodes[instance.elements[job.element].node]
    return Release(
        instance.key,
        key,
        job.type,
        job.attempt,
        node.id,
        node.name,
        graph.process.id,
        instance.tenant,
        given,
        job.headers,
        label,
        job.listener,
    )
