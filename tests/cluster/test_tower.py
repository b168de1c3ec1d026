"""A control tower whose shards run in processes of their own."""

from pathlib import Path

import pytest

from clearance.compose import ConfigurationError, ControlTower, verify_ledger
from clearance.engine.settings import EngineSettings
from clearance.integrity.retention import RetentionSettings
from clearance.ledger import numbering
from clearance.ledger.ledgers import Ledgers
from clearance.model import commands
from clearance.model.commands import Answer
from clearance.settings import LedgerSettings, Settings
from tests.cluster.shop import application, unshareable
from tests.engine.helpers import until

NAME = "tests.cluster.shop:application"


def tower(data: Path, *, shards: int = 0, processes: bool = True, name: str = NAME) -> ControlTower:
    settings = Settings(
        engine=EngineSettings(shards=shards, processes=processes), ledger=LedgerSettings(verify_every_s=0)
    )
    return ControlTower(application, data, settings, name=name)


def run(made: ControlTower, count: int) -> list[int]:
    """Start so many, wait for their end; returns their keys."""
    answers = [
        made.engine.ask(commands.StartInstance(process="stamping", variables={"number": number}))
        for number in range(count)
    ]
    keys = [answer.key for answer in answers if isinstance(answer, Answer)]
    assert len(keys) == count
    ledgers = Ledgers([store.reader() for store in made.stores])

    def ended() -> bool:
        rows = [ledgers.of(key).instance(key) for key in keys]
        return all(row is not None and row.status == "completed" for row in rows)

    until(ended, "not all have ended")
    ledgers.close()
    return keys


def test_instances_are_spread_over_processes_and_seen_as_one(tmp_path: Path) -> None:
    made = tower(tmp_path, shards=2)
    made.start()
    keys = run(made, 8)
    assert {numbering.shard_of(key) for key in keys} == {0, 1}
    told = made.engine.ask(commands.StartInstance(process="stamping", variables={"number": 9}))
    assert isinstance(told, Answer)
    assert made.views.wait_for(told.position, 20)
    made.stop()
    found = verify_ledger(tmp_path)
    assert found.ok, found.problems


def test_processes_or_not_may_be_chosen_with_every_start(tmp_path: Path) -> None:
    for processes in (True, False, True):
        made = tower(tmp_path, shards=2, processes=processes)
        made.start()
        run(made, 3)
        made.stop()
    assert verify_ledger(tmp_path).ok


def test_one_shard_alone_may_have_a_process_of_its_own(tmp_path: Path) -> None:
    made = tower(tmp_path)
    made.start()
    run(made, 3)
    made.stop()
    assert verify_ledger(tmp_path).ok


def test_what_has_ended_goes_to_archives_also_when_shards_have_processes(tmp_path: Path) -> None:
    settings = Settings(
        engine=EngineSettings(shards=2, processes=True),
        ledger=LedgerSettings(verify_every_s=0),
        retention=RetentionSettings(finished_after_days=1e-9, every_s=0.2),
    )
    made = ControlTower(application, tmp_path, settings, name=NAME)
    made.start()
    for number in range(6):
        started = commands.StartInstance(process="stamping", variables={"number": number})
        assert isinstance(made.engine.ask(started), Answer)
    ledgers = Ledgers([store.reader() for store in made.stores])
    until(lambda: all(store.archives() for store in ledgers.stores), "nothing is archived")
    ledgers.close()
    made.stop()
    found = verify_ledger(tmp_path)
    assert found.ok, found.problems


def test_an_application_without_a_name_cannot_be_found_by_processes(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="MODULE:NAME"):
        tower(tmp_path, name="")


def test_an_actor_that_cannot_be_shared_is_refused_with_the_remedy(tmp_path: Path) -> None:
    settings = Settings(engine=EngineSettings(shards=2, processes=True))
    with pytest.raises(ConfigurationError, match=r"the actor alone does 1 jobs at a time .* let it do 2"):
        ControlTower(unshareable, tmp_path, settings, name="tests.cluster.shop:unshareable")
