"""The only place where parts are wired together: from an application and a data folder to a running control tower.

An :class:`Application` says what runs: processes, decisions, policies, actors, folders that are watched. A
:class:`ControlTower` runs it over one data folder, which holds the ledger, the blobs beside it, views and users.
"""

import importlib
import logging
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

import msgspec

from clearance import bpmn
from clearance.build import AuthorError
from clearance.build import Definitions as BuiltFile
from clearance.build import Process as Builder
from clearance.cluster import ShardProcess, shares
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.ports import Gate
from clearance.engine.runtime.clock import SteadyClock, machine_time
from clearance.engine.runtime.engine import Engine, Left
from clearance.engine.runtime.shards import Carry, Shards, engine_over
from clearance.engine.state.registry import Registry
from clearance.governance import PolicyGate
from clearance.integrity.retention import Retention
from clearance.integrity.verify import Problem, Verification, together, verify
from clearance.ledger.ledgers import Ledgers, agree
from clearance.ledger.store import Damaged, Store, StoreError
from clearance.model import commands
from clearance.model.commands import Answer, Command, Refusal
from clearance.model.definition import Process
from clearance.model.work import Actor, BlobReader
from clearance.settings import Settings
from clearance.stores.blobs import FolderBlobs
from clearance.stores.opening import find_stores, open_store, open_stores, where
from clearance.triggers.files import Folder, FolderWatch
from clearance.views.claim import Claim
from clearance.views.views import Views
from clearance.web.app import create_app
from clearance.web.files import texts_of, xml_of
from clearance.web.serving import Background
from clearance.web.sessions import Sessions
from clearance.web.users import Users

log = logging.getLogger("clearance")

_FIRST_VERIFICATION_S = 20.0
_DAY_MS = 24 * 3600 * 1000
_LOOK_S = 0.2


class ConfigurationError(ValueError):
    """What the user has set up cannot run; the message says what to mend."""


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """What runs on a control tower."""

    name: str
    processes: tuple[Builder | BuiltFile | Path, ...] = ()
    """Written with the builder, or BPMN files."""
    decisions: tuple[Path, ...] = ()
    """DMN files and spreadsheets."""
    policies: Path | None = None
    """A folder of Cedar files, beside the policies that are always there."""
    actors: tuple[Actor, ...] = ()
    folders: tuple[Folder, ...] = ()


