"""What is being drawn: a process or sub-process with its elements, flows and open ends."""

from dataclasses import dataclass, field

from clearance.model.definition import Association, DataObject, Element, Flow

PROCESS, GROUP, TRANSACTION, EVENT, FREE = "process", "group", "transaction", "event", "free"
"""Kinds of scopes: the last three are transactions, event sub-processes and ad-hoc sub-processes."""
ALONE, BEGINS, GOES_ON = "alone", "begins", "goes on"
"""In an ad-hoc sub-process, what the next step is: by itself, the first of steps in order, one that follows."""


@dataclass(frozen=True)
class End:
    """An open end: where the next step is reached from, and under which condition."""

    source: str
    serial: int
    """Flows are written in the order in which their ends were opened; a gateway tries its conditions in that order."""
    condition: str = ""
    name: str = ""
    default: bool = False


@dataclass(eq=False)
class Scope:
    """A process or sub-process being drawn."""

    id: str
    kind: str = PROCESS
    parent: "Scope | None" = None
    elements: dict[str, Element] = field(default_factory=dict)
    flows: list[tuple[int, Flow]] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)
    associations: list[Association] = field(default_factory=list)
    data: list[DataObject] = field(default_factory=list)
    beginnings: int = 0
    begun: bool = False
    """Whether the first step has been drawn."""
    meetings: set[str] = field(default_factory=set)
    """Gateways that the author wrote in order to join: paths may go to them."""
    strand: str = ALONE

    def takes_up(self) -> bool:
        """Whether the next step is reached from nothing; the steps of an ad-hoc sub-process are, unless in order."""
        if self.kind != FREE or self.strand == GOES_ON:
            return False
        self.ends = []
        if self.strand == BEGINS:
            self.strand = GOES_ON
        return True
