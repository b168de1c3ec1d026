"""What all elements share: id, name, documentation, flows in and out, and what is kept untouched."""

from typing import TypedDict

from lxml import etree

from clearance.bpmn.names import CLEARANCE
from clearance.bpmn.node import Node, Rest
from clearance.bpmn.parts import (
    read_mappings,
    read_multi_instance,
    write_mappings,
    write_multi_instance,
)
from clearance.bpmn.xml import Document, add, keep_extensions, set_kept_attributes
from clearance.model.definition import (
    BusinessRuleTask,
    Element,
    ManualTask,
    Mapping,
    MultiInstance,
    ReceiveTask,
    ScriptTask,
    SendTask,
    ServiceTask,
    SubProcess,
    Task,
    UserTask,
)

NEW_EVIDENCE = f"{{{CLEARANCE}}}newEvidence"

Activity = (
    Task | ManualTask | ServiceTask | SendTask | ReceiveTask | UserTask | ScriptTask | BusinessRuleTask | SubProcess
)


class Common(Rest):
    """The fields of every element."""

    id: str
    name: str
    documentation: str


class Activities(TypedDict):
    """The fields of every activity."""

    inputs: tuple[Mapping, ...]
    outputs: tuple[Mapping, ...]
    multi_instance: MultiInstance | None
    default: str
    for_compensation: bool
    new_evidence: str


def read_common(node: Node) -> Common:
    """The common fields; call it last, for it refuses or keeps what has not been read before."""
    identifier, name, documentation = node.required("id"), node.name, node.documentation()
    rest = node.rest()
    return Common(
        id=identifier,
        name=name,
        documentation=documentation,
        extensions=rest["extensions"],
        attributes=rest["attributes"],
        carried=rest["carried"],
    )


def read_activity(node: Node) -> Activities:
    """Mappings, multi-instance, default flow and whether it is a compensation handler."""
    inputs, outputs = read_mappings(node)
    return Activities(
        inputs=inputs,
        outputs=outputs,
        multi_instance=read_multi_instance(node),
        default=node.attribute("default"),
        for_compensation=node.flag("isForCompensation", default=False),
        new_evidence=node.attribute(NEW_EVIDENCE),
    )


def write_activity(activity: Activity, xml: etree._Element, document: Document) -> None:
    """Mappings, multi-instance, default flow and the compensation mark."""
    write_mappings(xml, activity.inputs, activity.outputs)
    write_multi_instance(xml, activity.multi_instance, document)
    if activity.default:
        xml.set("default", activity.default)
    if activity.for_compensation:
        xml.set("isForCompensation", "true")
    if activity.new_evidence:
        xml.set(NEW_EVIDENCE, activity.new_evidence)


def write_common(element: Element, xml: etree._Element, document: Document) -> None:
    """Everything else; call it last, for it puts the children into the schema's order."""
    xml.set("id", element.id)
    if element.name:
        xml.set("name", element.name)
    if element.documentation:
        add(xml, "documentation", element.documentation)
    for flow in document.incoming.get(element.id, ()):
        add(xml, "incoming", flow)
    for flow in document.outgoing.get(element.id, ()):
        add(xml, "outgoing", flow)
    keep_extensions(document, xml, element.extensions)
    set_kept_attributes(xml, element.attributes)
    document.keep(xml, element.carried)
    document.sort(xml)
