"""One XML element while it is being read, and the record of what has been understood of it.

Nothing in a file may be dropped by accident. A reader asks a :class:`Node` for what it knows; what nobody has asked for
is either kept to be written back (:meth:`Node.rest`) or refused with the line and the remedy.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypedDict

from lxml import etree

from clearance.bpmn.errors import BpmnFileError
from clearance.bpmn.names import BPMN, ZEEBE, bpmn, zeebe
from clearance.bpmn.order import in_order
from clearance.model.definition import Association, Element, Flow

CARRIED = frozenset(
    (
        "documentation",
        "ioSpecification",
        "property",
        "dataInput",
        "dataOutput",
        "dataInputAssociation",
        "dataOutputAssociation",
        "inputSet",
        "outputSet",
        "dataState",
        "correlationSubscription",
        "laneSet",
        "textAnnotation",
        "group",
        "association",
        "auditing",
        "monitoring",
        "categoryValueRef",
        "rendering",
        "resourceRole",
        "performer",
        "humanPerformer",
        "potentialOwner",
        "supports",
        "supportedInterfaceRef",
        "ioBinding",
    )
)
"""Standard elements that do not change what an engine does (clause 13); kept and written back. So are those of data and
correlation where a file says them otherwise than we would write them.
"""

WITHOUT_EFFECT = frozenset(
    (
        "implementation",
        "operationRef",
        "gatewayDirection",
        "isClosed",
        "processType",
        "isImmediate",
        "scriptFormat",
        "scriptLanguage",
        "definitionalCollaborationRef",
        "exporter",
        "exporterVersion",
        "expressionLanguage",
        "typeLanguage",
        "messageRef",
        "itemRef",
        "itemSubjectRef",
        "structureRef",
        "type",
    )
)
"""Standard attributes that do not execute; kept and written back unless they state the default."""

DEFAULTS = {
    "startQuantity": "1",
    "completionQuantity": "1",
    "parallelMultiple": "false",
    "isForCompensation": "false",
    "instantiate": "false",
    "isClosed": "false",
    "processType": "None",
    "gatewayDirection": "Unspecified",
    "eventGatewayType": "Exclusive",
    "implementation": "##unspecified",
    "isImmediate": "true",
}

WITHOUT_EFFECT_HERE = {
    "executionListeners": "Move it to the element itself, or to the process",
    "taskListeners": "Only user tasks have them; make them execution listeners, or remove them",
    "linkedResources": "Only tasks and events that an actor does have them; remove them",
    "adHoc": "Only ad-hoc sub-processes have it; remove it",
    "calledElement": "Only call activities have it; remove it",
    "calledDecision": "Only business rule tasks have it; remove it",
    "conditionalFilter": "Only conditional event definitions have it; remove it",
    "loopCharacteristics": "Only multi-instance characteristics have it; remove it",
    "script": "Only script tasks have it; remove it",
    "taskDefinition": "Only tasks, message throw events and ad-hoc sub-processes run a job; remove it or make it one",
}
"""Extension elements that Camunda 8 executes, where nothing has asked for them: to keep them would be to drop them."""


_ALWAYS_READ = frozenset(map(bpmn, ("extensionElements", "incoming", "outgoing")))


class Rest(TypedDict):
    """What a reader did not ask for, as fields of the model's elements."""

    extensions: tuple[str, ...]
    attributes: tuple[tuple[str, str], ...]
    carried: tuple[str, ...]


@dataclass
class File:
    """What all nodes of one file share: its name for messages, and the root elements that others refer to."""

    name: str
    roots: dict[str, etree._Element] = field(default_factory=dict)
    referred: set[str] = field(default_factory=set)
    """Ids of root elements that the model has taken over; the others are carried."""
    associations: list[Association] = field(default_factory=list)
    """Links to compensation handlers, outer scopes before inner ones."""
    by_id: dict[str, etree._Element] = field(default_factory=dict)
    """Every element of the file, for references that cross scopes."""
    message_names: dict[str, str] = field(default_factory=dict)
    """What message flows say of events and tasks that name no message themselves, by their ids."""
    read_scope: "Callable[[Node], tuple[tuple[Element, ...], tuple[Flow, ...]]]" = field(kw_only=True)
    """Reads what a process or sub-process holds; given from outside, because elements nest."""


