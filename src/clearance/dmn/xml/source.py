"""DMN XML as a tree of elements, read without trust: no entities, no network, no document type, bounded size.

Elements are matched by their local name, so one reader serves the namespaces of DMN 1.1 to 1.5.
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from clearance.dmn.errors import DmnError, Place

MODEL_NAMESPACES = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
LATEST_NAMESPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"
FILE_BYTES_MAX = 32 * 1024 * 1024


class Element:
    """One element of DMN's own namespace; children of other namespaces (diagrams, extensions) are not seen."""

    def __init__(self, node: etree._Element, file: str) -> None:
        self.node = node
        self.file = file
        self.tag = etree.QName(node).localname

    def get(self, attribute: str, default: str = "") -> str:
        """An attribute's value, trimmed."""
        value = self.node.get(attribute)
        return default if value is None else value.strip()

    def children(self, tag: str = "") -> Iterator["Element"]:
        """Child elements in document order, all or those of one name."""
        namespace = etree.QName(self.node).namespace
        for node in self.node.iterchildren(tag=etree.Element):
            if etree.QName(node).namespace == namespace:
                child = Element(node, self.file)
                if not tag or child.tag == tag:
                    yield child

    def child(self, tag: str) -> "Element | None":
        """The first child of that name."""
        return next(self.children(tag), None)

    def required(self, tag: str) -> "Element":
        """The first child of that name; an error that says where it is missing."""
        child = self.child(tag)
        if child is None:
            raise DmnError(f"has no <{tag}>.", self.place(), f"Add the <{tag}> element.")
        return child

    def text(self) -> str:
        """The text of the element, without that of its children."""
        return (self.node.text or "").strip()

    def child_text(self, tag: str) -> str:
        """The text of a child element, empty when there is none."""
        child = self.child(tag)
        return child.text() if child is not None else ""

    def place(self, words: str = "") -> Place:
        """Where this element stands."""
        name = self.get("name")
        element = words or (f'{_WORDS.get(self.tag, self.tag)} "{name}"' if name else _WORDS.get(self.tag, self.tag))
        return Place(file=self.file, element=element, id=self.get("id"), line=_line(self.node))

    def resolve_prefix(self, prefix: str) -> str | None:
        """The namespace that an XML prefix stands for here (DMN 1.1 writes type references as qualified names)."""
        return self.node.nsmap.get(prefix)


_WORDS = {
    "businessKnowledgeModel": "business knowledge model",
    "decisionService": "decision service",
    "inputData": "input data",
    "itemDefinition": "item definition",
    "itemComponent": "component",
    "decisionTable": "decision table",
    "literalExpression": "literal expression",
    "functionDefinition": "function definition",
    "contextEntry": "context entry",
    "formalParameter": "parameter",
}


def parse(content: bytes, file: str) -> Element:
    """The root element of DMN XML; raises DmnError for anything that is not that."""
    if len(content) > FILE_BYTES_MAX:
        message = f"the file has {len(content):,} bytes; at most {FILE_BYTES_MAX:,} are read."
        raise DmnError(message, Place(file=file), "Split the model into several files with imports.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        place = Place(file=file, line=error.lineno or 0)
        raise DmnError(f"is not well-formed XML: {error.msg}.", place, "Export it again from the modeller.") from None
    if _has_doctype(root):
        message = "has a document type declaration, which is not read because it can reach outside the file."
        raise DmnError(message, Place(file=file), "Remove the <!DOCTYPE ...> line.")
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in MODEL_NAMESPACES:
        message = f"is not a DMN model: its root is <{name.localname}> of namespace {name.namespace or '(none)'}."
        versions = ", ".join(MODEL_NAMESPACES.values())
        raise DmnError(message, Place(file=file, line=_line(root)), f"DMN {versions} can be read.")
    return Element(root, file)


def _line(node: Any) -> int:
    return int(node.sourceline or 0)


def _has_doctype(root: Any) -> bool:
    return bool(root.getroottree().docinfo.doctype)
