"""The ad-hoc sub-process (10.3.5): activities in the order that somebody chooses.

Camunda 8 says more in ``zeebe:adHoc``. With ``zeebe:taskDefinition`` an actor chooses: its outcome names the activities
to do next.
"""

from lxml import etree

from clearance.bpmn.elements import sub_process
from clearance.bpmn.node import Node
from clearance.bpmn.parts import read_expression, read_job, write_job
from clearance.bpmn.xml import Document, add_expression, extend
from clearance.model.definition import AdHocSubProcess

_ORDERINGS = ("Parallel", "Sequential")


def read(node: Node) -> AdHocSubProcess:
    ordering = node.attribute("ordering", "Parallel")
    if ordering not in _ORDERINGS:
        raise node.error(f'ordering="{ordering}" is not known', "Write Parallel or Sequential")
    zeebe = node.zeebe("adHoc")
    active, collection, element = (
        zeebe.attribute(name) if zeebe else ""
        for name in ("activeElementsCollection", "outputCollection", "outputElement")
    )
    if zeebe:
        zeebe.finished()
    return AdHocSubProcess(
        sequential=ordering == "Sequential",
        completion_condition=read_expression(node.child("completionCondition")),
        cancel_remaining=node.flag("cancelRemainingInstances", default=True),
        active_elements=active,
        output_collection=collection,
        output_element=element,
        job=read_job(node),
        **sub_process.read_content(node),
    )


def write(process: AdHocSubProcess, xml: etree._Element, document: Document) -> None:
    if process.sequential:
        xml.set("ordering", "Sequential")
    if not process.cancel_remaining:
        xml.set("cancelRemainingInstances", "false")
    if process.active_elements or process.output_collection or process.output_element:
        extend(
            xml,
            "adHoc",
            activeElementsCollection=process.active_elements,
            outputCollection=process.output_collection,
            outputElement=process.output_element,
        )
    write_job(xml, process.job)
    if process.completion_condition:
        add_expression(xml, "completionCondition", process.completion_condition)
    sub_process.write(process, xml, document)
