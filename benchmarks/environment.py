"""The peers' own virtual environment: made once from ``requirements.txt`` for the Python that runs ours, kept under
``.cache``, made anew when either changes.

Peers run as processes of their own in it, so that nothing they need comes near the product; only the decision engines
of ``decisions.py`` are imported beside ours, for which :func:`borrow` puts its packages at the end of the path.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
REQUIREMENTS = Path(__file__).parent / "requirements.txt"
CACHE = ROOT / ".cache"
FOLDER = CACHE / "peers"
_STAMP = FOLDER / "made-from"
_PEER_TIMEOUT_S = 300


def make() -> None:
    """Have the environment; nothing is done when it is there and up to date."""
    wanted = f"{hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()} {sys.base_prefix} {sys.version}"
    if _STAMP.exists() and _STAMP.read_text() == wanted:
        return
    print("benchmarks: installing the peers (once)", flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    venv.create(FOLDER, with_pip=True)
    install = [str(FOLDER / "bin" / "python"), "-m", "pip", "install", "-q", "-r", str(REQUIREMENTS)]
    subprocess.run(install, check=True)
    _STAMP.write_text(wanted)


def borrow() -> None:
    """Let this process import the peers' packages where it has none of its own of that name."""
    sys.path.extend(str(path) for path in FOLDER.glob("lib/python*/site-packages"))


def run_peer(module: str, *arguments: str) -> dict[str, Any]:
    """Run ``benchmarks.peers.MODULE`` in a folder of its own; returns what it measured, or ``{"error": why}``."""
    with scratch() as folder:
        command = [str(FOLDER / "bin" / "python"), "-m", f"benchmarks.peers.{module}", str(folder), *arguments]
        try:
            done = subprocess.run(
                command, cwd=ROOT, capture_output=True, text=True, timeout=_PEER_TIMEOUT_S, check=False
            )
        except subprocess.TimeoutExpired:
            return {"error": f"not done within {_PEER_TIMEOUT_S} s"}
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        told = (done.stderr or done.stdout).strip().splitlines()
        return {"error": told[-1] if told else f"exit code {done.returncode}"}
    measured: dict[str, Any] = json.loads(lines[-1])
    return measured


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder on the same disk for everybody, gone afterwards."""
    CACHE.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=CACHE))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
