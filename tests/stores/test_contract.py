"""The shipped suite on each of our stores, and what only some of them do."""

from pathlib import Path

import pytest

from clearance.ledger.store import Store, StoreError
from clearance.stores.memory import MemoryStore
from clearance.stores.sqlite import SqliteStore
from clearance.testing.store_suite import StoreSuite


class TestMemoryStore(StoreSuite):
    def open(self, folder: Path) -> Store:
        return MemoryStore()


class TestSqliteStore(StoreSuite):
    def open(self, folder: Path) -> Store:
        return SqliteStore(folder / "ledger.sqlite")


def test_a_second_writer_is_refused_and_says_what_to_do(tmp_path: Path) -> None:
    first = SqliteStore(tmp_path / "ledger.sqlite")
    with pytest.raises(StoreError, match="in use by another Clearance"):
        SqliteStore(tmp_path / "ledger.sqlite")
    first.close()
    SqliteStore(tmp_path / "ledger.sqlite").close()


def test_a_file_that_is_no_database_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_bytes(b"this is not a database, and long enough to be looked at" * 20)
    with pytest.raises(StoreError, match="damaged"):
        SqliteStore(tmp_path / "ledger.sqlite")


def test_a_folder_may_be_called_what_a_uri_would_read_otherwise(tmp_path: Path) -> None:
    folder = tmp_path / "claims #1? 100%25"
    SqliteStore(folder / "ledger.sqlite").close()
    assert (folder / "ledger.sqlite").is_file()
    SqliteStore(folder / "ledger.sqlite", readonly=True).close()
    assert [each.name for each in tmp_path.iterdir()] == [folder.name]
