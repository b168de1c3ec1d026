"""Real disks that have no room or may not be written: what was answered for stays, and the reason is said in words."""

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from clearance.ledger.store import StoreError
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.model.work import Completed
from clearance.stores.sqlite import SqliteStore
from tests.engine.helpers import actor, engine, start, until, verified

_ROOM = 600_000
_NOBODY = 65534
_ROOT = Path(__file__).parents[2]


def _fill(folder: Path, refused: Callable[[], None]) -> None:
    """Start instances until the disk has no room, and again once ``refused`` has made some."""
    made = engine(SqliteStore(folder / "ledger.sqlite"), actor(lambda job: Completed({})))
    try:
        told = [start(made, text="x" * 5000)]
        answer: object = None
        end = time.monotonic() + 60
        while not isinstance(answer, Refusal):
            assert time.monotonic() < end, "the disk never fills"
            answer = made.ask(commands.StartInstance(process="p", variables={"text": "x" * 5000}))
            if isinstance(answer, Answer):
                told.append(answer.key)
        assert answer.kind == "busy"
        assert "nothing was changed" in answer.reason
        assert made.trouble
        refused()
        until(lambda: not made.trouble, "it does not go on by itself")
        told.append(start(made))
    finally:
        made.stop()
    assert verified(folder / "ledger.sqlite")
    reader = SqliteStore(folder / "ledger.sqlite", readonly=True)
    assert set(told) <= {row.key for row in reader.instances()}
    reader.close()


def _in_a_fork(work: Callable[[], None]) -> None:
    """Limits and users hold for a whole process, so this has one of its own."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 (the parent only sees the exit code)
            sys.stderr.write(f"{error!r}\n")
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0


def _as_nobody(work: Callable[[], None]) -> None:
    """In a fork, as a user who may do nothing that others may not."""

    def changed() -> None:
        if os.geteuid() == 0:
            os.setgid(_NOBODY)
            os.setuid(_NOBODY)
        work()

    _in_a_fork(changed)


def test_a_file_that_may_not_grow_is_survived_and_goes_on_by_itself(tmp_path: Path) -> None:
    """A quota: the system refuses to let the file grow, then lets it."""

    def limited() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (_ROOM, resource.RLIM_INFINITY))
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        _fill(tmp_path, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, unlimited))

    _in_a_fork(limited)


def test_a_full_disk_is_survived_and_goes_on_by_itself(tmp_path: Path) -> None:
    """A small disk of its own, in a name space of its own, where the system allows that without privileges."""
    may = ["unshare", "--map-root-user", "--mount"]
    if shutil.which("unshare") is None or subprocess.run([*may, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this system lets nobody mount a disk of their own")
    program = (
        "import sys; from pathlib import Path\n"
        "from tests.crash.test_disk_trouble import _fill\n"
        "folder = Path(sys.argv[1]); ballast = folder / 'ballast'\n"
        "ballast.write_bytes(bytes(2_000_000))\n"
        "_fill(folder, ballast.unlink)\n"
    )
    mounted = 'mount -t tmpfs -o size=3m tmpfs "$1" && exec "$2" -c "$3" "$1"'
    paths = os.pathsep.join((str(_ROOT / "src"), str(_ROOT / "examples"), str(_ROOT)))
    done = subprocess.run(
        [*may, "sh", "-c", mounted, "sh", str(tmp_path), sys.executable, program],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": paths},
    )
    assert done.returncode == 0, done.stderr


def _let_others_in(folder: Path) -> None:
    """Into the folder and those above it that are pytest's."""
    for one in (folder, *folder.parents):
        if Path(tempfile.gettempdir()) in one.parents:
            one.chmod(one.stat().st_mode | 0o055)


def test_a_ledger_that_may_not_be_written_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "data" / "ledger.sqlite"
    SqliteStore(path).close()
    path.with_name("ledger.sqlite.lock").unlink()

    def refused() -> None:
        with pytest.raises(StoreError, match="check the folder's permissions"):
            SqliteStore(path)

    _let_others_in(tmp_path)
    path.chmod(0o444)
    path.parent.chmod(0o555)
    try:
        _as_nobody(refused)
    finally:
        path.parent.chmod(0o755)


def test_a_file_that_may_only_be_read_is_refused_at_the_start_though_its_folder_may_be_written(tmp_path: Path) -> None:
    path = tmp_path / "data" / "ledger.sqlite"
    SqliteStore(path).close()

    def refused_but_read() -> None:
        with pytest.raises(StoreError, match="check the folder's permissions"):
            SqliteStore(path)
        assert SqliteStore(path, readonly=True).head().installation

    _let_others_in(tmp_path)
    path.parent.chmod(0o777)
    path.with_name("ledger.sqlite.lock").chmod(0o666)
    path.chmod(0o444)
    _as_nobody(refused_but_read)


def test_a_database_that_became_read_only_takes_nothing_and_says_so(tmp_path: Path) -> None:
    """As SQLite says it when the disk is mounted again without leave to write."""
    made = engine(SqliteStore(tmp_path / "ledger.sqlite"), actor(lambda job: Completed({})))
    try:
        kept = start(made)
        store = made.store
        assert isinstance(store, SqliteStore)
        store._db.execute("PRAGMA query_only=ON")
        refused = made.ask(commands.StartInstance(process="p"))
        assert isinstance(refused, Refusal)
        assert "cannot be written" in refused.reason
        store._db.execute("PRAGMA query_only=OFF")
        until(lambda: not made.trouble, "it does not go on by itself")
        after = start(made)
    finally:
        made.stop()
    with sqlite3.connect(tmp_path / "ledger.sqlite") as connection:
        keys = {row[0] for row in connection.execute("SELECT key FROM instances")}
    assert {kept, after} <= keys
