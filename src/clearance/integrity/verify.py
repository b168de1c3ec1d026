"""Verification: all that the ledger claims is computed again, and all that was derived from it is compared with it.

Passes, none of which holds more than one instance or one archive in memory. The first reads the archives
(``verify_archives.py``). The second goes through all other entries in the order of their positions: none may be missing
between those of the archives. The third takes one stream after the other: its hashes must chain, each entry must say of
itself what its row says, and replaying its events must give the snapshot that the store keeps. On the way the fourth
goes through the indexes, which are ordered by instance as the streams are: what waits in the store must be what waits
in the state.

It reads through one view of the store (:meth:`Store.frozen`), so the ledger may be in use while it is verified. An
entry that was removed from the very end together with all that points to it leaves no trace here; checkpoints signed
by others are what finds that.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from clearance.engine.state.registry import Registry
from clearance.integrity import verify_archives, verify_exchange, verify_shard
from clearance.kernel.appliers import replay
from clearance.kernel.state import Instance, snapshot
from clearance.ledger import chain, numbering
from clearance.ledger.chain import Transition
from clearance.ledger.rows import SHARD_STREAM, Definition, Entry, InstanceRow, SubscriptionRow, TimerRow
from clearance.ledger.store import Store, StoreError
from clearance.model.definition import read_process
from clearance.model.graph import Graph

_PAGE = 500
_TELL_EVERY = 1000
_PROBLEMS_MAX = 1000

Row = TypeVar("Row")


class Problem(msgspec.Struct, frozen=True):
    """One thing that is not as it must be."""

    position: int
    """In the ledger; 0 when it is not about one entry."""
    stream: int
    """The instance's key; 0: the shard's own stream, or all."""
    message: str

    def __str__(self) -> str:
        named = not self.stream or str(self.stream) in self.message
        return self.message if named else f"{self.message} (instance {self.stream})"


class Verification(msgspec.Struct, frozen=True):
    """What was found."""

    entries: int
    streams: int
    problems: tuple[Problem, ...]
    """At most the first 1000 of each shard."""

    @property
    def ok(self) -> bool:
        return not self.problems


def verify(store: Store, registry: Registry, *, progress: Callable[[int], None] | None = None) -> Verification:
    """Verify all of a ledger; ``progress`` is told now and then how many entries have been verified."""
    with store.frozen():
        return _Verifier(store, registry, progress).run()


def together(found: Sequence[Verification]) -> Verification:
    """What was found in the ledgers of all shards; where there are several, problems say which one it is."""
    problems = [
        msgspec.structs.replace(problem, message=f"shard {shard}: {problem.message}") if len(found) > 1 else problem
        for shard, one in enumerate(found)
        for problem in one.problems
    ]
    return Verification(sum(one.entries for one in found), sum(one.streams for one in found), tuple(problems))


class _Verifier:
    def __init__(self, store: Store, registry: Registry, progress: Callable[[int], None] | None) -> None:
        self.store = store
        self.registry = registry
        self.progress = progress
        self.problems: list[Problem] = []
        self.chained = 0
        """Entries found in streams."""
        self.record = verify_shard.ShardRecord()
        self.past = verify_archives.Past(store, registry, self.found, self._note)
        self.start_subscriptions: list[SubscriptionRow] = []
        self.start_timers: list[TimerRow] = []
        self.guests: list[SubscriptionRow] = []
        """Subscriptions of instances that live on other shards."""
        self.shard = 0

    def run(self) -> Verification:
        """Whatever damaged data does to whoever reads it is a finding, never an exception."""
        for damage in self.store.damage():
            self.found(0, SHARD_STREAM, damage)
        entries = streams = 0
        try:
            self._definitions(self.store.definitions())
            self.shard = numbering.shard_of(self.store.head().next_key)
            self.record = verify_shard.ShardRecord(instance for _, _, instance in self.store.locks())
            self.past.read()
            entries = self._positions()
            streams = self._streams(entries) + self.past.streams
            entries += self.past.entries
        except StoreError as error:
            self.found(0, SHARD_STREAM, str(error))
        except Exception as error:  # noqa: BLE001
            if not self.problems:
                self.found(0, SHARD_STREAM, f"what the store holds cannot be read through: {error!r}")
        return Verification(entries, streams, tuple(self.problems))

    def _streams(self, entries: int) -> int:
        timers = _Merge(self.store.timers(), lambda row: row.instance)
        subscriptions = _Merge(self.store.waiting(), lambda row: row.instance)
        work = _Merge(self.store.at_work(), lambda key: key)
        streams = 0
        for row in self.store.instances():
            streams += 1
            instance, graph = self._stream(row)
            if row.key == SHARD_STREAM:
                continue
            self._left_over(timers.before(row.key), subscriptions.before(row.key), work.before(row.key))
            waits = timers.of(row.key), subscriptions.of(row.key), work.of(row.key)
            if instance is not None and graph is not None:
                self._compare(instance, graph, *waits)
                self._calls(instance)
        self._left_over(timers.rest(), subscriptions.rest(), work.rest())
        if self.chained < entries and not self.problems:
            self._strays()
        if self.past.shard_whole:
            starts = self.start_subscriptions, self.start_timers
            verify_shard.compare(self.store, self.registry, self.record, *starts, self.found)
            verify_exchange.compare(self.store, self.record.exchange, self.guests, self.found)
        return streams

    def found(self, position: int, stream: int, message: str) -> None:
        if len(self.problems) < _PROBLEMS_MAX:
            self.problems.append(Problem(position, stream, message))

    # ---- entries -----------------------------------------------------------------------------------------------------

    def _positions(self) -> int:
        """Go through the entries that are not in archives; how many there are."""
        expected, count = 1, 0
        for entry in _pages(lambda after: self.store.unarchived(after, _PAGE), lambda entry: entry.position):
            count += 1
            if entry.position != expected:
                self._gap(*self.past.lacking(expected, entry.position))
            if self.past.holds(entry.position):
                self.found(entry.position, entry.stream, f"entry {entry.position} is in an archive too")
            expected = entry.position + 1
            if self.progress is not None and count % _TELL_EVERY == 0:
                self.progress(count)
        recorded = self.store.head().recorded
        if recorded >= expected:
            self.found(expected, 0, f"the ledger ends at {expected - 1}, but {recorded} entries were committed")
        elif recorded < expected - 1:
            self.found(expected - 1, 0, f"the ledger ends at {expected - 1}, but only {recorded} were committed")
        if self.progress is not None:
            self.progress(count)
        return count

    def _gap(self, first: int, last: int, count: int) -> None:
        """Positions that are nowhere, unless they are those of an archive that is known to be lost."""
        if self.past.lost >= count:
            self.past.lost -= count
            return
        missing = f"entry {first} is" if count == 1 else "entries are"
        self.found(first, 0, f"{missing} missing: after {first - 1} comes {last + 1}")

    def _strays(self) -> None:
        for entry in _pages(lambda after: self.store.unarchived(after, _PAGE), lambda entry: entry.position):
            if self.store.instance(entry.stream) is None:
                self.found(entry.position, entry.stream, f"no row is kept for instance {entry.stream}")

    def _definitions(self, definitions: Sequence[Definition]) -> None:
        for definition in definitions:
            try:
                digest = read_process(definition.content).content_hash()
            except msgspec.DecodeError as error:
                digest = str(error)
            if digest != definition.hash:
                what = f"version {definition.version} of process {definition.process}"
                self.found(0, SHARD_STREAM, f"the content of {what} is not what was deployed: its hash differs")

    # ---- one stream --------------------------------------------------------------------------------------------------

    def _stream(self, row: InstanceRow) -> tuple[Instance | None, Graph | None]:
        """Hashes, sequence and snapshot of a stream; its state at the end, when it can be told."""
        graph = self._graph(row)
        instance: Instance | None = None
        whole = graph is not None
        previous: bytes | None = chain.GENESIS
        sequence, covered = 0, False
        if row.key == SHARD_STREAM:  # it goes on where the archives leave it
            previous, sequence = self.past.shard_hash, self.past.shard_sequence
        pages = _pages(lambda after: self.store.history(row.key, after, _PAGE), lambda entry: entry.sequence, sequence)
        for entry in pages:
            self.chained += 1
            sequence += 1
            said = self._link(entry, previous, sequence)
            previous, sequence = entry.hash, entry.sequence
            if said is None:
                whole = False
            else:
                self._note(row.key, said)
            if whole and graph is not None and said is not None:
                try:
                    instance = replay(said.events, self.registry.graph, instance)
                except Exception as error:  # noqa: BLE001 (whatever a damaged event does to an applier is a finding)
                    whole = False
                    self.found(entry.position, row.key, f"entry {entry.position} cannot be replayed: {error!r}")
            if entry.sequence == row.sequence:
                covered = True
                self._snapshot(row, entry, instance if whole else None)
        if not covered:
            claim = f"the row of {_who(row.key)} covers entry {row.sequence} of its stream"
            self.found(row.position, row.key, f"{claim}, which is not there (the last is {sequence})")
        return (instance, graph) if whole else (None, None)

    def _graph(self, row: InstanceRow) -> Graph | None:
        if row.key == SHARD_STREAM:
            return None
        try:
            return self.registry.graph(row.definition)
        except (KeyError, ValueError):
            self.found(row.position, row.key, f"definition {row.definition} of instance {row.key} is not deployed")
            return None

    def _note(self, stream: int, said: Transition) -> None:
        for event in said.events:
            key = getattr(event, "key", 0)
            if key > self.record.keys_max and numbering.shard_of(key) == self.shard:
                self.record.keys_max = key
            if stream == SHARD_STREAM:
                self.record.note(event, said)

    def _link(self, entry: Entry, previous: bytes | None, sequence: int) -> Transition | None:
        """What the entry says, when it is where it says it is and follows the one before it."""
        before = len(self.problems)
        where = f"entry {entry.position}"
        if entry.sequence != sequence:
            who = _who(entry.stream)
            self.found(entry.position, entry.stream, f"{where}: in {who}, number {sequence} is missing")
        elif previous is not None and not chain.follows(entry, previous):
            self.found(
                entry.position, entry.stream, f"{where}: its hash is wrong: it or the entry before it has changed"
            )
        try:
            said = chain.read(entry)
        except ValueError as error:
            self.found(entry.position, entry.stream, f"{where} cannot be read: {error}")
            return None
        if (said.position, said.stream, said.sequence) != (entry.position, entry.stream, entry.sequence):
            own = f"entry {said.position}, number {said.sequence} of stream {said.stream}"
            self.found(entry.position, entry.stream, f"{where} says of itself that it is {own}")
        return said if len(self.problems) == before else None

    def _snapshot(self, row: InstanceRow, entry: Entry, instance: Instance | None) -> None:
        who = _who(row.key)
        if (row.position, row.hash) != (entry.position, entry.hash):
            self.found(entry.position, row.key, f"the row of {who} names another entry or hash than its stream has")
        if instance is None:
            return
        if (row.status, row.definition, row.process) != (instance.status, instance.definition, instance.process):
            self.found(entry.position, row.key, f"the row of {who} says {row.status}; its events say {instance.status}")
        elif row.snapshot != (snapshot(instance) if instance.status == "active" else b""):
            self.found(entry.position, row.key, f"the snapshot of {who} is not what its events lead to")

    # ---- indexes -----------------------------------------------------------------------------------------------------

    def _compare(
        self,
        instance: Instance,
        graph: Graph,
        timers: list[TimerRow],
        subscriptions: list[SubscriptionRow],
        work: list[int],
    ) -> None:
        due = {key: (timer.due, "timer") for key, timer in instance.timers.items()}
        due |= {key: (job.retry_at, "retry") for key, job in instance.jobs.items() if job.phase == "pause"}
        held = {held.key for held in instance.held if held.kind != "subscription"}
        due = {key: row for key, row in due.items() if key not in held}
        self._same(instance.key, "timer", due, {row.key: (row.due, row.kind) for row in timers})
        jobs = [str(key) for key, job in instance.jobs.items() if job.phase == "at-work" and key not in held]
        if jobs and not work:
            said = f"jobs {', '.join(jobs)} of instance {instance.key} are at work, which is not in the index"
            self.found(0, instance.key, f"{said}: nobody would do them")
        elif work and not jobs:
            self.found(0, instance.key, f"the index says that instance {instance.key} has a job at work: it has none")
        wanted = {
            key: (wait.kind, wait.name, wait.correlation_key, graph.process.id, graph.definition, wait.node)
            for key, wait in instance.subscriptions.items()
        }
        kept = {
            row.key: (row.kind, row.name, row.correlation_key, row.process, row.definition, row.node)
            for row in subscriptions
        }
        self._same(instance.key, "subscription", wanted, kept)

    def _calls(self, instance: Instance) -> None:
        """What is called runs, and what was called is waited for, unless the news of its end is held."""
        if instance.status != "active":
            return
        held = any(one.kind in ("end-call", "raise-call") for one in instance.held)
        for element in instance.elements.values():
            row = self.store.instance(element.child) if element.child else None
            if element.child and not held and (row is None or row.status != "active"):
                said = f"instance {instance.key} waits for the called instance {element.child}, which does not run"
                self.found(0, instance.key, said)
        if instance.parent:
            caller = self.store.instance(instance.parent)
            if caller is None or caller.status != "active":
                said = f"instance {instance.key} was called by instance {instance.parent}, which does not run"
                self.found(0, instance.key, said)

    def _same(self, key: int, what: str, wanted: Mapping[int, object], kept: Mapping[int, object]) -> None:
        if wanted == kept:
            return
        for lost in sorted(wanted.keys() - kept.keys()):
            self.found(0, key, f"{what} {lost} of instance {key} is not in the index: it would never happen")
        for extra in sorted(kept.keys() - wanted.keys()):
            self.found(0, key, f"{what} {extra} is in the index, but instance {key} does not have it")
        for both in sorted(wanted.keys() & kept.keys()):
            if wanted[both] != kept[both]:
                self.found(0, key, f"{what} {both} of instance {key} is in the index with other values")

    def _left_over(
        self, timers: Iterable[TimerRow], subscriptions: Iterable[SubscriptionRow], work: Iterable[int]
    ) -> None:
        """Rows of instances that do not exist; those of start events belong to the latest version of their process."""
        for timer in timers:
            if timer.kind == "start" and not timer.instance:
                self.start_timers.append(timer)
            else:
                self.found(0, timer.instance, f"timer {timer.key} belongs to instance {timer.instance}: there is none")
        for row in subscriptions:
            if numbering.shard_of(row.instance) != self.shard and row.instance:
                self.guests.append(row)
            elif row.instance:
                self.found(0, row.instance, f"subscription {row.key} belongs to instance {row.instance}: there is none")
            else:
                self.start_subscriptions.append(row)
        for instance in work:
            self.found(0, instance, f"the index says that instance {instance} has a job at work: there is none")


class _Merge(Iterator[Row]):
    """Rows in the order of their instances, taken as the instances go by."""

    def __init__(self, rows: Iterable[Row], instance_of: Callable[[Row], int]) -> None:
        self._rows = iter(rows)
        self._instance_of = instance_of
        self._next = next(self._rows, None)

    def __next__(self) -> Row:
        if self._next is None:
            raise StopIteration
        row, self._next = self._next, next(self._rows, None)
        return row

    def before(self, key: int) -> list[Row]:
        """Those of instances before this one that nobody asked for."""
        return list(self._while(lambda instance: instance < key))

    def of(self, key: int) -> list[Row]:
        return list(self._while(lambda instance: instance == key))

    def rest(self) -> Iterator[Row]:
        return self

    def _while(self, wanted: Callable[[int], bool]) -> Iterator[Row]:
        while self._next is not None and wanted(self._instance_of(self._next)):
            yield next(self)


def _pages(read: Callable[[int], Sequence[Entry]], place: Callable[[Entry], int], after: int = 0) -> Iterator[Entry]:
    while page := read(after):
        yield from page
        after = place(page[-1])


def _who(stream: int) -> str:
    return f"instance {stream}" if stream != SHARD_STREAM else "the shard's own stream"
