"""The figures of the control tower's first page."""

from collections.abc import Sequence

from clearance.views.reader import Answer, Reader, Where, iso

MINUTES_SHOWN = 60


class Totals(Answer, frozen=True, kw_only=True):
    running: int
    completed: int
    automated: int
    escalated: int
    waiting: int
    incidents: int
    ledger_entries: int
    ledger_verified: bool | None = None


class ProcessCount(Answer, frozen=True, kw_only=True):
    process_definition_id: str
    process_definition_key: str
    name: str
    version: int
    active: int
    completed: int
    waiting: int
    incidents: int


class Minute(Answer, frozen=True, kw_only=True):
    minute: str
    started: int
    completed: int


class Overview(Answer, frozen=True, kw_only=True):
    totals: Totals
    processes: list[ProcessCount]
    per_minute: list[Minute]


def overview(reader: Reader, processes: Sequence[str] | None = None, verified: bool | None = None) -> Overview:
    """Figures of the given processes (None: all); the minutes are those of everything, the last hour with events."""
    where = Where()
    if processes is not None:
        where.one_of("d.process", processes)
    rows = reader.rows(
        "SELECT d.process, d.key, d.name, d.version, t.active, t.completed, t.waiting, t.incidents, t.automated,"
        f" t.escalated FROM definitions d JOIN totals t ON t.definition = d.key WHERE {where}"
        " ORDER BY d.name, d.version DESC",
        where.values,
    )
    sums = [sum(row[column] for row in rows) for column in range(4, 10)]
    totals = Totals(
        running=sums[0],
        completed=sums[1],
        waiting=sums[2],
        incidents=sums[3],
        automated=sums[4],
        escalated=sums[5],
        ledger_entries=reader.count("SELECT sum(position) FROM projected"),
        ledger_verified=verified,
    )
    counts = [
        ProcessCount(
            process_definition_id=process,
            process_definition_key=str(key),
            name=name,
            version=version,
            active=active,
            completed=completed,
            waiting=waiting,
            incidents=incidents,
        )
        for process, key, name, version, active, completed, waiting, incidents, _, _ in rows
    ]
    minutes = reader.rows(
        "SELECT minute, started, completed FROM minutes ORDER BY minute DESC LIMIT ?", (MINUTES_SHOWN,)
    )
    return Overview(
        totals=totals,
        processes=counts,
        per_minute=[Minute(minute=iso(at), started=started, completed=done) for at, started, done in reversed(minutes)],
    )
