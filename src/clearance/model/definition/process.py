"""The whole: a process, and what one file holds."""

import hashlib
from collections.abc import Iterator

import msgspec

from clearance.model.definition.base import Frozen, Text
from clearance.model.definition.diagram import Diagram
from clearance.model.definition.elements import Association, Element, Flow, SubProcess
from clearance.model.definition.parts import Calendar, Correlation, DataObject
from clearance.model.definition.work import Listener


class Process(Frozen, frozen=True, kw_only=True):
    """One executable process. Its content hash covers all but the diagram."""

    id: str
    name: str = ""
    documentation: str = ""
    version_tag: str = ""
    elements: tuple[Element, ...] = ()
    flows: tuple[Flow, ...] = ()
    associations: tuple[Association, ...] = ()
    executable: bool = True
    """False only when the file says ``isExecutable="false"``."""
    extensions: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    carried: tuple[str, ...] = ()
    """As of elements."""
    data: tuple[DataObject, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    new_evidence: str = ""
    """For all its activities and choices: redo, ask or leave (also when empty)."""
    listeners: tuple[Listener, ...] = ()
    """Of the process itself, as of elements."""
    subject: Text = ""
    """One line that tells a person which case this is, e.g. ``= "Invoice " + invoice.number``."""

    def content_hash(self) -> str:
        """SHA-256 (lower-case hex) of the definition's canonical JSON."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()


read_process = msgspec.json.Decoder(Process).decode
"""A process from its JSON; raises ``msgspec.DecodeError``.

Made while nothing else runs: when two threads are the first to read a type that refers to itself, as scopes do, one of
them finds it half prepared, and the interpreter dies of that.
"""


class Definitions(Frozen, frozen=True, kw_only=True):
    """What one file holds: processes, and how they are drawn."""

    id: str
    name: str = ""
    target_namespace: str = ""
    processes: tuple[Process, ...] = ()
    global_tasks: tuple[Element, ...] = ()
    """Tasks that call activities call (10.3.6): each is deployed as a process of its own."""
    diagram: Diagram | None = None
    further_diagrams: tuple[Diagram, ...] = ()
    """Of collapsed sub-processes, for instance."""
    documentation: str = ""
    extensions: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    carried: tuple[str, ...] = ()
    """XML of root elements that do not execute: collaborations, item definitions, categories, data stores."""


def walk(process: "Process | SubProcess") -> Iterator[tuple[Element, "Process | SubProcess"]]:
    """Every element with the scope that directly holds it, outer before inner, in document order."""
    for element in process.elements:
        yield element, process
        if isinstance(element, SubProcess):
            yield from walk(element)
