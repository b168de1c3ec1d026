"""The repository lints itself: what the style asks for and no other tool checks."""

import ast
import importlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for folder in ("src", "examples") for path in (ROOT / folder).rglob("*.py"))
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 500
ENTRANCES = {
    "clearance.cli",
    "clearance.testing.simulation.__main__",
    "clearance.testing.store_suite",
    "sandbox_company.__main__",
    "clearance.feel.printer",
}
"""Modules that are entered from outside, not imported."""


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _module(path: Path) -> str:
    for folder in ("src", "examples"):
        if path.is_relative_to(ROOT / folder):
            return ".".join(path.relative_to(ROOT / folder).with_suffix("").parts)
    raise AssertionError(path)


def _imported(path: Path) -> Iterator[str]:
    """Every module that a file imports, by its full name; of ``from package import name`` both possibilities."""
    package = _module(path).split(".")[:-1]
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = [*package[: len(package) - node.level + 1]] if node.level else []
            whole = ".".join([*base, *(node.module or "").split(".")]).strip(".")
            yield whole
            yield from (f"{whole}.{alias.name}" for alias in node.names)


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} has {(node.end_lineno or 0) - node.lineno + 1} lines"
        for path in SOURCES
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert not long, "\n".join(long)


def test_no_file_grows_beyond_one_reason_to_exist() -> None:
    long = [f"{path.relative_to(ROOT)}" for path in SOURCES if len(path.read_text().splitlines()) > FILE_LINES_MAX]
    assert not long, "\n".join(long)


def test_every_module_says_what_it_is_for() -> None:
    silent = [str(path.relative_to(ROOT)) for path in SOURCES if not ast.get_docstring(_tree(path))]
    assert not silent, "\n".join(silent)


def test_no_module_is_dead() -> None:
    imported = {name for path in SOURCES for name in _imported(path)}
    modules = {_module(path) for path in SOURCES if path.name != "__init__.py"}
    dead = sorted(modules - imported - ENTRANCES)
    assert not dead, "\n".join(dead)


def test_nothing_is_left_open() -> None:
    mark = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK)\b")
    files = [
        *SOURCES,
        *(ROOT / "tests").rglob("*.py"),
        *(ROOT / "tools").rglob("*.py"),
        *(ROOT / "ui/src").rglob("*.ts*"),
    ]
    found = [f"{path.relative_to(ROOT)}" for path in files if mark.search(path.read_text())]
    assert not found, "\n".join(found)


def test_no_error_is_swallowed_whole() -> None:
    """``except Exception: pass`` hides what somebody must know."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in SOURCES
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")))
        and all(isinstance(line, ast.Pass | ast.Continue) for line in node.body)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("part", ["engine", "web", "ledger", "store", "retention"])
def test_every_setting_is_documented(part: str) -> None:
    settings = importlib.import_module("clearance.settings").Settings
    table = next(field.type for field in msgspec.structs.fields(settings) if field.name == part)
    documented = (ROOT / "docs" / "settings.md").read_text()
    missing = [name for name in table.__struct_fields__ if f"`{name}`" not in documented]
    assert not missing, f"docs/settings.md says nothing of {part}: {', '.join(missing)}"


def _checkout(target: Path) -> Path:
    for name in ("src", "examples"):
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("static", "__pycache__"))
    for name in ("pyproject.toml", ".importlinter"):
        shutil.copy(ROOT / name, target / name)
    return target


FLOORS = "Outer floors import inner ones, never back"
EXAMPLES = "The product does not know its examples"
ENGINE = "In the engine: what a shard holds is below its commands"
STATE = "Only the shard and its commands change what a shard holds"
CIRCLES = "No circle among the modules and packages inside a package"
_FOR_TYPES = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    "


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("kernel/step.py", "from clearance.ledger import chain", FLOORS),
        ("kernel/step.py", "from clearance import feel", "The kernel reaches FEEL and DMN only through the ports"),
        ("model/values.py", "from clearance import kernel", FLOORS),
        ("stores/memory.py", "from clearance.views import views", FLOORS),
        ("ledger/chain.py", "from clearance.engine import settings", FLOORS),
        ("engine/shard.py", "from clearance.integrity import verify", FLOORS),
        ("integrity/verify.py", "from clearance.governance import gate", FLOORS),
        ("ledger/chain.py", "from invoice_to_pay import process", EXAMPLES),
        ("../../examples/sandbox_company/bank.py", "from clearance.model import values", "The sandbox company stands"),
        ("engine/state/stream.py", "from clearance.engine.commands import calls", ENGINE),
        ("engine/commands/calls.py", "from clearance.engine import shard", ENGINE),
        ("engine/shard.py", "from clearance.engine.runtime import loop", ENGINE),
        ("engine/new.py", "from clearance.model import values", ENGINE),
        ("engine/runtime/loop.py", "from clearance.engine.state.shard_state import ShardState", STATE),
        ("testing/fleet.py", "from clearance.engine.state.shard_state import ShardState", STATE),
        ("engine/commands/steps.py", _FOR_TYPES + "from clearance.engine.commands import calls", CIRCLES),
        ("kernel/paths.py", _FOR_TYPES + "from clearance.kernel import compile", CIRCLES),
        ("governance/texts.py", _FOR_TYPES + "from clearance.governance import gate", CIRCLES),
        ("web/problems.py", _FOR_TYPES + "from clearance.web import app", CIRCLES),
    ],
)
def test_import_contracts_fail_on_a_planted_violation(tmp_path: Path, file: str, line: str, contract: str) -> None:
    checkout = _checkout(tmp_path)
    path = checkout / "src" / "clearance" / file
    path.write_text(f"{path.read_text() if path.exists() else ''}\n{line}\n")
    program = (
        "import sys; sys.path[:0] = ['src', 'examples']\n"
        "from importlinter.cli import lint_imports\n"
        "sys.exit(lint_imports(no_cache=True))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=checkout, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    said = " ".join(done.stdout.split()).partition("Contracts: ")[0]
    broken = re.search(rf"{re.escape(contract)}.*?(KEPT|BROKEN)", said)
    assert broken is not None
    assert broken[1] == "BROKEN", done.stdout


def _reaches_into(tree: ast.Module) -> Iterator[int]:
    """Lines that use a private part of something that is not their own."""
    for node in ast.walk(tree):
        private = isinstance(node, ast.Attribute) and node.attr.startswith("_") and not node.attr.endswith("__")
        if private and not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")):
            yield node.lineno


@pytest.mark.parametrize("package", ["engine", "integrity", "ledger", "stores"])
def test_nothing_reaches_into_private_parts(package: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in (ROOT / "src" / "clearance" / package).rglob("*.py")
        for line in _reaches_into(_tree(path))
    ]
    assert not found, "\n".join(found)


def test_reaching_into_private_parts_is_found() -> None:
    planted = "def due(shard):\n    return shard._state.indexes.due(0, 1)\n"
    assert list(_reaches_into(ast.parse(planted))) == [2]
    assert list(_reaches_into(ast.parse("class A:\n    def b(self):\n        return self._b"))) == []


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "import random",
        "import uuid",
        "import logging",
        "from datetime import datetime; NOW = datetime.now()",
        "import threading",
    ],
)
@pytest.mark.parametrize("package", ["kernel", "model"])
def test_purity_check_fails_on_a_planted_violation(tmp_path: Path, package: str, line: str) -> None:
    checkout = _checkout(tmp_path)
    (checkout / "src" / "clearance" / package / "planted.py").write_text(f'"""Planted."""\n\n{line}\n')
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID251", f"src/clearance/{package}"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "TID251" in done.stdout
