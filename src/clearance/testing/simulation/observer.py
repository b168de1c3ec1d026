"""Who watches the ledger from outside and forgets nothing: what was once committed must stay, and must make sense.

The observer is told of every commit, reads what is new as any reader would, and keeps the hash of each entry. After a
crash it compares. On the way it learns, as people and remote workers do, which tasks, jobs, approvals and incidents are
open; it is sometimes wrong about that, as they are.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence

import msgspec

from clearance.ledger import chain, numbering
from clearance.ledger.rows import Entry
from clearance.ledger.store import Store
from clearance.model import events
from clearance.model.clearance import Ruling
from clearance.model.commands import Answer, Command
from clearance.testing.simulation.promises import Promises


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

    def __init__(self, shards: int = 1) -> None:
        self.ledgers: list[list[bytes]] = [[] for _ in range(shards)]
        """The hashes of all entries of each shard."""
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
        self.promises = Promises()
        self._attempts: dict[int, int] = {}
        self._heads: dict[tuple[int, int], tuple[int, bytes]] = {}

    @property
    def entries(self) -> int:
        """How many have been seen, of all shards."""
        return sum(len(hashes) for hashes in self.ledgers)

    def has_seen(self, place: int) -> bool:
        """Whether the entry at the place has been committed."""
        return numbering.position_at(place) <= len(self.ledgers[numbering.shard_at(place)])

    def check(self, command: Command, answer: Answer) -> None:
        """Somebody has been answered: what that says is committed, and the ledger says the same."""
        if not self.has_seen(answer.position):
            raise Broken(f"{command} was answered with position {answer.position}, which is not committed")
        if missing := self.promises.broken(command, answer):
            raise Broken(f"{command} was answered for, and {missing} is not on record")

    def look(self, store: Store, shard: int = 0) -> None:
        """Read what has been committed since."""
        while entries := store.entries(len(self.ledgers[shard])):
            self.take(shard, entries)

    def take(self, shard: int, entries: Sequence[Entry]) -> None:
        """What a commit has promised to keep."""
        for entry in entries:
            self._enter(shard, entry)

    def compare(self, stores: Sequence[Store]) -> None:
        """After a crash: what was seen is there, unchanged."""
        for shard, store in enumerate(stores):
            hashes = self.ledgers[shard]
            kept = store.entries(0, len(hashes))
            if len(kept) < len(hashes):
                raise Broken(f"{len(hashes)} entries were committed, and {len(kept)} are left")
            for entry, seen in zip(kept, hashes, strict=True):
                if entry.hash != seen:
                    raise Broken(f"entry {entry.position} is not the one that was committed")
            self.look(store, shard)

    # ---- inside ------------------------------------------------------------------------------------------------------

    def _enter(self, shard: int, entry: Entry) -> None:
        hashes = self.ledgers[shard]
        if entry.position != len(hashes) + 1:
            raise Broken(f"after entry {len(hashes)} comes {entry.position}")
        sequence, previous = self._heads.get((shard, entry.stream), (0, chain.GENESIS))
        if entry.sequence != sequence + 1 or not chain.follows(entry, previous):
            raise Broken(f"entry {entry.position} does not follow {sequence} of stream {entry.stream}")
        self._heads[shard, entry.stream] = (entry.sequence, entry.hash)
        hashes.append(entry.hash)
        self.bytes.update(entry.content)
        for event in chain.read(entry).events:
            if not (
                isinstance(event, _DEPLOYED) and numbering.shard_of(event.key) != shard
            ):  # noted where it was decided
                self._note(entry.stream, event)

    def _note(self, instance: int, event: events.Event) -> None:
        if isinstance(event, _NEW):
            if event.key in self.keys:
                raise Broken(f"key {event.key} was given twice, the second time by {event}")
            self.keys.add(event.key)
        self._note_job(event)
        self.promises.note(instance, event)
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


_DEPLOYED = events.ProcessDeployed | events.DecisionsDeployed
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