class Node:
    """An element with marks on what has been read of it."""

    def __init__(self, element: etree._Element, file: File, owner: "Node | None" = None) -> None:
        self.element = element
        self.file = file
        self.owner = owner
        """For parts without an id: the element that error messages name."""
        self.kind = str(element.tag).rpartition("}")[2]
        """The local XML name, e.g. ``serviceTask``."""
        self._read_attributes: set[str] = set()
        self._read_children: set[etree._Element] = set()

    @cached_property
    def _by_tag(self) -> dict[str, list[etree._Element]]:
        """The child elements by their Clark names: asked for many times, gone through once."""
        found: dict[str, list[etree._Element]] = {}
        for child in self.element.iterchildren("*"):
            found.setdefault(str(child.tag), []).append(child)
        return found

    @cached_property
    def _extensions(self) -> etree._Element | None:
        found = self._by_tag.get(bpmn("extensionElements"))
        return found[0] if found else None

    @classmethod
    def alone(cls, text: str) -> "Node":
        """Of kept XML."""
        return cls(etree.fromstring(text), File("", read_scope=lambda _: ((), ())))

    @property
    def id(self) -> str:
        return str(self.element.get("id", ""))

    @property
    def name(self) -> str:
        """The name as it stands, line breaks included."""
        self._read_attributes.add("name")
        return str(self.element.get("name", ""))

    def attribute(self, name: str, default: str = "") -> str:
        """An attribute's text, without white space around it."""
        self._read_attributes.add(name)
        return str(self.element.get(name, default)).strip()

    def required(self, name: str) -> str:
        value = self.attribute(name)
        if not value:
            raise self.error(f"the attribute {name} is missing", f"Give the {self.kind} a {name}")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        """An xs:boolean."""
        value = self.attribute(name, "true" if default else "false")
        if value not in ("true", "false", "1", "0"):
            raise self.error(f'{name}="{value}" is neither true nor false', "Write true or false")
        return value in ("true", "1")

    def children(self, local: str) -> list["Node"]:
        """The child elements of that BPMN name."""
        return [self._take(child) for child in self._by_tag.get(bpmn(local), ())]

    def child(self, local: str) -> "Node | None":
        found = self.children(local)
        if len(found) > 1:
            raise found[1].error(f"there is more than one {local}", "Keep one")
        return found[0] if found else None

    def elements(self) -> list["Node"]:
        """All child elements of the BPMN namespace, unmarked."""
        return self._elements

    @cached_property
    def _elements(self) -> list["Node"]:
        return [Node(child, self.file, self) for child in self.element.iterchildren(f"{{{BPMN}}}*")]

    def take(self, child: "Node") -> None:
        """Mark a child as read."""
        self._read_children.add(child.element)

    def extension(self, tag: str) -> "Node | None":
        """The extension element of that Clark name."""
        if self._extensions is None:
            return None
        found = self._extensions.findall(tag)
        if len(found) > 1:
            raise self.error(f"there is more than one {etree.QName(tag).localname}", "Keep one")
        return self._take(found[0]) if found else None

    def extension_children(self, tag: str) -> list["Node"]:
        """All extension elements of that Clark name."""
        return [] if self._extensions is None else [self._take(child) for child in self._extensions.findall(tag)]

    def zeebe(self, local: str) -> "Node | None":
        """Camunda 8's extension element of that name."""
        return self.extension(zeebe(local))

    def unread_zeebe(self, local: str) -> list["Node"]:
        """Camunda 8's extension elements of that name that nobody has asked for; they stay unread."""
        found = [] if self._extensions is None else self._extensions.findall(zeebe(local))
        return [Node(child, self.file, self) for child in found if child not in self._read_children]

    def zeebe_children(self, local: str) -> list["Node"]:
        """Of an extension element: its children of that name."""
        return self.children_of(zeebe(local))

    def children_of(self, tag: str) -> list["Node"]:
        """Of an extension element: its children of that Clark name."""
        return [self._take(child) for child in self.element.findall(tag)]

    @property
    def text(self) -> str:
        return "".join(map(_decoded, self.element.itertext("*", with_tail=True))).strip()

    def documentation(self) -> str:
        """The text of all documentation elements."""
        return "\n".join("".join(map(_decoded, node.element.itertext())) for node in self.children("documentation"))

    def reference(self, attribute: str, kind: str) -> "Node | None":
        """The root element (message, error, ...) that an attribute refers to by its QName."""
        value = self.attribute(attribute)
        if not value:
            return None
        target = self.file.roots.get(value)
        if target is None:
            target = self.file.roots.get(value.rpartition(":")[2])
        if target is None or etree.QName(target).localname != kind:
            raise self.error(f'{attribute}="{value}" refers to no {kind} of this file', f"Define the {kind} or mend it")
        self.file.referred.add(str(target.get("id")))
        return Node(target, self.file)

    def error(self, problem: str, remedy: str) -> BpmnFileError:
        """The error that names this element."""
        named = self
        while not named.id and named.owner is not None:
            named = named.owner
        return BpmnFileError(
            problem,
            remedy=remedy if remedy.endswith(".") else remedy + ".",
            file=self.file.name,
            line=line_of(self.element),
            kind=named.kind,
            identifier=named.id,
            name=" ".join(str(named.element.get("name", "")).split()),
        )

    def finished(self, *, keeps_extensions: bool = False) -> None:
        """For parts that have no place for a rest: refuse what was not understood."""
        for name, text in self.element.attrib.items():
            key, value = str(name), str(text)
            local = etree.QName(key).localname
            if key not in self._read_attributes and local != "id" and DEFAULTS.get(local) != value:
                raise self.error(f'{self.kind} has {local}="{value}", which is not supported', f"Remove {local}")
        for child in self.element.iterchildren("*"):
            local = etree.QName(child).localname
            if child not in self._read_children and local not in ("documentation", "extensionElements"):
                raise self.error(f"{self.kind} contains {local}, which is not supported", f"Remove the {local}")
        if self._extensions is not None and self.rest_of_extensions() and not keeps_extensions:
            raise self.error(f"{self.kind} has extension elements, which cannot be kept there", "Remove them")

    def rest(self) -> Rest:
        """Everything that was not asked for; refuses what would change the execution."""
        return Rest(extensions=self.rest_of_extensions(), attributes=self.rest_of_attributes(), carried=self._carried())

    def rest_of_attributes(self) -> tuple[tuple[str, str], ...]:
        kept: list[tuple[str, str]] = []
        for key, value in self.element.attrib.items():
            name, text = str(key), str(value)
            if name in self._read_attributes or name == "id" or DEFAULTS.get(name) == text:
                continue
            if not name.startswith("{") and name not in WITHOUT_EFFECT:
                raise self.error(f'{name}="{text}" is not supported', f"Remove {name}")
            kept.append((name, self._unprefixed(name, text)))
        return tuple(sorted(kept))

    def _unprefixed(self, name: str, text: str) -> str:
        """A reference into this file without its prefix, which the file that we write does not declare."""
        local = text.rpartition(":")[2]
        return local if name.endswith("Ref") and local in self.file.by_id else text

    def rest_of_extensions(self) -> tuple[str, ...]:
        if self._extensions is None:
            return ()
        kept: list[str] = []
        for child in self._extensions.iterchildren("*"):
            if child in self._read_children:
                continue
            name = etree.QName(child)
            if name.namespace == ZEEBE and name.localname in WITHOUT_EFFECT_HERE:
                raise self.error(
                    f"zeebe:{name.localname} is not supported here", WITHOUT_EFFECT_HERE[str(name.localname)]
                )
            kept.append(raw(child))
        return tuple(kept)

    def _carried(self) -> tuple[str, ...]:
        kept: list[str] = []
        for child in self.element.iterchildren("*"):
            if child in self._read_children or child.tag in _ALWAYS_READ:
                continue
            name = etree.QName(child)
            if name.namespace == BPMN and name.localname not in CARRIED:
                raise Node(child, self.file, self).error(
                    f"{name.localname} is not supported here", f"Remove the {name.localname} or model it otherwise"
                )
            kept.append(raw(child))
        return in_order(self.kind, kept)

    def _take(self, child: etree._Element) -> "Node":
        self._read_children.add(child)
        return Node(child, self.file, self)


def _decoded(part: str | bytes) -> str:
    return part if isinstance(part, str) else part.decode("utf-8")


def line_of(element: etree._Element) -> int:
    """The line on which the element starts; 0 when it is not known."""
    return element.sourceline if isinstance(element.sourceline, int) else 0


def raw(element: etree._Element) -> str:
    """The element as text that stands alone: exclusive canonical XML that declares the prefixes its values use."""
    prefixes = {prefix for prefix in element.nsmap if prefix}
    used = {
        value.partition(":")[0]
        for part in element.iter("*")
        for value in [part.text or "", *(str(item) for item in part.attrib.values())]
        if ":" in value
    }
    try:
        return etree.tostring(
            element, method="c14n", exclusive=True, with_comments=True, inclusive_ns_prefixes=sorted(prefixes & used)
        ).decode("utf-8")
    except etree.C14NError:  # A namespace that is a relative URI: deprecated, but modellers' plug-ins write it.
        alone = deepcopy(element)
        etree.cleanup_namespaces(alone)
        return etree.tostring(alone, encoding="unicode", with_tail=False)
