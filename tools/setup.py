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
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
TELL_EVERY_S = 5.0
LINES_SHOWN = 40
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
    say(f"making a virtual environment in {VENV.relative_to(ROOT)}")
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
    count = sum("==" in line for line in lock.read_text().splitlines())
    say(f"installing {count} packages into it; this is done once and takes from half a minute to some minutes")
    pip("install", "--require-hashes", "-r", str(lock))
    say("installing Clearance itself; its user interface is built when that has changed, which takes a minute more")
    pip("install", "--no-deps", "-e", str(ROOT))
    say("done")
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
    """Run pip, and say now and then how far it is; what it says itself is shown when it fails."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    said: list[str] = []
    told, collected = time.monotonic(), 0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=environment
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            said.append(line)
            collected += line.startswith("Collecting ")
            if collected and line.startswith("Installing collected packages:"):
                say("unpacking them")
                collected = 0
            elif collected and time.monotonic() - told > TELL_EVERY_S:
                told = time.monotonic()
                say(f"{collected} are fetched")
    if running.returncode:
        raise SetupFailed(f"pip {' '.join(arguments)} failed:\n{''.join(said[-LINES_SHOWN:])}")


def say(what: str) -> None:
    print(f"set-up: {what}", flush=True)


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
    say(f"installing the system's {names[0]} (once)")
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
