"""Parts that several elements share: jobs, input and output mappings, multi-instance, expressions.

Camunda 8's extension elements come first; where a plain OMG file has none, the standard's own place is read.
"""

import re

from lxml import etree

from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document, add, add_expression, extend, keep_extensions
from clearance.model.definition import JobDefinition, Mapping, MultiInstance, Text

_LANGUAGES = re.compile(r"feel|xpath", re.IGNORECASE)
"""XPath is the schema's default, which modellers write without meaning it."""
_LITERAL_TIME = re.compile(r"^(=|[PR+-]?P|R\d*/|\d|@|\*|0 )|^$|\$\{")
_UNNAMED_IMPLEMENTATION = "##"


def read_expression(node: Node | None) -> Text:
    """A formal expression with its leading ``=``; empty when there is none."""
    if node is None:
        return ""
    language = node.attribute("language")
    text = node.text
    if text and language and not _LANGUAGES.search(language):
        raise node.error(f"the expression is in {language}", "Write it in FEEL and remove the language")
    if not text or text.startswith("="):
        return text
    return f"={text}"


def read_time(node: Node) -> Text:
    """A timer's value: ISO 8601 or cron text as it is, anything else as an expression."""
    text = node.text
    return text if _LITERAL_TIME.search(text) else f"={text}"


def read_job(node: Node) -> JobDefinition | None:
    """``zeebe:taskDefinition`` with its headers."""
    found = node.zeebe("taskDefinition")
    if found is None:
        return None
    job = JobDefinition(type=found.required("type"), retries=found.attribute("retries"), headers=read_headers(node))
    found.finished()
    return job


def default_job(node: Node) -> JobDefinition:
    """For a file without ``zeebe:taskDefinition``: the task's implementation, its operation, or else its id."""
    implementation = str(node.element.get("implementation", ""))
    operation = str(node.element.get("operationRef", "")).rpartition(":")[2]
    named = "" if implementation.startswith(_UNNAMED_IMPLEMENTATION) else implementation
    return JobDefinition(type=named or operation or node.id, headers=read_headers(node))


def read_headers(node: Node) -> tuple[tuple[str, str], ...]:
    """``zeebe:taskHeaders``."""
    found = node.zeebe("taskHeaders")
    if found is None:
        return ()
    return tuple((header.required("key"), header.attribute("value")) for header in found.zeebe_children("header"))


def write_job(element: etree._Element, job: JobDefinition | None) -> None:
    if job is not None:
        extend(element, "taskDefinition", type=job.type, retries=job.retries)
        write_headers(element, job.headers)


def write_headers(element: etree._Element, headers: tuple[tuple[str, str], ...]) -> None:
    if headers:
        holder = extend(element, "taskHeaders")
        for key, value in headers:
            header = etree.SubElement(holder, f"{{{etree.QName(holder).namespace}}}header")
            header.set("key", key)
            header.set("value", value)


def read_mappings(node: Node) -> tuple[tuple[Mapping, ...], tuple[Mapping, ...]]:
    """Inputs and outputs of ``zeebe:ioMapping``."""
    found = node.zeebe("ioMapping")
    if found is None:
        return (), ()
    inputs = tuple(_read_mapping(item) for item in found.zeebe_children("input"))
    outputs = tuple(_read_mapping(item) for item in found.zeebe_children("output"))
    found.finished()
    return inputs, outputs


def _read_mapping(node: Node) -> Mapping:
    mapping = Mapping(source=node.attribute("source"), target=node.required("target"))
    node.finished()
    return mapping


def write_mappings(element: etree._Element, inputs: tuple[Mapping, ...], outputs: tuple[Mapping, ...]) -> None:
    if not inputs and not outputs:
        return
    holder = extend(element, "ioMapping")
    namespace = etree.QName(holder).namespace
    for local, mappings in (("input", inputs), ("output", outputs)):
        for mapping in mappings:
            item = etree.SubElement(holder, f"{{{namespace}}}{local}")
            item.set("source", mapping.source)
            item.set("target", mapping.target)


def read_multi_instance(node: Node) -> MultiInstance | None:
    """``multiInstanceLoopCharacteristics``, of the standard or with ``zeebe:loopCharacteristics``."""
    loops = node.children("standardLoopCharacteristics")
    if loops:
        raise loops[0].error(
            "standard loops are not supported yet", "Draw the loop with an exclusive gateway, or use multi-instance"
        )
    found = node.child("multiInstanceLoopCharacteristics")
    if found is None:
        return None
    zeebe = found.zeebe("loopCharacteristics")
    item = found.child("inputDataItem")
    output = found.child("outputDataItem")
    collection = found.child("loopDataInputRef")
    output_collection = found.child("loopDataOutputRef")
    multi_instance = MultiInstance(
        sequential=found.flag("isSequential", default=False),
        collection=zeebe.required("inputCollection") if zeebe else f"={collection.text}" if collection else "",
        item=zeebe.attribute("inputElement") if zeebe else _item_name(item),
        cardinality=read_expression(found.child("loopCardinality")),
        output_collection=(
            zeebe.attribute("outputCollection") if zeebe else output_collection.text if output_collection else ""
        ),
        output_item=zeebe.attribute("outputElement") if zeebe else f"={_item_name(output)}" if output else "",
        completion_condition=read_expression(found.child("completionCondition")),
        extensions=found.rest_of_extensions(),
    )
    if zeebe:
        zeebe.finished()
    found.finished(keeps_extensions=True)
    return multi_instance


def _item_name(node: Node | None) -> str:
    return (node.attribute("name") or node.id) if node else ""


def write_multi_instance(element: etree._Element, loop: MultiInstance | None, document: Document) -> None:
    if loop is None:
        return
    child = add(element, "multiInstanceLoopCharacteristics", isSequential="true" if loop.sequential else "")
    if loop.collection:
        extend(
            child,
            "loopCharacteristics",
            inputCollection=loop.collection,
            inputElement=loop.item,
            outputCollection=loop.output_collection,
            outputElement=loop.output_item,
        )
    if loop.cardinality:
        add_expression(child, "loopCardinality", loop.cardinality)
    if not loop.collection and loop.output_collection:
        add(child, "loopDataOutputRef", loop.output_collection)
    if not loop.collection and loop.item:
        add(child, "inputDataItem", name=loop.item)
    if not loop.collection and loop.output_item:
        add(child, "outputDataItem", name=loop.output_item.removeprefix("="))
    if loop.completion_condition:
        add_expression(child, "completionCondition", loop.completion_condition)
    keep_extensions(document, child, loop.extensions)
    document.sort(child)
