"""Files beside the ledger: whoever is told that one is kept finds it there when the power was gone."""

import os
from pathlib import Path

import pytest

from clearance.ledger.store import StoreError
from clearance.stores.archives import FolderArchives
from clearance.stores.blobs import PARTIAL, FolderBlobs


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers (inodes) of all files and folders that were synced, in order."""
    found: list[int] = []
    fsync = os.fsync

    def noted(file: int) -> None:
        found.append(os.fstat(file).st_ino)
        fsync(file)

    monkeypatch.setattr(os, "fsync", noted)
    return found


def test_a_document_is_synced_then_its_name_and_the_names_of_new_folders(tmp_path: Path, synced: list[int]) -> None:
    kept = FolderBlobs(tmp_path / "data" / "blobs").keep(b"a document", "text/plain")
    folder = tmp_path / "data" / "blobs" / kept.sha256[:2]
    first, last = synced.index((folder / kept.sha256).stat().st_ino), len(synced) - 1
    assert synced[last] == folder.stat().st_ino
    assert synced.index(folder.stat().st_ino) > first
    for made in (folder, folder.parent, folder.parent.parent):
        assert made.parent.stat().st_ino in synced, f"the name of {made.name} may be gone"


def test_a_name_that_somebody_who_was_killed_left_unsynced_is_synced_before_anybody_is_told(
    tmp_path: Path, synced: list[int]
) -> None:
    blobs, archives = FolderBlobs(tmp_path / "blobs"), FolderArchives(tmp_path / "archives")
    kept, archive = blobs.keep(b"a document", "text/plain"), archives.keep(b"an archive")
    synced.clear()
    assert blobs.keep(b"a document", "text/plain") == kept
    assert (tmp_path / "blobs" / kept.sha256[:2]).stat().st_ino in synced
    assert archives.keep(b"an archive") == archive
    assert (tmp_path / "archives").stat().st_ino in synced


def test_what_could_not_be_written_whole_leaves_nothing_and_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    blobs = FolderBlobs(tmp_path / "blobs")
    blobs.keep(b"one", "text/plain")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left on device: the document was not kept"):
        blobs.keep(b"another", "text/plain")
    monkeypatch.undo()
    assert [path for path in tmp_path.rglob("*") if path.name.startswith(PARTIAL)] == []
    assert blobs.read(blobs.keep(b"another", "text/plain").sha256) == b"another"
