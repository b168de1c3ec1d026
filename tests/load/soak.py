"""Hours of mixed load on one engine: ``python -m tests.load.soak --minutes 60``.

Instances start, work, fail now and then, wait for timers and messages; some are cancelled, all end sooner or later, and
what has ended goes to archives after a while. Every minute a line says how it goes. In the end memory and the ledger's
file must be what they were once caches were full and archives had begun, and the ledger must verify. Without archives
(``--keep-seconds 0``) the file grows, and a ledger entry must cost as many bytes as in the beginning.
"""

import argparse
import random
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path

import msgspec

from clearance.bpmn import read
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.runtime.clock import SteadyClock
from clearance.engine.runtime.engine import Engine
from clearance.engine.settings import EngineSettings
from clearance.engine.state.registry import Registry
from clearance.governance import PolicyGate
from clearance.integrity.retention import Retention, RetentionSettings
from clearance.integrity.verify import verify
from clearance.model import commands
from clearance.model.commands import Answer
from clearance.model.work import Actor, Completed, Job, Outcome, Temporary
from clearance.stores.blobs import MemoryBlobs
from clearance.stores.sqlite import SqliteStore
from tests.kernel.files import END, START, bpmn, each, event, message, service, timer

_PROCESS = bpmn(
    START
    + service("read")
    + service("check", each("[1, 2, 3]", result="r"))
    + event("intermediateCatchEvent", "pause", timer("PT0.2S"))
    + event("intermediateCatchEvent", "paid", message("paid"))
    + END,
    "s -> read\nread -> check\ncheck -> pause\npause -> paid\npaid -> e",
    keys={"paid": "string(n)"},
)
_MEMORY_GROWS_MAX = 1.25
_BYTES_GROW_MAX = 1.25
_LAST_CALL = 500
"""An instance that was not paid when so many others have started is paid now."""


class Sample(msgspec.Struct, frozen=True):
    """How it goes at one moment."""

    at_s: float
    memory: int
    """Bytes resident."""
    file: int
    """Bytes of the database and its log."""
    archives: int
    """Bytes of the archives."""
    entries: int
    instances: int
    waiting: int


class Soak:
    """The load, and what is seen of it."""

    def __init__(self, folder: Path, seed: int = 1, keep_s: float = 0.0) -> None:
        """``keep_s``: seconds after their end at which instances are archived; 0: never."""
        self.path = folder / "ledger.sqlite"
        self._keep_s = keep_s
        self._ending = threading.Event()
        self._archiver = threading.Thread(target=self._archive, daemon=True)
        self._chance = random.Random(seed)
        actors = {kind: Actor(kind, self._work, backoff_s=0.05) for kind in ("read", "check")}
        self.engine = Engine(
            SqliteStore(self.path),
            PolicyGate.load(),
            Registry(Feel(), read_decisions),
            actors,
            MemoryBlobs(),
            SteadyClock(),
            EngineSettings(instances_cached_max=200),
        )
        self.engine.start()
        self.engine.ask(commands.DeployProcess(process=read(_PROCESS).processes[0], xml=""))
        self._reader = SqliteStore(self.path, readonly=True)
        self._started = 0
        if keep_s:
            self._archiver.start()

    def run(self, seconds: float, every_s: float) -> list[Sample]:
        """Load it for so long; a sample now and then."""
        began = told = time.monotonic()
        samples = []
        while (now := time.monotonic()) - began < seconds:
            self._turn()
            if now - told >= every_s:
                told = now
                samples.append(self._sample(now - began))
                sys.stderr.write(f"{msgspec.json.encode(samples[-1]).decode()}\n")
        return samples

    def end(self) -> None:
        self._ending.set()
        if self._keep_s:
            self._archiver.join()
        self._reader.close()
        self.engine.stop()

    def _archive(self) -> None:
        reader = self.engine.store.reader()
        retention = Retention(reader, self.engine.ask, RetentionSettings())
        while not self._ending.wait(1):
            retention.run(time.time_ns() // 1_000_000 - round(self._keep_s * 1000), stopping=self._ending.is_set)
        reader.close()

    def _turn(self) -> None:
        number = self._started
        replies = []
        for _ in range(10):
            number += 1
            replies.append(
                self.engine.submit(commands.StartInstance(process="p", variables={"n": number, "t": "x" * 200}))
            )
            late = max(number - self._chance.randrange(1, 400), 1)
            replies.append(self.engine.submit(commands.PublishMessage(name="paid", correlation_key=str(late))))
            last = str(number - _LAST_CALL)
            replies.append(self.engine.submit(commands.PublishMessage(name="paid", correlation_key=last)))
        replies.append(
            self.engine.submit(commands.PublishMessage(name="paid", correlation_key=str(number), time_to_live=60_000))
        )
        answers = [reply.result(60) for reply in replies]
        keys = [answer.key for answer in answers[:-1:3] if isinstance(answer, Answer)]
        if keys and self._chance.random() < 0.2:
            self.engine.ask(commands.CancelInstance(instance=self._chance.choice(keys), reason="soak"))
        self._started = number

    def _work(self, job: Job) -> Outcome:
        if job.attempt == 1 and self._chance.random() < 0.02:
            raise Temporary("busy")
        return Completed({"r": job.key, "text": "y" * 300})

    def _sample(self, at_s: float) -> Sample:
        files = (self.path, self.path.with_name(self.path.name + "-wal"))
        return Sample(
            round(at_s, 1),
            resident(),
            sum(file.stat().st_size for file in files if file.exists()),
            sum(archive.size for archive in self._reader.archives()),
            self._reader.head().position,
            self._started,
            self.engine.waiting,
        )


def resident(process: int | str = "self") -> int:
    """Bytes of a process, this one unless said otherwise, that are in memory."""
    status = Path(f"/proc/{process}/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def judge(samples: list[Sample]) -> list[str]:
    """What is not flat; the first third is for warming up."""
    settled = samples[len(samples) // 3 :]
    first, last = settled[0], settled[-1]
    said = []
    if last.memory > first.memory * _MEMORY_GROWS_MAX:
        said.append(f"memory grew from {first.memory} to {last.memory} bytes")
    if last.archives and last.file > first.file * _BYTES_GROW_MAX:
        said.append(f"the file grew from {first.file} to {last.file} bytes although what has ended is archived")
    if not last.archives and last.file / last.entries > first.file / first.entries * _BYTES_GROW_MAX:
        said.append("a ledger entry costs more and more bytes")
    return said


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--keep-seconds", type=float, default=20.0)
    arguments = parser.parse_args()
    minutes = arguments.minutes
    with tempfile.TemporaryDirectory(prefix="clearance-soak-") as name:
        soak = Soak(Path(name), keep_s=arguments.keep_seconds)
        samples = soak.run(minutes * 60, min(60.0, minutes * 6))
        soak.end()
        store = SqliteStore(soak.path, readonly=True)
        registry = Registry(Feel(), read_decisions)
        registry.load(list(store.definitions()), [])
        wrong = [*judge(samples), *(problem.message for problem in verify(store, registry).problems[:5])]
        store.close()
    if wrong:
        sys.exit("; ".join(wrong))
    sys.stdout.write(f"{samples[-1].instances} instances, {samples[-1].entries} entries: flat, and it verifies\n")


if __name__ == "__main__":
    main()
