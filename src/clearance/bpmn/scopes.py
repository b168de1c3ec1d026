"""What a process and a sub-process have in common: elements, sequence flows, and associations for compensation."""

from clearance.bpmn.node import Node
from clearance.bpmn.parts import read_expression
from clearance.model.definition import Association, Flow


def read_flow(node: Node) -> Flow:
    """A sequence flow; the condition gets its leading ``=``."""
    return Flow(
        id=node.required("id"),
        source=node.required("sourceRef"),
        target=node.required("targetRef"),
        name=node.name,
        condition=read_expression(node.child("conditionExpression")),
        documentation=node.documentation(),
        **node.rest(),
    )


def compensations(node: Node) -> frozenset[str]:
    """Ids of the compensation boundary events that a scope directly holds."""
    return frozenset(
        child.id
        for child in node.elements()
        if child.kind == "boundaryEvent" and any(part.kind == "compensateEventDefinition" for part in child.elements())
    )


def read_associations(node: Node) -> tuple[Association, ...]:
    """The scope's associations that lead from a compensation boundary event to its handler; others are carried."""
    events = compensations(node)
    found: list[Association] = []
    for child in node.elements():
        if child.kind == "association" and child.element.get("sourceRef") in events:
            node.take(child)
            target = child.required("targetRef")
            found.append(Association(id=child.required("id"), source=child.required("sourceRef"), target=target))
    return tuple(found)


def in_order_of_outgoing(flows: list[Flow], outgoing: dict[str, list[str]]) -> tuple[Flow, ...]:
    """The flows with those of each source in the order of its ``outgoing``: conditions are tried so (13.4)."""
    ranks = {flow: rank for ids in outgoing.values() for rank, flow in enumerate(ids)}
    by_source: dict[str, list[Flow]] = {}
    for flow in flows:
        by_source.setdefault(flow.source, []).append(flow)
    queues = {
        source: iter(sorted(group, key=lambda flow: ranks.get(flow.id, len(ranks))))
        for source, group in by_source.items()
    }
    return tuple(next(queues[flow.source]) for flow in flows)
