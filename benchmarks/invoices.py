"""The invoice process end to end, per second: from the message to paid, or to the person who must look.

The real process of the examples with its actors, tables and policies. The actors run in the engine's process; the ERP
and the bank that they talk to are the sandbox company, a process of its own, so its work is in the figure, too.
"""

import time
from datetime import date

import msgspec

from benchmarks import environment, ours
from benchmarks.report import Report
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.runtime.engine import Engine
from clearance.engine.state.registry import Registry
from clearance.governance import PolicyGate
from clearance.model import commands
from clearance.stores.blobs import MemoryBlobs
from invoice_to_pay.actors import build_actors
from invoice_to_pay.app import HERE, MESSAGE
from invoice_to_pay.process import p
from invoice_to_pay.systems.sandbox import SandboxBank, SandboxConnection, SandboxErp
from sandbox_company.generator import generate
from sandbox_company.launch import Sandbox

INVOICES, INVOICES_QUICK = 400, 30
SEED = 4
TODAY = date(2025, 6, 30)
_POLL_S = 0.005


def run(quick: bool) -> Report:
    report = Report("invoices", quick)
    count = INVOICES_QUICK if quick else INVOICES
    seconds, entries, ended = measure(count)
    report.figures["invoices"] = count
    report.figures["invoices per second"] = round(count / seconds, 1)
    report.figures["ledger entries per second"] = round(entries / seconds)
    report.figures["paid or returned without a person"] = ended
    return report


def measure(count: int) -> tuple[float, int, int]:
    """Seconds until every invoice has ended or waits for a person; ledger entries; how many have ended."""
    with (
        environment.scratch() as folder,
        Sandbox(folder / "company", seed=SEED, invoices=count, as_of=TODAY) as company,
    ):
        connection = SandboxConnection(company.url)
        actors = build_actors(SandboxErp(connection), SandboxBank(connection), today=lambda: TODAY)
        store, blobs = ours.CountingStore(folder / "ledger.sqlite"), MemoryBlobs()
        registry = Registry(Feel(), read_decisions)
        gate = PolicyGate.load(HERE / "policies")
        engine = Engine(store, gate, registry, {one.type: one for one in actors}, blobs, ours.SystemClock())
        engine.start()
        try:
            for path in sorted((HERE / "decisions").glob("*.csv")):
                ours.answered(engine.ask(commands.DeployDecisions(name=path.name, content=path.read_bytes())))
            ours.deploy(engine, p)
            asked = []
            for case in generate(SEED, count, as_of=TODAY):
                kept = msgspec.to_builtins(blobs.keep(case.content, "application/octet-stream", case.name))
                variables = {"document": kept}
                asked.append(commands.PublishMessage(name=MESSAGE, variables=variables, message_id=str(kept["sha256"])))
            start = time.perf_counter()
            for reply in [engine.submit(command) for command in asked]:
                ours.answered(reply.result())
            while not idle(engine, store):
                time.sleep(_POLL_S)
            seconds = store.moments[-1] - start
            return seconds, sum(len(sizes) for sizes in store.commits), store.instances_ended
        finally:
            engine.stop()
            connection.close()


def idle(engine: Engine, store: ours.CountingStore) -> bool:
    """Nothing is queued, no job is at work, and nothing was committed in between."""
    before = len(store.commits)
    reader = store.reader()
    try:
        nothing = not engine.waiting and not reader.at_work()
    finally:
        reader.close()
    time.sleep(_POLL_S)
    return nothing and not engine.waiting and len(store.commits) == before
