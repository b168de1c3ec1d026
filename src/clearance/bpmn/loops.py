"""What makes an activity run more than once (10.3.7): multi-instance and the standard loop."""

import re

import msgspec
from lxml import etree

from clearance.bpmn.data import variable_of
from clearance.bpmn.events import (
    read_definition,
    read_event_definition,
    root_definition,
    write_definition,
    write_event_definition,
)
from clearance.bpmn.names import CLEARANCE, bpmn
from clearance.bpmn.node import Node
from clearance.bpmn.parts import read_expression
from clearance.bpmn.xml import Document, add, add_expression, extend, keep_extensions
from clearance.model.definition import ComplexBehavior, EventDefinition, MultiInstance, StandardLoop

_MAXIMUM = f"{{{CLEARANCE}}}loopMaximum"
"""Ours, for a maximum that is an expression; the standard's is a number."""
_BEHAVIORS = ("None", "One", "All", "Complex")
_REFERENCES = {"none_event": "noneBehaviorEventRef", "one_event": "oneBehaviorEventRef"}


def read_standard_loop(node: Node) -> StandardLoop | None:
    """``standardLoopCharacteristics``."""
    found = node.child("standardLoopCharacteristics")
    if found is None:
        return None
    loop = StandardLoop(
        condition=read_expression(found.child("loopCondition")),
        maximum=found.attribute("loopMaximum") or found.attribute(_MAXIMUM),
        test_before=found.flag("testBefore", default=False),
        extensions=found.rest_of_extensions(),
    )
    found.finished(keeps_extensions=True)
    return loop


def write_standard_loop(element: etree._Element, loop: StandardLoop | None, document: Document) -> None:
    if loop is None:
        return
    child = add(element, "standardLoopCharacteristics", testBefore="true" if loop.test_before else "")
    if loop.maximum:
        child.set("loopMaximum" if re.fullmatch(r"[+-]?\d+", loop.maximum) else _MAXIMUM, loop.maximum)
    if loop.condition:
        add_expression(child, "loopCondition", loop.condition)
    keep_extensions(document, child, loop.extensions)
    document.sort(child)


def read_multi_instance(node: Node) -> MultiInstance | None:
    """``multiInstanceLoopCharacteristics``, of the standard or with ``zeebe:loopCharacteristics``."""
    found = node.child("multiInstanceLoopCharacteristics")
    if found is None:
        return None
    behavior = found.attribute("behavior")
    if behavior not in ("", *_BEHAVIORS):
        raise found.error(f'behavior="{behavior}" is not known', f"Write one of {', '.join(_BEHAVIORS)}")
    multi_instance = MultiInstance(
        sequential=found.flag("isSequential", default=False),
        cardinality=read_expression(found.child("loopCardinality")),
        completion_condition=read_expression(found.child("completionCondition")),
        behavior=behavior,
        none_event=_read_event(found, "noneBehaviorEventRef"),
        one_event=_read_event(found, "oneBehaviorEventRef"),
        complex_behaviors=tuple(_read_behavior(child) for child in found.children("complexBehaviorDefinition")),
    )
    multi_instance = msgspec.structs.replace(multi_instance, **_read_items(found))
    extensions = found.rest_of_extensions()
    found.finished(keeps_extensions=True)
    return msgspec.structs.replace(multi_instance, extensions=extensions)


def _read_items(node: Node) -> dict[str, str]:
    """What it goes over and what it collects: Camunda 8's extension, else the standard's references to data."""
    zeebe = node.zeebe("loopCharacteristics")
    if zeebe is not None:
        items = {
            "collection": zeebe.required("inputCollection"),
            "item": zeebe.attribute("inputElement"),
            "output_collection": zeebe.attribute("outputCollection"),
            "output_item": zeebe.attribute("outputElement"),
        }
        zeebe.finished()
        return items
    collection, output_collection = node.child("loopDataInputRef"), node.child("loopDataOutputRef")
    item, output = node.child("inputDataItem"), node.child("outputDataItem")
    return {
        "collection": f"={variable_of(node, collection.text)}" if collection else "",
        "item": _item_name(item),
        "output_collection": variable_of(node, output_collection.text) if output_collection else "",
        "output_item": f"={_item_name(output)}" if output else "",
    }


def _item_name(node: Node | None) -> str:
    return (node.attribute("name") or node.id) if node else ""


def _read_event(node: Node, attribute: str) -> EventDefinition | None:
    reference = node.attribute(attribute)
    if not reference:
        return None
    definition = root_definition(node, reference)
    return read_definition(definition, definition, throwing=True)


def _read_behavior(node: Node) -> ComplexBehavior:
    event = node.child("event")
    definition = read_event_definition(event, throwing=True) if event else None
    if event is None or definition is None:
        raise node.error("it does not say which event is thrown", "Give it an event with an event definition")
    behavior = ComplexBehavior(condition=read_expression(node.child("condition")), event=definition)
    event.finished()
    node.finished()
    return behavior


def write_multi_instance(element: etree._Element, loop: MultiInstance | None, document: Document) -> None:
    if loop is None:
        return
    child = add(element, "multiInstanceLoopCharacteristics", isSequential="true" if loop.sequential else "")
    if loop.behavior:
        child.set("behavior", loop.behavior)
    for field, attribute in _REFERENCES.items():
        thrown = getattr(loop, field)
        if thrown is not None:
            child.set(attribute, _root_event(thrown, document))
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
    for behavior in loop.complex_behaviors:
        holder = add(child, "complexBehaviorDefinition")
        add_expression(holder, "condition", behavior.condition)
        event = add(holder, "event")
        write_event_definition(event, behavior.event, document, throwing=True)
        document.sort(event)
    if loop.completion_condition:
        add_expression(child, "completionCondition", loop.completion_condition)
    keep_extensions(document, child, loop.extensions)
    document.sort(child)


def _root_event(event: EventDefinition, document: Document) -> str:
    """The id of an event definition beside the processes, made when it is not there yet."""
    key = ("eventDefinition", msgspec.json.encode(event).decode())
    found = document.roots.get(key)
    if found is None:
        holder = etree.Element(bpmn("definitions"))
        found = write_definition(holder, event, document, throwing=True)
        found.set("id", document.free_id(f"event_{event.__struct_config__.tag}"))
        document.roots[key] = found
    return str(found.get("id"))
