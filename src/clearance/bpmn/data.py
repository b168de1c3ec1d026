"""Data of processes and activities (10.4): objects, references, properties, data inputs and outputs, associations.

An ``ioSpecification`` whose input and output sets say no more than its inputs and outputs is what we write ourselves;
one that says more is also carried as it stands, and then written back instead.
"""

from collections.abc import Iterable

from lxml import etree

from clearance.bpmn.names import bpmn
from clearance.bpmn.node import Node
from clearance.bpmn.order import local_name
from clearance.bpmn.parts import read_expression
from clearance.bpmn.xml import Document, add, add_expression, keep_extensions, set_kept_attributes
from clearance.model.definition import DataAssociation, DataObject, Text

_INPUTS_AND_OUTPUTS = ("dataInput", "dataOutput")
_OF_SCOPES = ("dataObject", "dataObjectReference", "dataStoreReference")
_REFERENCES = {"dataObjectReference": "dataObjectRef", "dataStoreReference": "dataStoreRef"}
_SETS = {"inputSet": "dataInputRefs", "outputSet": "dataOutputRefs"}


def read_data(node: Node) -> tuple[DataObject, ...]:
    """All data that belongs to a process, activity or event: inputs, outputs, properties, objects and references."""
    found = _read_specification(node)
    if node.kind.endswith("Event"):
        found += [_read_object(child) for local in _INPUTS_AND_OUTPUTS for child in node.children(local)]
    found += [_read_object(child) for child in node.children("property")]
    for child in node.elements():
        if child.kind in _OF_SCOPES:
            node.take(child)
            found.append(_read_object(child))
    return tuple(found)


def _read_specification(node: Node) -> list[DataObject]:
    specification = next((child for child in node.elements() if child.kind == "ioSpecification"), None)
    if specification is None:
        return []
    objects = [_read_object(child) for local in _INPUTS_AND_OUTPUTS for child in specification.children(local)]
    if _says_no_more(specification.element, objects):
        node.take(specification)
    return objects


def _says_no_more(specification: etree._Element, objects: list[DataObject]) -> bool:
    """Whether the specification is what :func:`write_data` makes of the objects."""
    expected = [(item.kind, item.id) for item in objects]
    for kind, (set_name, _) in zip(_INPUTS_AND_OUTPUTS, _SETS.items(), strict=True):
        expected.append((set_name, " ".join(item.id for item in objects if item.kind == kind)))
    actual: list[tuple[str, str]] = []
    for child in specification.iterchildren("*"):
        local = str(etree.QName(child).localname)
        if local in _SETS:
            parts = list(child.iterchildren("*"))
            if child.attrib or any(part.tag != bpmn(_SETS[local]) for part in parts):
                return False
            actual.append((local, " ".join((part.text or "").strip() for part in parts)))
        else:
            actual.append((local, str(child.get("id", ""))))
    return actual == expected and not specification.attrib


def _read_object(node: Node) -> DataObject:
    reference = _REFERENCES.get(node.kind)
    return DataObject(
        id=node.required("id"),
        name=node.name,
        kind=node.kind,
        refers_to=node.attribute(reference).rpartition(":")[2] if reference else "",
        collection=node.flag("isCollection", default=False),
        structure=node.attribute("itemSubjectRef").rpartition(":")[2],
        documentation=node.documentation(),
        **node.rest(),
    )


def variable_of(node: Node, identifier: str) -> str:
    """The variable that the id of a data object, reference, property, input or output stands for; else the id."""
    identifier = identifier.rpartition(":")[2]
    element = node.file.by_id.get(identifier)
    if element is None:
        return identifier
    if etree.QName(element).localname == "dataObjectReference":
        referred = node.file.by_id.get(str(element.get("dataObjectRef", "")))
        element = element if referred is None else referred
    known = etree.QName(element).localname in (*_OF_SCOPES, *_INPUTS_AND_OUTPUTS, "property")
    return str((known and element.get("name")) or element.get("id", identifier))


def write_data(xml: etree._Element, data: Iterable[DataObject], carried: Iterable[str], document: Document) -> None:
    """Append all of it, and the ``ioSpecification`` unless a carried one says it already."""
    rest = list(data)
    inputs_and_outputs = [item for item in rest if item.kind in _INPUTS_AND_OUTPUTS]
    is_event = str(etree.QName(xml).localname).endswith("Event")
    specified = any(local_name(text) == "ioSpecification" for text in carried)
    if inputs_and_outputs and not is_event:
        rest = [item for item in rest if item.kind not in _INPUTS_AND_OUTPUTS]
    if inputs_and_outputs and not is_event and not specified:
        specification = add(xml, "ioSpecification")
        for item in inputs_and_outputs:
            _write_object(specification, item, document)
        for kind, (set_name, reference) in zip(_INPUTS_AND_OUTPUTS, _SETS.items(), strict=True):
            holder = add(specification, set_name)
            for item in inputs_and_outputs:
                if item.kind == kind:
                    add(holder, reference, item.id)
    for item in rest:
        _write_object(xml, item, document)


def _write_object(parent: etree._Element, item: DataObject, document: Document) -> None:
    element = add(parent, item.kind, id=item.id, name=item.name, itemSubjectRef=item.structure)
    if item.collection:
        element.set("isCollection", "true")
    if item.refers_to and item.kind in _REFERENCES:
        element.set(_REFERENCES[item.kind], item.refers_to)
    if item.documentation:
        add(element, "documentation", item.documentation)
    keep_extensions(document, element, item.extensions)
    set_kept_attributes(element, item.attributes)
    document.keep(element, item.carried)
    document.sort(element)


def read_data_associations(node: Node, local: str) -> tuple[DataAssociation, ...]:
    """``dataInputAssociation`` or ``dataOutputAssociation`` of an activity or event."""
    return tuple(_read_association(child) for child in node.children(local))


def _read_association(node: Node) -> DataAssociation:
    target = node.child("targetRef")
    return DataAssociation(
        id=node.id,
        sources=tuple(source.text.rpartition(":")[2] for source in node.children("sourceRef")),
        target=target.text.rpartition(":")[2] if target else "",
        transformation=read_expression(node.child("transformation")),
        assignments=tuple(_read_assignment(child) for child in node.children("assignment")),
        **node.rest(),
    )


def _read_assignment(node: Node) -> tuple[Text, str]:
    source, target = node.child("from"), node.child("to")
    if source is None or target is None:
        raise node.error("an assignment says from where or to where only", "Give both from and to")
    path = read_expression(target).removeprefix("=").strip()
    pair = read_expression(source), path
    node.finished()
    return pair


def write_data_associations(
    xml: etree._Element, local: str, associations: Iterable[DataAssociation], document: Document
) -> None:
    """Append them in the order in which they are carried out."""
    for association in associations:
        element = add(xml, local, id=association.id)
        for source in association.sources:
            add(element, "sourceRef", source)
        if association.target:
            add(element, "targetRef", association.target)
        if association.transformation:
            add_expression(element, "transformation", association.transformation)
        for source, target in association.assignments:
            assignment = add(element, "assignment")
            add_expression(assignment, "from", source)
            add(assignment, "to", target)
        keep_extensions(document, element, association.extensions)
        set_kept_attributes(element, association.attributes)
        document.keep(element, association.carried)
        document.sort(element)