class ControlTower:
    """One application over one data folder, and the store that goes with it."""

    def __init__(
        self,
        application: Application,
        data: Path,
        settings: Settings | None = None,
        gate: Gate | None = None,
        *,
        waiting: Callable[[str], bool] | None = None,
        name: str = "",
    ) -> None:
        """``waiting``: stand by while another tower has the store: told again and again which one, it says False to
        give up. Nothing in the data folder is touched before. ``name``: MODULE:NAME of the application, by which
        processes of shards find it.
        """
        self.application = application
        self.data = data
        self.settings = settings or Settings()
        self.stores = open_stores(data, self.settings.store, shards=self.settings.engine.shards, waiting=waiting)
        data.mkdir(parents=True, exist_ok=True)
        self.blobs = FolderBlobs(data / "blobs")
        self.engine = self._engine(gate or _gate(application), name)
        self._claim = Claim(data)
        self.views = Views(self._claim.path, *(store.reader() for store in self.stores))
        self.users = Users(data / "users.sqlite")
        self.engine.listen(lambda position: self.views.wake())
        self.verification: Verification | None = None
        self._watches = [FolderWatch(folder, self.blobs.keep, self._ask) for folder in application.folders]
        self._server: Background | None = None
        self._stopping = threading.Event()
        self._verifier = threading.Thread(target=self._keep_verified, name="clearance-verify", daemon=True)
        self._archiver = threading.Thread(target=self._keep_archived, name="clearance-archive", daemon=True)

    def _engine(self, gate: Gate, name: str) -> Engine | Shards:
        if self.settings.engine.processes:
            agree(self.stores)
            installation = self.stores[0].head().installation
            Ledgers(self.stores).close()  # each process opens its own to write
            self.stores = find_stores(self.data, self.settings.store.address)
            return in_processes(name, self.data, self.settings, len(self.stores), installation, gate, self.blobs)
        return engine_over(
            self.stores,
            gate,
            partial(Registry, Feel(), read_decisions),
            {actor.type: actor for actor in self.application.actors},
            self.blobs,
            SteadyClock(),
            self.settings.engine,
        )

    def start(self) -> None:
        """Go on where the data folder is, deploy what has changed, watch the folders."""
        self.engine.start()
        self.views.start()
        for path in self.application.decisions:
            self._deploy(commands.DeployDecisions(name=path.name, content=_content(path)), str(path))
        for source in self.application.processes:
            lines = bpmn.lines(source) if isinstance(source, Path) else {}
            for process, xml in _processes(source):
                _check(process, lines)
                self._deploy(commands.DeployProcess(process=process, xml=xml), process.id)
        for watch in self._watches:
            watch.start()
        if self.settings.ledger.verify_every_s:
            self._verifier.start()
        if self.settings.retention.finished_after_days:
            self._archiver.start()

    def serve(self, host: str = "127.0.0.1", port: int = 8080) -> str:
        """Answer HTTP in a thread of its own; returns the address. Raises CannotServe when that cannot be."""
        app = create_app(
            self.engine,
            self.views,
            self.users,
            *(store.reader() for store in self.stores),
            sessions=Sessions(self.data / "sessions.sqlite", self.settings.web.session_hours),
            settings=self.settings.web,
            verified=lambda: self.verification.ok if self.verification else None,
            trouble=lambda: self.engine.trouble,
        )
        self._server = Background(app, host, port)
        self._server.start()
        return self._server.url

    def stop(self) -> Left:
        """Take in nothing more, finish what runs for as long as the settings say, and close."""
        self._stopping.set()
        for watch in self._watches:
            watch.stop()
        if self._server is not None:
            self._server.stop()
        if self._verifier.ident is not None:
            self._verifier.join()
        if self._archiver.ident is not None:
            self._archiver.join()
        left = self.engine.stop()
        if self.settings.engine.processes:
            Ledgers(self.stores).close()
        self.views.stop()
        self._claim.release()
        self.users.close()
        return left

    def wait(self, stopped: threading.Event) -> None:
        """Until it is to stop, or has lost its store to another tower."""
        while not (self.lost or stopped.wait(_LOOK_S)):
            pass

    @property
    def lost(self) -> str:
        """Why it cannot go on, another tower having taken over; empty while it can."""
        return self.engine.lost

    @property
    def rejected(self) -> dict[Path, str]:
        """Files of watched folders that cannot be taken in, and why."""
        return {path: reason for watch in self._watches for path, reason in watch.rejected.items()}

    def verify(self) -> Verification:
        """Recompute the whole ledger."""
        self.verification = verify_ledger(self.data, address=self.settings.store.address)
        return self.verification

    def _keep_verified(self) -> None:
        """Verify the ledger in the background, again and again; what is wrong is logged and shown."""
        every = self.settings.ledger.verify_every_s
        pause = min(every, _FIRST_VERIFICATION_S)
        while not self._stopping.wait(pause):
            pause = every
            try:
                found = self.verify()
            except StoreError as error:
                self.verification = None  # what was found earlier says nothing of now
                log.error("the ledger cannot be verified just now: %s", error)
                continue
            for problem in found.problems:
                log.error("the ledger does not verify: %s", problem)

    def _keep_archived(self) -> None:
        """Archive what ended long ago, again and again; what hinders it is logged, and it is tried again."""
        settings = self.settings.retention
        with closing(Ledgers([store.reader() for store in self.stores])) as ledgers:
            shards = [Retention(store, self._ask, settings) for store in ledgers.stores]
            while not self._stopping.is_set():
                until = machine_time() - round(settings.finished_after_days * _DAY_MS)
                for retention in shards:
                    try:
                        retention.run(until, stopping=self._stopping.is_set)
                    except (StoreError, TimeoutError) as error:
                        log.error("nothing more was archived: %s", error)
                self._stopping.wait(settings.every_s)

    def _ask(self, command: Command) -> Answer | Refusal:
        return self.engine.ask(command)

    def _deploy(self, command: Command, what: str) -> None:
        answer = self.engine.ask(command)
        if isinstance(answer, Refusal):
            raise ConfigurationError(f"{what} cannot be deployed: {answer.reason}")


def in_processes(
    name: str, data: Path, settings: Settings, shards: int, installation: str, gate: Gate, blobs: BlobReader
) -> Shards:
    """Each shard in a process of its own, which loads the application by its name."""
    if not name:
        raise ConfigurationError("[engine] processes: processes find an application by its MODULE:NAME only: give that")
    try:
        shares(load_application(name).actors, shards)
    except ValueError as error:
        raise ConfigurationError(str(error)) from error
    own = msgspec.structs.replace(settings.engine, shards=shards)
    make = partial(shard_engine, name, data, msgspec.structs.replace(settings, engine=own), installation)

    def process(number: int, carry: Carry) -> ShardProcess:
        return ShardProcess(number, make, carry, lambda back: engine.came_back(back))

    engine = Shards(process, gate, blobs, own)
    return engine


def shard_engine(name: str, data: Path, settings: Settings, installation: str, number: int, carry: Carry) -> Engine:
    """The engine of one shard, in the process that is its own."""
    application = load_application(name)
    return Engine(
        open_store(data, settings.store, shard=number),
        _gate(application),
        Registry(Feel(), read_decisions),
        shares(application.actors, settings.engine.shards),
        FolderBlobs(data / "blobs"),
        SteadyClock(),
        msgspec.structs.replace(settings.engine, shard=number),
        carry=carry if settings.engine.shards > 1 else None,
        installation=installation,
    )


