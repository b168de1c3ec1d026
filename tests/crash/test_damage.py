"""Bytes of a ledger's file change by themselves, or by somebody's hand: verification says so, in words.

Whatever byte is changed, ``clearance ledger verify`` says that all is well, and then all that the engine reads is
as it was, or it says what is wrong. It never ends with a traceback.
"""

import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clearance.cli import app
from clearance.compose import Application, ControlTower, verify_ledger
from clearance.ledger.store import StoreError
from clearance.model import commands
from clearance.settings import LedgerSettings, Settings
from clearance.stores.sqlite import SqliteStore
from clearance.testing import Scenario
from clearance.testing.simulation.processes import START_MESSAGE, random_process
from tests.engine.helpers import until
from tests.kernel.files import END, START, bpmn, event

_FLIPS = 400
_PAGE = 4096


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose ledger has a bit of everything in it."""
    data = tmp_path_factory.mktemp("healthy")
    store = SqliteStore(data / "ledger.sqlite")
    scenario = Scenario(store=store)
    root = Path(__file__).parents[2]
    scenario.deploy(next((root / "examples/invoice_to_pay/decisions").glob("*.csv")))
    sources = {f"p{seed}": random_process(random.Random(seed), f"p{seed}") for seed in range(60)}
    for name, source in [one for one in sources.items() if b"by_message" in one[1] and b"by_timer" in one[1]][:5]:
        scenario.deploy(source)
        scenario.start(name, {"n": 1, "name": "Ünï"})
    for number in range(5):
        scenario.publish(START_MESSAGE, f"key{number}", {"n": number}, message_id=f"id{number}", time_to_live="P1D")
        scenario.publish("m1", variables={"n": number})
    for _ in range(2):
        for kind in dict.fromkeys(scenario.jobs):
            scenario.complete_job(kind, {"n": 2, "r": 1})
    scenario.advance("PT45M")
    assert scenario.incidents or scenario.runs
    store.close()
    with sqlite3.connect(data / "ledger.sqlite") as connection:
        for table in ("timers", "subscriptions", "messages", "locks", "definitions", "decisions", "at_work"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0], f"the ledger has no {table}"
    return data


def _content(path: Path) -> list[object]:
    """All that the engine may read."""
    connection = sqlite3.connect(path)
    try:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        return [(name, sorted(map(repr, connection.execute(f"SELECT * FROM {name}")))) for name in sorted(names)]
    finally:
        connection.close()


def test_a_healthy_ledger_verifies(healthy: Path) -> None:
    found = verify_ledger(healthy)
    assert found.ok, found.problems


def _verify(data: Path) -> "tuple[bool, str]":
    """Whether all is well, and what is said."""
    done = CliRunner().invoke(app, ["ledger", "verify", "--data", str(data)])
    error = done.exception
    assert error is None or isinstance(error, SystemExit | StoreError), repr(error)
    return done.exit_code == 0, done.output + str(error)


def test_a_changed_byte_is_found_or_does_not_matter(healthy: Path, tmp_path: Path) -> None:
    chance = random.Random(5)
    path = tmp_path / "ledger.sqlite"
    original = (healthy / "ledger.sqlite").read_bytes()
    content = _content(healthy / "ledger.sqlite")
    silent, noticed = [], 0
    for _ in range(_FLIPS):
        offset, bit = chance.randrange(len(original)), chance.randrange(8)
        changed = bytearray(original)
        changed[offset] ^= 1 << bit
        path.write_bytes(changed)
        well, said = _verify(tmp_path)
        noticed += not well
        assert well or "wrong" in said or "damaged" in said, said
        if well and _content(path) != content:
            silent.append((offset, bit))
    assert noticed > _FLIPS / 5
    assert not silent


def test_a_changed_page_is_found(healthy: Path, tmp_path: Path) -> None:
    """A whole page of something else, as a disk may give back."""
    path = tmp_path / "ledger.sqlite"
    original = (healthy / "ledger.sqlite").read_bytes()
    for page in range(1, len(original) // _PAGE):
        changed = bytearray(original)
        changed[page * _PAGE : (page + 1) * _PAGE] = random.Random(page).randbytes(_PAGE)
        path.write_bytes(changed)
        well, said = _verify(tmp_path)
        assert not well, f"page {page} is noise"
        assert "Traceback" not in said


@pytest.mark.parametrize("pages", ["one", "all", "the first"])
def test_a_tower_that_runs_says_that_pages_are_damaged_and_no_longer_that_all_is_well(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, pages: str
) -> None:
    every = Settings(ledger=LedgerSettings(verify_every_s=0.2))
    made = ControlTower(Application(name="test", processes=(_process(tmp_path),)), tmp_path, every)
    made.start()
    for number in range(200):
        made.engine.ask(commands.StartInstance(process="p", variables={"n": number, "text": "x" * 300}))
    until(lambda: made.verification is not None and made.verification.ok, "it never verifies")
    path = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    last = path.stat().st_size // _PAGE
    with path.open("r+b") as file:
        for page in {"one": [last // 2], "all": range(1, last), "the first": [0]}[pages]:
            file.seek(page * _PAGE)
            file.write(random.Random(page).randbytes(_PAGE))
    until(lambda: made.verification is not None and not made.verification.ok, "it goes on saying that all is well")
    until(
        lambda: any("the ledger does not verify: " in said and "damaged" in said for said in caplog.messages),
        "what was found is not logged",
    )
    made.stop()


def _process(folder: Path) -> Path:
    path = folder / "p.bpmn"
    path.write_bytes(bpmn(START + event("userTask", "look") + END, "s -> look\nlook -> e"))
    return path


def test_a_file_that_was_cut_off_is_found(healthy: Path, tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    original = (healthy / "ledger.sqlite").read_bytes()
    for size in (0, 10, 100, 5000, len(original) // 2, len(original) - 1):
        path.write_bytes(original[:size])
        assert not _verify(tmp_path)[0], size
