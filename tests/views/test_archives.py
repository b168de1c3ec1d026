"""Views of a ledger part of which is in archives: built anew they hold the same rows as those that were kept."""

from pathlib import Path

import pytest

from clearance.ledger.store import Store
from clearance.stores.memory import MemoryStore
from clearance.stores.sqlite import SqliteStore
from clearance.views.ask import record
from clearance.views.views import Views
from tests.integrity.archives import archived, played
from tests.views.test_projector import content_of


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_views_built_from_ledger_and_archives_equal_the_kept_ones_row_for_row(tmp_path: Path, kind: str) -> None:
    store: Store = MemoryStore() if kind == "memory" else SqliteStore(tmp_path / "ledger.sqlite")
    scenario = played(store)
    kept = Views(tmp_path / "kept.sqlite", store.reader())
    kept.projector.catch_up()
    assert archived(store, int(scenario.now.timestamp() * 1000), entries_max=20).archives > 1
    kept.projector.catch_up()
    gone, _ = next(store.archived_instances())
    assert record.history(kept.reader, gone).items, "what is archived keeps its history"
    kept.projector._connection.close()
    fresh = Views(tmp_path / "fresh.sqlite", store.reader())
    fresh.projector.catch_up()
    fresh.projector._connection.close()
    assert content_of(tmp_path / "fresh.sqlite") == content_of(tmp_path / "kept.sqlite")


def test_views_go_on_although_what_they_saw_last_is_in_an_archive(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "ledger.sqlite")
    scenario = played(store)
    kept = Views(tmp_path / "kept.sqlite", store.reader())
    kept.projector._project(0, store.entries(0, 30))
    kept.projector._connection.close()
    archived(store, int(scenario.now.timestamp() * 1000))
    again = Views(tmp_path / "kept.sqlite", store.reader())
    assert again.projector.position() == 30, "they are not thrown away"
    again.projector.catch_up()
    assert again.projector.position() == store.head().position
