"""The demo: a sandbox company sends invoices, the control tower runs them, the terminal shows what happens.

Everything is kept in one folder, so Ctrl-C (or kill -9) and another start go on where it stopped: the sandbox's books,
the invoices that it sends, the ledger. What was fed is known by the ledger (the same invoice twice starts nothing
twice), so the feeder simply begins again.
"""

import json
import secrets
import shutil
import threading
import time
from datetime import date
from pathlib import Path

import msgspec
from rich.console import Console
from rich.live import Live

from clearance.compose import ConfigurationError, ControlTower
from clearance.stopping import interruptible
from clearance.views.ask import overview
from clearance.web.serving import ensure_free
from invoice_to_pay.app import build
from invoice_to_pay.screen import Screen, summary_table
from invoice_to_pay.systems.sandbox import SandboxBank, SandboxConnection, SandboxErp
from sandbox_company.generator import generate
from sandbox_company.launch import Sandbox
from sandbox_company.truth import Comparison

PEOPLE = {"clerk": "Clara Clerk", "approver": "Anton Approver", "manager": "Mara Manager", "auditor": "Ada Auditor"}
_HOST = "127.0.0.1"
_PAUSE_S = 0.25
"""Between two invoices that are fed live."""
_REFRESH_S = 0.25
_AGAIN_AFTER_S = 2.0


class DemoOptions(msgspec.Struct, frozen=True):
    headless: bool = False
    invoices: Path | None = None
    data: Path = Path(".clearance/demo")
    port: int = 8080
    count: int = 100
    seed: int = 1
    fresh: bool = False


class Origin(msgspec.Struct):
    """What an earlier start of this demo was made of; a later start goes on with it."""

    seed: int
    count: int
    as_of: date
    passwords: dict[str, str]


class Demo:
    """One run of the demo."""

    def __init__(self, options: DemoOptions, console: Console) -> None:
        self.options = options
        self.console = console
        self.origin = Origin(0, 0, date.min, {})
        self._feeding = threading.Event()

    def run(self) -> int:
        """The exit code: 0, or 1 when the books do not agree with the truth or the ledger does not verify."""
        started = time.monotonic()
        self._prepare()
        own = self.options.invoices
        folder = own or self.options.data / "inbox"
        folder.mkdir(parents=True, exist_ok=True)
        with interruptible() as stopped, self._sandbox() as sandbox:
            connection = SandboxConnection(sandbox.url)
            tower = ControlTower(
                build(SandboxErp(connection), SandboxBank(connection), folder), self.options.data / "tower"
            )
            try:
                self._people(tower)
                tower.start()
                url = tower.serve(_HOST, self._port)
                feeder = threading.Thread(target=self._feed, args=(folder, stopped), daemon=True)
                if own is None:
                    feeder.start()
                else:
                    self._feeding.set()
                self._watch(tower, folder, url, stopped)
                return self._report(tower, connection, started) if self.options.headless and not stopped.is_set() else 0
            finally:
                tower.stop()
                connection.close()

    # ---- set-up ------------------------------------------------------------------------------------------------------

    def _prepare(self) -> None:
        own = self.options.invoices
        if own is not None and not own.is_dir():
            raise ConfigurationError(f"{own} is no folder: give a folder of invoices (XML, PDF) with --invoices")
        ensure_free(_HOST, self._port)
        data = self.options.data
        if self.options.fresh and data.exists():
            if not (data / "demo.json").exists():
                raise ConfigurationError(f"{data} holds no demo: --fresh would delete what is not ours")
            shutil.rmtree(data)
        path = data / "demo.json"
        if path.exists():
            self.origin = msgspec.json.decode(path.read_bytes(), type=Origin)
            return
        data.mkdir(parents=True, exist_ok=True)
        passwords = {name: secrets.token_urlsafe(6) for name in PEOPLE}
        self.origin = Origin(self.options.seed, self.options.count, date.today(), passwords)
        part = data / "demo.json.part"
        part.touch(0o600)
        part.write_bytes(msgspec.json.encode(self.origin))
        part.replace(path)  # whole or not at all, whenever we are killed

    @property
    def _port(self) -> int:
        """Without a screen nobody looks: any."""
        return 0 if self.options.headless else self.options.port

    def _sandbox(self) -> Sandbox:
        origin = self.origin
        return Sandbox(self.options.data / "sandbox", seed=origin.seed, invoices=origin.count, as_of=origin.as_of)

    def _people(self, tower: ControlTower) -> None:
        for name, shown in PEOPLE.items():
            if tower.users.get(name) is None:
                tower.users.add(name, self.origin.passwords[name], [name], shown)

    # ---- invoices arrive ---------------------------------------------------------------------------------------------

    def _feed(self, folder: Path, stopped: threading.Event) -> None:
        origin = self.origin
        for case in generate(origin.seed, origin.count, as_of=origin.as_of):
            if stopped.is_set():
                return
            target = folder / case.name
            if target.exists():
                continue
            while not stopped.is_set() and not self._put(target, case.content):
                stopped.wait(_AGAIN_AFTER_S)
            if not self.options.headless:
                stopped.wait(_PAUSE_S)
        self._feeding.set()

    def _put(self, target: Path, content: bytes) -> bool:
        """Whether the disk took it; the file appears whole or not at all."""
        part = target.with_name(f".{target.name}.part")
        try:
            part.write_bytes(content)
            part.rename(target)
        except OSError as error:
            self.console.print(f"[red]{target.name} cannot be written yet:[/] {error.strerror}")
            return False
        return True

    # ---- what is seen ------------------------------------------------------------------------------------------------

    def _watch(self, tower: ControlTower, folder: Path, url: str, stopped: threading.Event) -> None:
        passwords = {} if self.options.headless else self.origin.passwords
        screen = Screen(url, passwords, self._expected(folder))
        with Live(screen.render(tower), console=self.console, refresh_per_second=4, transient=True) as live:
            while not stopped.wait(_REFRESH_S):
                screen.expected = self._expected(folder) - len(tower.rejected)
                live.update(screen.render(tower))
                if self.options.headless and self._feeding.is_set() and self._settled(tower, screen.expected):
                    return

    def _expected(self, folder: Path) -> int:
        if self.options.invoices is None:
            return self.origin.count
        return sum(1 for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))

    @staticmethod
    def _settled(tower: ControlTower, expected: int) -> bool:
        """Everything has arrived, and what has not ended waits for a person."""
        totals = overview.overview(tower.views.reader).totals
        return totals.running + totals.completed >= expected and totals.running <= totals.waiting + totals.incidents

    # ---- the end -----------------------------------------------------------------------------------------------------

    def _report(self, tower: ControlTower, connection: SandboxConnection, started: float) -> int:
        verified = tower.verify()
        totals = overview.overview(tower.views.reader).totals
        compared = connection.get("/admin/comparison", Comparison)
        wrong = len(compared.wrongly_paid) + len(compared.paid_twice)
        figures = {
            "instances": totals.running + totals.completed,
            "completed": totals.completed,
            "automated": totals.automated,
            "escalated": totals.escalated,
            "wrongly_paid": wrong,
            "missed_exceptions": len(compared.missed),
            "ledger_entries": verified.entries,
            "ledger_verified": verified.ok,
            "seconds": round(time.monotonic() - started, 1),
        }
        self.console.print(summary_table(tower, figures))
        for problem in verified.problems:
            self.console.print(f"[red]ledger:[/] {problem}")
        self.console.file.flush()
        print(json.dumps(figures), flush=True)
        return 0 if not wrong and not compared.missed and verified.ok else 1
