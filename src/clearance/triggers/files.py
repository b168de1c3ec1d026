"""A watched folder: every file that appears in it becomes a message, once.

The message's id is the SHA-256 of the content, so the same file twice, under whatever name, starts nothing twice, also
after a restart. Files are read, never moved or changed. A file that is still being written is left until it has not
changed for a moment.
"""

import hashlib
import logging
import mimetypes
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from clearance.ledger.store import StoreError
from clearance.model.commands import Answer, PublishMessage, Refusal
from clearance.model.work import BlobRef

log = logging.getLogger("clearance.triggers.files")

_LOOK_EVERY_S = 0.3
_QUIET_S = 0.2
_AT_ONCE = 50


class Folder(msgspec.Struct, frozen=True):
    """Which folder, and which message its files become. The message carries ``document``: name, type, size, sha256."""

    path: Path
    message: str
    pattern: str = "*"


class FolderWatch:
    """Looks into one folder, in a thread of its own."""

    def __init__(
        self,
        folder: Folder,
        keep: Callable[[bytes, str, str], BlobRef],
        ask: Callable[[PublishMessage], Answer | Refusal],
    ) -> None:
        self._folder = folder
        self._keep = keep
        self._ask = ask
        self._done: dict[Path, tuple[int, int]] = {}
        """Files that are in: size and time of change when they were read."""
        self.rejected: dict[Path, str] = {}
        """Files that cannot be taken in, and why; they are tried again."""
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name=f"folder-{folder.path.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join()

    def look(self) -> int:
        """Take in what is new; returns how many files that were."""
        taken = 0
        for path in self._new():
            if self._stopping.is_set() or taken >= _AT_ONCE:
                break
            taken += self._take(path)
        return taken

    def _watch(self) -> None:
        while not self._stopping.is_set():
            if not self.look():
                self._stopping.wait(_LOOK_EVERY_S)

    def _new(self) -> list[Path]:
        try:
            paths = sorted(path for path in self._folder.path.glob(self._folder.pattern) if path.is_file())
        except OSError as error:
            self._complain(self._folder.path, f"cannot be read: {error.strerror}")
            return []
        quiet = time.time() - _QUIET_S
        found = []
        for path in paths:
            if path.name.startswith("."):
                continue
            try:
                state = path.stat()
            except OSError:
                continue  # it is gone again
            if self._done.get(path) != (state.st_size, state.st_mtime_ns) and state.st_mtime <= quiet:
                found.append(path)
        return found

    def _take(self, path: Path) -> int:
        try:
            state = path.stat()
            content = path.read_bytes()
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            document = self._keep(content, kind, path.name)
        except (OSError, StoreError, ValueError) as error:
            self._complain(path, str(error))
            return 0
        message = PublishMessage(
            name=self._folder.message,
            variables={"document": msgspec.to_builtins(document)},
            message_id=hashlib.sha256(content).hexdigest(),
        )
        try:
            answer = self._ask(message)
        except TimeoutError:
            self._complain(path, "the engine has not answered in time")
            return 0
        if isinstance(answer, Refusal) and answer.kind != "conflict":
            self._complain(path, answer.reason)
            return 0
        self.rejected.pop(path, None)
        self._done[path] = (state.st_size, state.st_mtime_ns)
        return 1

    def _complain(self, path: Path, reason: str) -> None:
        """Say it once for each reason."""
        if self.rejected.get(path) != reason:
            self.rejected[path] = reason
            log.warning("%s is not taken in yet: %s", path, reason)
