"""Burr: an application of ten actions whose state is persisted to SQLite (WAL, synchronous=FULL) after each."""

import itertools
import sqlite3
from pathlib import Path

from burr.core import ApplicationBuilder, State, action
from burr.core.persistence import SQLitePersister

from benchmarks.peers.running import Run, main
from benchmarks.record import FIRST, STEPS, following


@action(reads=["record"], writes=["record"])
def work(state: State) -> State:
    return state.update(record=following(state["record"]))


def prepare(folder: Path, kind: str) -> Run:
    connection = sqlite3.connect(folder / "burr.sqlite", check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    persister = SQLitePersister(str(folder / "burr.sqlite"), connection=connection)
    persister.initialize()
    names = [f"step_{number}" for number in range(1, STEPS + 1)]
    started = 0

    def run(instances: int) -> None:
        nonlocal started
        for _ in range(instances):
            started += 1
            application = (
                ApplicationBuilder()
                .with_actions(**dict.fromkeys(names, work))
                .with_transitions(*itertools.pairwise(names))
                .with_state(record=FIRST)
                .with_entrypoint(names[0])
                .with_identifiers(app_id=str(started))
                .with_state_persister(persister)
                .build()
            )
            _, _, state = application.run(halt_after=[names[-1]])
            assert state["record"]["number"] == STEPS

    return run


if __name__ == "__main__":
    main(prepare)
