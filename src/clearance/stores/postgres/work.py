"""The jobs at work, as a journal: a row for each commit says which of them went and which came, and now and then one
row takes the place of all before it.

Every step ends one job and begins another. With a row for each job that is two changes of a table and one of its index,
a quarter of what a commit cost the server; a row of arrays costs next to nothing. Nobody looks for a single one of
these jobs: all of them are read, when an engine starts or stops and when a ledger is verified.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from clearance.engine.ports import Batch
from clearance.stores.postgres.arrays import Bigints, Statement

JOURNAL = "SELECT number, gone, jobs, instances FROM work_journal ORDER BY number"
_APPEND = "INSERT INTO work_journal (number, gone, jobs, instances) VALUES (%s::bigint, %s, %s, %s)"
CHANGES_MAX = 4000
"""So many jobs may come and go before all that are left are written anew; more, when that would be more to write."""

Row = Sequence[Any]
"""Its number, the jobs that went, and those that came, with their instances."""


def at_work(rows: Sequence[Row]) -> dict[int, int]:
    """Job to instance, as a journal leaves it."""
    found: dict[int, int] = {}
    for _, gone, jobs, instances in rows:
        for job in gone:
            found.pop(job, None)
        found.update(zip(jobs, instances, strict=True))
    return found


class WorkJournal:
    """What the only one who writes it remembers of it, so that it need not ask."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._at_work = at_work(rows)
        self._number = int(rows[-1][0]) if rows else 0
        self._changes = sum(len(gone) + len(jobs) for _, gone, jobs, _ in rows)

    def statements(self, batch: Batch) -> list[Statement]:
        """What a commit writes into it."""
        number, row = self._number + 1, (batch.work_gone, batch.work_set.keys(), batch.work_set.values())
        if not _changes(batch):
            return []
        if not self._too_long(batch):
            return [_appended(number, *row)]
        left = self._after(batch)
        return [("DELETE FROM work_journal", []), _appended(number, (), left.keys(), left.values())]

    def committed(self, batch: Batch) -> None:
        """What :meth:`statements` said of the batch is on the disk."""
        if not _changes(batch):
            return
        anew = self._too_long(batch)
        self._number += 1
        for job in batch.work_gone:
            self._at_work.pop(job, None)
        self._at_work.update(batch.work_set)
        self._changes = len(self._at_work) if anew else self._changes + _changes(batch)

    def _too_long(self, batch: Batch) -> bool:
        return self._changes + _changes(batch) > max(CHANGES_MAX, 2 * len(self._at_work))

    def _after(self, batch: Batch) -> dict[int, int]:
        kept = {job: instance for job, instance in self._at_work.items() if job not in batch.work_gone}
        return kept | batch.work_set


def _changes(batch: Batch) -> int:
    return len(batch.work_gone) + len(batch.work_set)


def _appended(number: int, gone: Iterable[int], jobs: Iterable[int], instances: Iterable[int]) -> Statement:
    return _APPEND, [number, Bigints([*gone]), Bigints([*jobs]), Bigints([*instances])]
