"""What an operator does to a running instance: suspend, resume, modify, migrate."""

from clearance.model.events.base import Recorded


class InstanceSuspended(Recorded, frozen=True, tag="suspended"):
    by: str
    reason: str


class InstanceResumed(Recorded, frozen=True, tag="resumed"):
    by: str
    reason: str


class CommandHeld(Recorded, frozen=True, tag="held"):
    """What came while the instance was suspended; it is worked out when it is resumed."""

    kind: str
    """job, timer, retry, subscription, or the command's tag."""
    key: int
    """Of what it is about; 0: nothing that the indexes know."""
    command: str
    """JSON."""


class InstanceModified(Recorded, frozen=True, tag="modified"):
    """A person moves tokens; what that did follows in events of their own."""

    by: str
    reason: str


class InstanceMigrated(Recorded, frozen=True, tag="migrated"):
    """The instance goes on by another definition; indexes of the old one become those of the new one."""

    process: str
    definition: str
    nodes: dict[int, int]
    flows: dict[int, int]
    by: str
    reason: str
