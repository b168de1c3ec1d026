"""Who watches the ledger from outside and forgets nothing: what was once committed must stay, and must make sense.

The observer is told of every commit, reads what is new as any reader would, and keeps the hash of each entry. After a
crash it compares. On the way it learns, as people and remote workers do, which tasks, jobs, approvals and incidents are
open; it is sometimes wrong about that, as they are.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence

import msgspec

from clearance.engine import chain
from clearance.engine.ports import Entry, Store
from clearance.model import events
from clearance.model.clearance import Ruling


class Broken(AssertionError):
    """What must hold whatever happens does not."""


class Open(msgspec.Struct, frozen=True):
    """Something that somebody outside may act on."""

    instance: int
    key: int
    text: str = ""
    """The element's index or the groups of a task, the approved action's digest, the kind of an incident."""
    groups: tuple[str, ...] = ()
    ruling: Ruling | None = None


class Observer:
    """Keeps what has been seen."""

    def __init__(self) -> None:
        self.hashes: list[bytes] = []
        self.bytes = hashlib.sha256()
        self.tasks: dict[int, Open] = {}
        self.approvals: dict[int, Open] = {}
        self.incidents: dict[int, Open] = {}
        self.jobs: dict[int, str] = {}
        """Types of all jobs ever created."""
        self.cleared: set[tuple[int, int]] = set()
        """Jobs with the attempts that were cleared."""
        self.finished: Counter[int] = Counter()
        self.keys: set[int] = set()
        self.instances: set[int] = set()
        self.remembered: dict[int, int] = {}
        """Messages, with the time until which their ids are known."""
        self._attempts: dict[int, int] = {}
        self._heads: dict[int, tuple[int, bytes]] = {}

    def look(self, store: Store) -> None:
        """Read what has been committed since."""
        while entries := store.entries(len(self.hashes)):
            self.take(entries)

    def take(self, entries: Sequence[Entry]) -> None:
        """What a commit has promised to keep."""
        for entry in entries:
            self._enter(entry)

    def compare(self, store: Store) -> None:
        """After a crash: what was seen is there, unchanged."""
        kept = store.entries(0, len(self.hashes))
        if len(kept) < len(self.hashes):
            raise Broken(f"{len(self.hashes)} entries were committed, and {len(kept)} are left")
        for entry, seen in zip(kept, self.hashes, strict=True):
            if entry.hash != seen:
                raise Broken(f"entry {entry.position} is not the one that was committed")
        self.look(store)

    # ---- inside ------------------------------------------------------------------------------------------------------

    def _enter(self, entry: Entry) -> None:
        if entry.position != len(self.hashes) + 1:
            raise Broken(f"after entry {len(self.hashes)} comes {entry.position}")
        sequence, previous = self._heads.get(entry.stream, (0, chain.GENESIS))
        if entry.sequence != sequence + 1 or not chain.follows(entry, previous):
            raise Broken(f"entry {entry.position} does not follow {sequence} of stream {entry.stream}")
        self._heads[entry.stream] = (entry.sequence, entry.hash)
        self.hashes.append(entry.hash)
        self.bytes.update(entry.content)
        for event in chain.read(entry).events:
            self._note(entry.stream, event)

    def _note(self, instance: int, event: events.Event) -> None:
        if isinstance(event, _NEW):
            if event.key in self.keys:
                raise Broken(f"key {event.key} was given twice, the second time by {event}")
            self.keys.add(event.key)
        self._note_job(event)
        if isinstance(event, events.InstanceCreated):
            self.instances.add(event.key)
        elif isinstance(event, events.MessagePublished):
            self.remembered[event.key] = event.forget
        elif isinstance(event, events.TaskCreated):
            self.tasks[event.key] = Open(instance, event.key, event.assignee, event.groups)
        elif isinstance(event, events.ApprovalRequested):
            self.approvals[event.key] = Open(instance, event.key, event.ruling.action_sha256, ruling=event.ruling)
        elif isinstance(event, events.IncidentRaised):
            self.incidents[event.key] = Open(instance, event.key, event.kind)
        elif isinstance(event, events.IncidentResolved):
            self.incidents.pop(event.key, None)
        elif isinstance(event, events.TaskCompleted | events.TaskCanceled):
            self.tasks.pop(event.key, None)
        elif isinstance(event, events.ApprovalClosed):
            self.approvals.pop(event.key, None)

    def _note_job(self, event: events.Event) -> None:
        if isinstance(event, events.JobCreated):
            self.jobs[event.key] = event.type
            self._attempts[event.key] = 1
        elif isinstance(event, events.JobRetried):
            self._attempts[event.key] += 1
        elif isinstance(event, events.JobCleared):
            if not event.ruling.permits:
                raise Broken(f"job {event.key} was cleared by a ruling that does not permit it")
            self.cleared.add((event.key, self._attempts[event.key]))
        elif isinstance(event, events.JobCompleted | events.JobRaised | events.JobCanceled):
            self.finished[event.key] += 1
            if self.finished[event.key] > 1:
                raise Broken(f"job {event.key} came to an end twice")


_NEW = (
    events.ElementActivating
    | events.JobCreated
    | events.TimerSet
    | events.Subscribed
    | events.TaskCreated
    | events.ApprovalRequested
    | events.IncidentRaised
    | events.MessagePublished
    | events.SignalBroadcast
    | events.ConditionsEvaluated
    | events.ProcessDeployed
    | events.DecisionsDeployed
)
