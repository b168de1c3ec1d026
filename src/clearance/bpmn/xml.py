"""Writing XML: elements in the order that the BPMN schema demands, and kept text put back as it was.

Kept XML (``extensions``, ``carried``) is not parsed and written again, because a tree would rename its prefixes. A
processing instruction holds its place until the document is text, and is then replaced by the very text that was read.
"""

import re
from collections.abc import Callable, Iterable

from lxml import etree

from clearance.bpmn.names import PREFIXES, bpmn, zeebe
from clearance.bpmn.order import local_name, rank
from clearance.model.definition import Process, SubProcess

_PLACE = "kept"


class Document:
    """The file being written: kept text by its place, and the root elements that events refer to."""

    def __init__(self, write_scope: "Callable[[Process | SubProcess, etree._Element], None]") -> None:
        self.write_scope = write_scope
        """Writes what a process or sub-process holds; given from outside, because elements nest."""
        self.kept: list[str] = []
        self.roots: dict[tuple[str, ...], etree._Element] = {}
        self.carried_roots: dict[tuple[str, str, str], str] = {}
        """Ids of carried messages, errors, signals and escalations by kind, key and name or code."""
        self.carried_keys: set[str] = set()
        self.carried_properties: set[str] = set()
        """Ids of carried correlation keys."""
        self.taken: set[str] = set()
        """Ids in use, so that generated ones do not clash."""
        self.incoming: dict[str, list[str]] = {}
        self.outgoing: dict[str, list[str]] = {}

    def keep(self, parent: etree._Element, texts: Iterable[str]) -> None:
        """Append kept XML."""
        for text in texts:
            parent.append(etree.ProcessingInstruction(_PLACE, str(len(self.kept))))
            self.kept.append(text)

    def free_id(self, wished: str) -> str:
        """The wished id, with a number behind it when it is taken."""
        candidate, number = wished, 2
        while candidate in self.taken:
            candidate, number = f"{wished}_{number}", number + 1
        self.taken.add(candidate)
        return candidate

    def sort(self, parent: etree._Element) -> None:
        """Put the children into the order of the schema; equals keep theirs."""
        parent[:] = sorted(parent, key=lambda child: self._rank(parent, child))

    def _rank(self, parent: etree._Element, child: etree._Element) -> int:
        if isinstance(child, etree._ProcessingInstruction):
            local = local_name(self.kept[int(child.text or "0")])
        else:
            local = str(etree.QName(child).localname)
        return rank(str(etree.QName(parent).localname), local)

    def text(self, root: etree._Element) -> bytes:
        """The finished file."""
        etree.indent(root, "  ")
        written = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
        place = re.compile(rb"<\?%b (\d+)\?>" % _PLACE.encode())
        return place.sub(lambda found: self.kept[int(found[1])].encode(), written) + b"\n"


def new_root(local: str) -> etree._Element:
    """A root element that declares all our prefixes."""
    return etree.Element(bpmn(local), nsmap=dict(PREFIXES))


def add(parent: etree._Element, local: str, text: str = "", **attributes: str) -> etree._Element:
    """Append a BPMN element; empty attributes are left out."""
    child = etree.SubElement(parent, bpmn(local), {key: value for key, value in attributes.items() if value})
    if text:
        child.text = text
    return child


def add_expression(parent: etree._Element, local: str, text: str) -> etree._Element:
    """Append an element that holds a formal expression."""
    child = add(parent, local, text)
    child.set(f"{{{PREFIXES['xsi']}}}type", "bpmn:tFormalExpression")
    return child


def extend(parent: etree._Element, local: str, **attributes: str) -> etree._Element:
    """Append one of Camunda 8's extension elements; empty attributes are left out."""
    return etree.SubElement(
        extension_holder(parent), zeebe(local), {key: value for key, value in attributes.items() if value}
    )


def extension_holder(parent: etree._Element) -> etree._Element:
    """The element's ``extensionElements``, made when they are not there yet."""
    holder = parent.find(bpmn("extensionElements"))
    return add(parent, "extensionElements") if holder is None else holder


def set_kept_attributes(element: etree._Element, attributes: Iterable[tuple[str, str]]) -> None:
    """Write back what reading had kept."""
    for key, value in attributes:
        element.set(key, value)


def keep_extensions(document: Document, element: etree._Element, extensions: tuple[str, ...]) -> None:
    """Write back extension elements that we do not know."""
    if extensions:
        document.keep(extension_holder(element), extensions)