def _gate(application: Application) -> PolicyGate:
    return PolicyGate.load(*([application.policies] if application.policies else []))


def readers_of(data: Path, address: str = "") -> list[Store]:
    """Handles to read the ledgers of all shards in a data folder, or at an address; they may be in use."""
    stores = find_stores(data, address)
    if not stores:
        option = "the database with --store" if address else "the data folder with --data"
        raise ConfigurationError(f"there is no ledger in {where(data, address)}: give {option}")
    return stores


def verify_ledger(data: Path, progress: Callable[[int], None] | None = None, *, address: str = "") -> Verification:
    """Recompute the ledgers of all shards in a data folder, or at an address; they may be in use."""
    try:
        with closing(Ledgers(readers_of(data, address))) as ledgers:
            return verify_stores(ledgers.stores, progress)
    except Damaged as error:
        return Verification(0, 0, (Problem(0, 0, str(error)),))


def verify_stores(stores: Sequence[Store], progress: Callable[[int], None] | None = None) -> Verification:
    """Recompute the ledgers of these stores."""
    found: list[Verification] = []
    told = 0
    for store in stores:
        registry = Registry(Feel(), read_decisions)
        registry.load(list(store.definitions()), [])  # replaying decides nothing anew
        found.append(verify(store, registry, progress=progress and partial(_further, progress, told)))
        told += found[-1].entries
    return together(found)


def _further(progress: Callable[[int], None], before: int, count: int) -> None:
    progress(before + count)


def read_ledger(data: Path, instance: int = 0, after: int = 0, *, address: str = "") -> Iterator[str]:
    """The contents of ledger entries after a position of each shard's, JSON text each; of several, shard by shard.

    Raises ConfigurationError for an instance that there is none of.
    """
    with closing(Ledgers(readers_of(data, address))) as ledgers:
        if instance and not any(store.history(instance, limit=1) for store in ledgers.stores):
            raise ConfigurationError(f"there is no process instance {instance} in this ledger")
        for store in ledgers.stores:
            place = 0 if instance else after
            while entries := store.history(instance, place) if instance else store.entries(place):
                yield from (entry.content.decode() for entry in entries if entry.position > after)
                place = entries[-1].sequence if instance else entries[-1].position


def load_application(name: str) -> Application:
    """An application by ``module:attribute``; the attribute may be a function that makes it."""
    found = load_named(name, "application", called=True)
    if not isinstance(found, Application):
        raise ConfigurationError(f"{name} is a {type(found).__name__}, not a clearance.compose.Application")
    return found


def load_named(name: str, attribute: str, *, called: bool = False) -> object:
    """What ``module:attribute`` names in the user's own code, or what it returns; raises ConfigurationError with the
    line where that code goes wrong.
    """
    module, _, given = name.partition(":")
    if not module or module.startswith("."):
        raise ConfigurationError(f"{name!r} names no module: give MODULE:NAME, such as my_company:app")
    try:
        found = getattr(importlib.import_module(module), given or attribute)
        return found() if called and callable(found) else found
    except (ConfigurationError, AuthorError):
        raise
    except Exception as error:
        advice = "give MODULE:NAME, such as my_company:app"
        raise ConfigurationError(f"{name} cannot be loaded: {_in_their_code(error)}; {advice}") from error


def _in_their_code(error: Exception) -> str:
    """What went wrong, and where in the user's code: not where in Python's import, or here."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{frame.filename}, line {frame.lineno}: " for frame in frames if not _between(frame.filename)]
    kind = "" if isinstance(error, ImportError | SyntaxError) else f"{type(error).__name__}: "
    return f"{lines[-1] if lines else ''}{kind}{error}"


def _between(file: str) -> bool:
    return file == __file__ or file.startswith("<") or "importlib" in Path(file).parts


def _processes(source: Builder | BuiltFile | Path) -> Sequence[tuple[Process, str]]:
    if isinstance(source, Path):
        content = _content(source)
        definitions = bpmn.to_deploy(bpmn.read(source))  # by its path: what is wrong with it names the file
        return list(zip(definitions.processes, texts_of(definitions, content), strict=True))
    definitions = bpmn.to_deploy(source.definitions())
    return [(process, xml_of(definitions, index)) for index, process in enumerate(definitions.processes)]


def _check(process: Process, lines: Mapping[str, int]) -> None:
    """Refuse what certainly cannot run, and say what may go wrong."""
    findings = bpmn.check(process, lines)
    errors = [str(finding) for finding in findings if finding.severity == bpmn.Severity.ERROR]
    if errors:
        raise ConfigurationError(f"{process.id} cannot be deployed: {' '.join(errors)}")
    for finding in findings:
        log.warning("process %s: %s", process.id, finding)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
