"""Running the systems as a process: filling empty books, listening, saying when ready, stopping cleanly."""

import asyncio
import signal
import socket
import sys
import threading
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import uvicorn

from sandbox_company.bank import Bank
from sandbox_company.erp import Erp
from sandbox_company.generator import AS_OF, SHARE_CLEAN, Case, generate, plan
from sandbox_company.service import build_service
from sandbox_company.truth import Truth

_PATIENCE_S = 2
"""What requests in progress get to finish after the signal to stop."""


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """What the books are filled from; kept in them, so that a restart goes on with the same."""

    seed: int = 1
    invoices: int = 100
    share_clean: float = SHARE_CLEAN
    as_of: date = AS_OF

    def cases(self) -> list[Case]:
        """The invoices, rendered."""
        return list(generate(self.seed, self.invoices, share_clean=self.share_clean, as_of=self.as_of))


class UsageError(Exception):
    """Something that the person at the command line can mend."""


def serve(
    folder: Path,
    port: int,
    wanted: Origin | None,
    balance: Decimal,
    *,
    with_parent: bool = False,
    unless_filled: bool = False,
) -> None:
    """Run until SIGTERM or SIGINT; ``with_parent`` also until standard input closes, as it does when its giver dies.

    Prints one line of JSON when ready, and writes the port to ``port`` in the folder. ``wanted`` is None when the
    command line says nothing: empty books are then filled with the defaults. Raises UsageError when the books were
    filled from something else (not with ``unless_filled``: they then go on), or the port is taken.
    """
    folder.mkdir(parents=True, exist_ok=True)
    listener = _listen(port)
    erp = Erp(folder / "erp.sqlite")
    bank = Bank(folder / "bank.sqlite", clock=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"))
    origin = _fill(erp, bank, wanted, balance, folder, unless_filled=unless_filled)

    def make_truth() -> list[Truth]:
        return [case.truth for case in origin.cases()]

    config = uvicorn.Config(
        build_service(erp, bank, make_truth),
        log_level="critical",
        access_log=False,
        lifespan="off",
        proxy_headers=False,
        timeout_graceful_shutdown=_PATIENCE_S,
    )
    # uvicorn raises the signal that stopped it once more when it is done; by then there is nothing left to stop.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    server = _AnnouncingServer(config, folder)
    if with_parent:
        threading.Thread(target=_end_with_input, args=(server,), daemon=True).start()
    asyncio.run(server.serve(sockets=[listener]))
    erp.close()
    bank.close()


def _end_with_input(server: uvicorn.Server) -> None:
    """Nobody writes to our input; it ends when the process that holds the other end does."""
    sys.stdin.buffer.read()
    server.should_exit = True


class _AnnouncingServer(uvicorn.Server):
    """Says where it listens as soon as it does."""

    def __init__(self, config: uvicorn.Config, folder: Path) -> None:
        super().__init__(config)
        self._folder = folder

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        port = sockets[0].getsockname()[1] if sockets else self.config.port
        partial = self._folder / "port.partial"  # whoever waits for the file reads it as soon as it is there
        partial.write_text(f"{port}\n")
        partial.replace(self._folder / "port")
        print(msgspec.json.encode({"url": f"http://127.0.0.1:{port}", "port": port}).decode(), flush=True)


def _fill(
    erp: Erp, bank: Bank, wanted: Origin | None, balance: Decimal, folder: Path, *, unless_filled: bool
) -> Origin:
    """Fill what is empty: each system in one transaction, so that a start cut short is made up for by the next."""
    kept = erp.origin() or bank.origin()
    origin = msgspec.json.decode(kept, type=Origin) if kept else wanted or Origin()
    if wanted is not None and wanted != origin and not unless_filled:
        raise UsageError(
            f"the books in {folder} were filled from {_worded(origin)}: leave these options out, or name a new folder"
        )
    if erp.origin() is not None and bank.origin() is not None:
        return origin
    text = msgspec.json.encode(origin).decode()
    data = plan(origin.seed, origin.invoices, share_clean=origin.share_clean, as_of=origin.as_of).master_data
    if erp.origin() is None:
        erp.load(data, text)
    if bank.origin() is None:
        bank.open_account(balance, data.accounts, text)
    return origin


def _worded(origin: Origin) -> str:
    return (
        f"--seed {origin.seed} --invoices {origin.invoices} --share-clean {origin.share_clean} --as-of {origin.as_of}"
    )


def _listen(port: int) -> socket.socket:
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it on, every answer takes 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError as error:
        listener.close()
        raise UsageError(
            f"port {port} cannot be used ({error.strerror}): choose another, or 0 for any free one"
        ) from error
    return listener
