"""What validation finds, and the view of one scope that its rules look at."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from clearance.model.definition import (
    AdHocSubProcess,
    Association,
    BoundaryEvent,
    Correlation,
    CorrelationProperty,
    DataObject,
    Element,
    Flow,
    Process,
    SubProcess,
)


class Severity(StrEnum):
    """Errors stop a deployment; warnings do not."""

    ERROR = "error"
    WARNING = "warning"


class TraceStep(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of a way through a process that shows what is wrong."""

    element: str
    name: str = ""
    kind: str
    """The element's tag, e.g. ``userTask``."""
    flow: str = ""
    """The way out that is chosen here."""
    way: str = ""
    """How the author calls that way: its name, or where it leads."""
    says: str = ""
    """What goes wrong here."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a process."""

    severity: Severity
    element: str
    """The element's id."""
    name: str = ""
    message: str
    remedy: str
    line: int = 0
    """In the file; 0 when it is not known."""
    rule: str = ""
    """Which rule found it, e.g. ``deadlock``."""
    trace: tuple[TraceStep, ...] = ()
    """How one gets there, where that needs telling."""

    def __str__(self) -> str:
        place = f"line {self.line}, " if self.line else ""
        named = f'"{" ".join(self.name.split())}" ({self.element})' if self.name else self.element
        return f"{self.severity}: {place}{named}: {self.message}. {self.remedy}."


Subject = Element | Flow | Process | Association | DataObject | Correlation | CorrelationProperty
"""What findings are about: all have an id, most have a name."""


def error(subject: Subject, message: str, remedy: str) -> Finding:
    """Something that cannot run."""
    name = "" if isinstance(subject, Association) else subject.name
    return Finding(severity=Severity.ERROR, element=subject.id, name=name, message=message, remedy=remedy)


def warning(element: Element | Flow | Process, message: str, remedy: str) -> Finding:
    """Something that runs, but perhaps not as meant."""
    return Finding(severity=Severity.WARNING, element=element.id, name=element.name, message=message, remedy=remedy)


@dataclass(frozen=True)
class Scope:
    """A process or sub-process with its flows by source and target."""

    process: Process
    owner: Process | SubProcess
    elements: dict[str, Element]
    outgoing: dict[str, list[Flow]]
    incoming: dict[str, list[Flow]]
    boundaries: dict[str, list[BoundaryEvent]]
    """By the activity that they are attached to."""
    handlers: dict[str, list[str]]
    """Targets of the process's associations by their sources."""

    def leaving(self, element: Element) -> list[Flow]:
        return self.outgoing.get(element.id, [])

    def entering(self, element: Element) -> list[Flow]:
        return self.incoming.get(element.id, [])

    @property
    def is_ad_hoc(self) -> bool:
        return isinstance(self.owner, AdHocSubProcess)

    @property
    def is_event_sub_process(self) -> bool:
        return isinstance(self.owner, SubProcess) and self.owner.triggered_by_event


def scopes_of(process: Process) -> Iterator[Scope]:
    """The process and all its sub-processes, outer before inner."""
    waiting: deque[Process | SubProcess] = deque([process])
    handlers: dict[str, list[str]] = {}
    for link in process.associations:
        handlers.setdefault(link.source, []).append(link.target)
    while waiting:
        owner = waiting.popleft()
        scope = Scope(process, owner, {element.id: element for element in owner.elements}, {}, {}, {}, handlers)
        for flow in owner.flows:
            scope.outgoing.setdefault(flow.source, []).append(flow)
            scope.incoming.setdefault(flow.target, []).append(flow)
        for element in owner.elements:
            if isinstance(element, BoundaryEvent):
                scope.boundaries.setdefault(element.attached_to, []).append(element)
            elif isinstance(element, SubProcess):
                waiting.append(element)
        yield scope
