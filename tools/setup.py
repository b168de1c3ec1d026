"""Sets up the virtual environment of this checkout: ``python3 tools/setup.py run`` or ``dev``.

Needs Python 3.11 or later and the package index that pip is configured for, nothing else. Where Debian's or Ubuntu's
Python comes without ``venv``, or the tests need a browser, the system's package is installed if that is allowed;
otherwise the message says which command to run. Doing it again does nothing until what is installed from has changed.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    """The exit code: 0, or 2 with one message."""
    purpose = sys.argv[1] if len(sys.argv) > 1 else "run"
    try:
        if sys.version_info < (3, 11):  # noqa: UP036 (whoever runs this may have an older one)
            raise SetupFailed(f"Python 3.11 or later is needed, this is {sys.version.split()[0]}")
        make_environment()
        install(purpose)
        if purpose == "dev":
            find_browser()
    except SetupFailed as failure:
        print(f"set-up: {failure}", file=sys.stderr)
        return 2
    return 0


class SetupFailed(Exception):
    """The message says what to do."""


def make_environment() -> None:
    """A virtual environment with pip."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        system_package(f"python3.{sys.version_info.minor}-venv", "python3-venv")
        made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True)
    if made.returncode:
        raise SetupFailed(f"no virtual environment can be made: {made.stdout}{made.stderr}")


def install(purpose: str) -> None:
    """What the lock file names, then this checkout itself; skipped when nothing of it has changed."""
    lock = ROOT / "requirements" / f"{purpose}.lock"
    if not lock.exists():
        raise SetupFailed(f"there is no {lock.relative_to(ROOT)}: choose run or dev")
    wanted = fingerprint(lock)
    stamps = [VENV / f".installed-{each}" for each in ({"run", "dev"} if purpose == "run" else {"dev"})]
    if any(
        stamp.exists() and stamp.read_text() == fingerprint(ROOT / "requirements" / f"{stamp.name[11:]}.lock")
        for stamp in stamps
    ):
        return
    print("set-up: installing what is needed (once)", flush=True)
    pip("install", "--require-hashes", "-r", str(lock))
    pip("install", "--no-deps", "-e", str(ROOT))
    (VENV / f".installed-{purpose}").write_text(wanted)


def fingerprint(lock: Path) -> str:
    """Of all that an installation depends on, the sources of the user interface included."""
    digest = hashlib.sha256()
    interface = sorted(
        path
        for path in (ROOT / "ui").rglob("*")
        if path.is_file() and not {"node_modules", "dist"} & set(path.relative_to(ROOT).parts)
    )
    for path in (lock, ROOT / "pyproject.toml", ROOT / "hatch_build.py", *interface):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def pip(*arguments: str) -> None:
    """Run pip quietly; what it says is shown when it fails."""
    command = [str(PYTHON), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SetupFailed(f"pip {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


def find_browser() -> None:
    """The browser tests drive the system's Chromium."""
    if not any(shutil.which(name) for name in BROWSERS):
        system_package("chromium")
    if not any(shutil.which(name) for name in BROWSERS):
        raise SetupFailed("the browser tests need Chromium: install it (apt-get install chromium) and try again")


def system_package(*names: str) -> None:
    """The first of these packages that apt has; needs root, or sudo without a password."""
    command = f"apt-get install {names[0]}"
    if shutil.which("apt-get") is None:
        raise SetupFailed(f"{names[0]} is needed: install it with your system's package manager")
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if as_root and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode:
        raise SetupFailed(f"{names[0]} is needed: run sudo {command}, then try again")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"set-up: installing the system's {names[0]} (once)", flush=True)
    subprocess.run([*as_root, "apt-get", "update", "-qq"], env=environment, capture_output=True)
    said = ""
    for name in names:
        done = subprocess.run(
            [*as_root, "apt-get", "install", "-y", "-qq", "--no-install-recommends", name],
            env=environment,
            capture_output=True,
            text=True,
        )
        if done.returncode == 0:
            return
        said = done.stdout + done.stderr
    raise SetupFailed(f"{command} failed:\n{said}")


if __name__ == "__main__":
    sys.exit(main())
