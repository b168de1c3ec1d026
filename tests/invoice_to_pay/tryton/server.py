"""A Tryton server of our own for the tests: installed, filled and started without anybody's help.

What takes long is done once and kept in ``.cache/tryton`` at the root of the repository (the folder ignores itself in
git): the virtual environment and an empty database, both keyed by the pinned requirements, and a database with a
company in it, keyed by all that makes it. A test run copies that SQLite database and starts the server on the copy, on
a free port of 127.0.0.1. Nothing is skipped: what cannot be installed or started fails with its last words.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.invoice_to_pay.tryton import company

from invoice_to_pay.systems.tryton import TrytonSettings, rpc

HERE = Path(__file__).parent
CACHE = HERE.parents[2] / ".cache" / "tryton"
REQUIREMENTS = HERE / "requirements.txt"
MODULES = ("purchase", "bank", "account_invoice_stock")
DATABASE = "company"
INSTALL_S_MAX = 240
START_S_MAX = 30


class Server:
    """A running server: its address, its database file and the passwords of its users."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.database = folder / f"{DATABASE}.sqlite"

    def settings(self, user: str = "clearance") -> TrytonSettings:
        return TrytonSettings(
            url=self.url,
            database=DATABASE,
            user=user,
            password_file=str(self.folder / f"{user}.password"),
            payment_method=company.PAYMENT_METHOD,
            taxes={"19": "VAT 19 %"},
        )


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """A server on a fresh copy of the prepared company, in this folder; stopped at the end."""
    programs = _installed()
    prepared = _prepared(programs)
    shutil.copytree(prepared, folder, dirs_exist_ok=True)
    with _running(programs, folder) as server:
        yield server


def _installed() -> Path:
    """The folder of the programs in Tryton's own virtual environment, made when it is not there."""
    environment = CACHE / f"environment-{_digest(REQUIREMENTS)}-{sys.version_info.major}.{sys.version_info.minor}"
    with _once(environment) as missing:
        if missing:
            _run([sys.executable, "-m", "venv", str(environment)])
            pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps"]
            _run([*pip, "--only-binary", ":all:", "--no-compile", "-r", str(REQUIREMENTS)])
    return environment / "bin"


def _initialised(programs: Path) -> Path:
    """A folder with an empty database (all tables, no company) and the users' passwords, made when it is not there."""
    initialised = CACHE / f"database-{_digest(REQUIREMENTS)}"
    with _once(initialised) as missing:
        if missing:
            initialised.mkdir()
            for user in ("admin", "clearance"):
                (initialised / f"{user}.password").write_text(f"{user} of the test company\n", encoding="utf-8")
            (initialised / f"{DATABASE}.sqlite").touch()
            configuration = _configure(initialised, port=0)
            create = [str(programs / "trytond-admin"), "-c", str(configuration), "-d", DATABASE, "-u", *MODULES]
            _run(
                [*create, "--activate-dependencies", "--email", "admin@example.com"],
                TRYTONPASSFILE=str(initialised / "admin.password"),
            )
    return initialised


def _prepared(programs: Path) -> Path:
    """A folder with the database of a company that can buy, made when it is not there."""
    initialised = _initialised(programs)
    prepared = CACHE / f"company-{_digest(REQUIREMENTS, Path(__file__), Path(company.__file__), Path(rpc.__file__))}"
    with _once(prepared) as missing:
        if missing:
            shutil.copytree(initialised, prepared)
            with _running(programs, prepared) as server:
                company.found(server.settings("admin"), (prepared / "clearance.password").read_text().strip())
    return prepared


@contextlib.contextmanager
def _once(target: Path) -> Iterator[bool]:
    """Whether the target has to be made; one process at a time, and what was left half done is thrown away."""
    CACHE.mkdir(parents=True, exist_ok=True)
    (CACHE / ".gitignore").write_text("*\n", encoding="utf-8")
    done = target.with_name(f"{target.name}.done")
    with open(target.with_name(f"{target.name}.lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        missing = not done.exists()
        if missing:
            shutil.rmtree(target, ignore_errors=True)
        yield missing
        done.touch()


@contextlib.contextmanager
def _running(programs: Path, folder: Path) -> Iterator[Server]:
    port = _free_port()
    configuration = _configure(folder, port)
    log = folder / "server.log"
    with open(log, "wb") as output:
        command = [str(programs / "trytond"), "-c", str(configuration), "-d", DATABASE]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        _wait(process, port, log)
        yield Server(folder, f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_S_MAX
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the Tryton server stopped at once (exit {process.returncode}):\n{log.read_text()}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"the Tryton server did not listen within {START_S_MAX} s:\n{log.read_text()}")


def _configure(folder: Path, port: int) -> Path:
    configuration = folder / "trytond.conf"
    configuration.write_text(
        f"[database]\nuri = sqlite://\npath = {folder}\n\n[web]\nlisten = 127.0.0.1:{port}\n", encoding="utf-8"
    )
    return configuration


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()[:16]


def _run(command: Sequence[str], **environment: str) -> None:
    result = subprocess.run(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=INSTALL_S_MAX,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(f"{' '.join(command)} failed (exit {result.returncode}):\n{result.stdout[-4000:]}")
