"""The loop: answers follow commits, failures lose nothing, defects stop one instance, and stopping ends."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from itertools import pairwise
from pathlib import Path

import pytest

from clearance.engine.commands import messages
from clearance.engine.runtime.intake import Asked, Reply
from clearance.engine.settings import EngineSettings
from clearance.engine.state.stream import Stream
from clearance.kernel import straight
from clearance.kernel.elements import BEHAVIOURS
from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.state import ElementInstance, Instance
from clearance.kernel.straight import Passage
from clearance.kernel.working import Step
from clearance.ledger.rows import Batch, InstanceRow
from clearance.ledger.store import StoreError
from clearance.model import commands, graph
from clearance.model.commands import Answer, Refusal
from clearance.model.events import Event
from clearance.model.work import Completed, Job, Outcome
from clearance.stores.sqlite import SqliteStore
from tests.engine.helpers import (
    ONE_JOB,
    MovableClock,
    TroubledStore,
    actor,
    engine,
    start,
    state_of,
    statuses,
    until,
    verified,
)
from tests.kernel.files import END, START, bpmn, event, message, service, timer


def _done(job: Job) -> Outcome:
    return Completed({})


def test_nobody_is_answered_and_nothing_leaves_before_the_commit(tmp_path: Path) -> None:
    store = TroubledStore(tmp_path / "l.sqlite")
    left = threading.Event()

    def work(job: Job) -> Outcome:
        left.set()
        return Completed({})

    made = engine(store, actor(work))
    store.open.clear()
    reply = made.submit(commands.StartInstance(process="p"))
    time.sleep(0.2)
    assert (reply.done(), left.is_set()) == (False, False)
    store.open.set()
    assert isinstance(reply.result(20), Answer)
    assert left.wait(20)
    made.stop()


def test_commands_that_arrive_while_the_disk_is_busy_share_one_commit(tmp_path: Path) -> None:
    store = TroubledStore(tmp_path / "l.sqlite")
    made = engine(store)
    before = store.commits
    store.open.clear()
    replies = [made.submit(commands.StartInstance(process="p")) for _ in range(200)]
    time.sleep(0.1)
    store.open.set()
    assert all(isinstance(reply.result(20), Answer) for reply in replies)
    assert store.commits - before < 20
    made.stop()


def test_outcomes_and_timers_that_come_while_nothing_can_be_committed_are_not_lost(tmp_path: Path) -> None:
    store = TroubledStore(tmp_path / "l.sqlite")
    clock = MovableClock()
    wait = bpmn(START + event("intermediateCatchEvent", "w", timer("PT1H")) + END, "s -> w\nw -> e", identifier="q")
    may, calls = threading.Event(), []

    def work(job: Job) -> Outcome:
        assert may.wait(20)
        calls.append(job.key)
        return Completed({"n": len(calls)})

    made = engine(store, actor(work), clock=clock, files=(ONE_JOB, wait))
    jobs = [start(made) for _ in range(5)]
    start(made, "q")
    with store.failing():
        clock.ahead_ms += 3_600_001
        may.set()
        refused = made.ask(commands.StartInstance(process="p"))
        assert isinstance(refused, Refusal)
        assert (refused.kind, "disk is full" in refused.reason) == ("busy", True)
        until(lambda: len(calls) == 5, "jobs did not run")
        time.sleep(0.2)
        assert set(statuses(store.path)) == {"active"}
    until(lambda: statuses(store.path) == ["completed"] * 6, "not all came to their end")
    made.stop()
    assert len(calls) == 5, "no job ran twice"
    assert all(state_of(store.path, key).status == "completed" for key in jobs)
    assert verified(store.path)


def test_an_engine_stops_although_nothing_can_be_committed_and_the_next_one_goes_on(tmp_path: Path) -> None:
    store = TroubledStore(tmp_path / "l.sqlite")
    may = threading.Event()

    def work(job: Job) -> Outcome:
        assert may.wait(20)
        return Completed({})

    made = engine(store, actor(work))
    start(made)
    with store.failing():
        may.set()
        replies = [made.submit(commands.StartInstance(process="p")) for _ in range(3)]
        stopping = threading.Thread(target=made.stop)
        stopping.start()
        stopping.join(15)
        assert not stopping.is_alive()
        answers = [reply.result(1) for reply in replies]
    assert all(isinstance(answer, Refusal) and answer.kind == "busy" for answer in answers)
    made = engine(SqliteStore(store.path), actor(_done))
    until(lambda: statuses(store.path) == ["completed"], "the job was not done again")
    made.stop()


def test_a_caller_who_went_away_harms_nobody(tmp_path: Path) -> None:
    store = TroubledStore(tmp_path / "l.sqlite")
    made = engine(store, actor(_done))
    store.open.clear()
    reply = made.submit(commands.StartInstance(process="p"))
    assert reply.cancel()
    store.open.set()
    start(made)
    until(lambda: statuses(store.path) == ["completed"] * 2, "the engine no longer works")
    made.stop()


def test_a_full_queue_refuses_as_busy_and_loses_nothing_that_it_took(tmp_path: Path) -> None:
    store = TroubledStore(tmp_path / "l.sqlite")
    made = engine(store, settings=EngineSettings(queue_max=10, batch_max=1))
    store.open.clear()
    replies: list[Reply] = [made.submit(commands.StartInstance(process="p")) for _ in range(50)]
    refused = [reply for reply in replies if reply.done()]
    assert len(refused) >= 30
    busy = refused[0].result(0)
    assert isinstance(busy, Refusal)
    assert busy.kind == "busy"
    store.open.set()
    kept = [reply.result(20) for reply in replies if reply not in refused]
    assert all(isinstance(answer, Answer) for answer in kept)
    made.stop()
    assert len(statuses(store.path)) == len(kept)


def test_what_comes_together_is_told_one_by_one_in_its_order_and_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    store = TroubledStore(tmp_path / "l.sqlite")
    made = engine(store, settings=EngineSettings(queue_max=10, batch_max=1))
    told: list[tuple[int, Answer | Refusal]] = []

    def asked(number: int) -> Asked:
        return commands.StartInstance(process="p"), lambda answer: told.append((number, answer))

    store.open.clear()
    made.bring([asked(number) for number in range(50)])
    refused = [number for number, answer in told if isinstance(answer, Refusal) and answer.kind == "busy"]
    assert len(refused) == len(told) >= 30
    store.open.set()
    until(lambda: len(told) == 50, "not everybody was told")
    kept = [number for number, answer in told if isinstance(answer, Answer)]
    assert kept == sorted(set(range(50)) - set(refused))
    made.stop()
    assert len(statuses(store.path)) == len(kept)


def test_who_cannot_hear_an_answer_does_not_keep_it_from_others(tmp_path: Path) -> None:
    made = engine(SqliteStore(tmp_path / "l.sqlite"))
    heard: list[Answer | Refusal] = []

    def deaf(answer: Answer | Refusal) -> None:
        raise RuntimeError("no")

    made.bring([(commands.StartInstance(process="p"), tell) for tell in (deaf, heard.append)])
    until(lambda: len(heard) == 1, "the other was not told")
    assert isinstance(made.ask(commands.StartInstance(process="p")), Answer)
    made.stop()
    assert statuses(tmp_path / "l.sqlite") == ["active"] * 3


@pytest.mark.parametrize(("pause_s", "second"), [(0.0, False), (0.02, True)])
def test_a_second_thread_commits_only_where_the_disk_is_slow(tmp_path: Path, pause_s: float, second: bool) -> None:
    committing: list[str] = []

    class Disk(SqliteStore):
        def commit(self, batch: Batch) -> None:
            super().commit(batch)
            if batch.entries:
                time.sleep(pause_s)
                committing.append(threading.current_thread().name)

    made = engine(Disk(tmp_path / "l.sqlite"), settings=EngineSettings(batch_max=5))
    for _ in range(30):  # until it is known how long commits wait
        start(made)
    committing.clear()
    replies = [made.submit(commands.StartInstance(process="p")) for _ in range(100)]
    assert all(isinstance(reply.result(20), Answer) for reply in replies)
    made.stop()
    assert ("clearance-commit" in committing) is second


def test_a_listener_that_fails_harms_nobody(tmp_path: Path) -> None:
    made = engine(SqliteStore(tmp_path / "l.sqlite"), actor(_done))

    def broken(position: int) -> None:
        raise RuntimeError("no")

    made.listen(broken)
    start(made)
    until(lambda: statuses(tmp_path / "l.sqlite") == ["completed"], "the engine no longer works")
    made.stop()


def _fail_if_bad(process: ElementInstance) -> None:
    if any(value.data == "bad" for value in process.variables.values()):
        raise ZeroDivisionError("a defect")


def _break_the_end_event(patch: pytest.MonkeyPatch) -> None:
    def broken(step: Step, element: object, node: object) -> bool:
        _fail_if_bad(step.instance.elements[step.instance.key])
        return False

    patch.setattr(straight, "work_out", lambda *arguments: None)
    patch.setitem(BEHAVIOURS, "endEvent", Behaviour(activate=broken))


def _break_the_straight_path(patch: pytest.MonkeyPatch) -> None:
    whole = straight._move_on

    def broken(instance: Instance, path: graph.Path, scope: ElementInstance, events: list[Event], key: int) -> Passage:
        if not path.target:
            _fail_if_bad(scope)
        return whole(instance, path, scope, events, key)

    patch.setattr(straight, "_move_on", broken)


@pytest.mark.parametrize("plant", [_break_the_end_event, _break_the_straight_path])
def test_a_defect_in_an_element_stops_one_instance_and_can_be_resolved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: Callable[[pytest.MonkeyPatch], None]
) -> None:
    path = tmp_path / "l.sqlite"
    plant(monkeypatch)
    calls: list[str] = []

    def work(job: Job) -> Outcome:
        calls.append(job.idempotency_key)
        return Completed({})

    made = engine(SqliteStore(path), actor(work))
    bad, good = start(made, x="bad"), start(made, x="good")
    until(lambda: bool(state_of(path, bad).incidents), "no incident")
    until(lambda: state_of(path, good).status == "completed", "the other instance stands still")
    ((key, incident),) = state_of(path, bad).incidents.items()
    assert "ZeroDivisionError" in incident.message
    monkeypatch.undo()
    made.ask(commands.ResolveIncident(instance=bad, incident=key))
    until(lambda: state_of(path, bad).status == "completed", "it does not go on")
    made.stop()
    assert len(set(calls)) == 2, "tried again with the same key"
    assert verified(path)


def test_a_defect_outside_of_any_instance_refuses_that_command_and_leaves_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "l.sqlite"
    store = TroubledStore(path)
    made = engine(store, actor(_done))

    def broken(*arguments: object) -> None:
        raise ZeroDivisionError("a defect")

    store.open.clear()
    blocked = made.submit(commands.StartInstance(process="p"))
    time.sleep(0.1)
    monkeypatch.setattr(messages, "reach", broken)
    replies = [
        made.submit(commands.StartInstance(process="p")),
        made.submit(commands.PublishMessage(name="half-done")),
        made.submit(commands.StartInstance(process="p")),
    ]
    store.open.set()
    answers = [reply.result(20) for reply in (blocked, *replies)]
    assert [type(answer) for answer in answers] == [Answer, Answer, Refusal, Answer]
    until(lambda: statuses(path) == ["completed"] * 3, "the others stand still")
    made.stop()
    with_store = SqliteStore(path)
    assert not any(b"half-done" in entry.content for entry in with_store.entries(limit=1000))
    with_store.close()
    assert verified(path)


def test_keys_that_nobody_can_have_given_are_refused_together_or_alone(tmp_path: Path) -> None:
    made = engine(SqliteStore(tmp_path / "l.sqlite"))
    known = start(made)
    wrong = [-1, 0, 2**63 - 1, 2**63, -(2**70), 2**70]
    told: list[Answer | Refusal] = []
    made.bring([(commands.CancelInstance(instance=key), told.append) for key in (*wrong, known)])
    until(lambda: len(told) == len(wrong) + 1, "not all are answered")
    assert told[:-1] == [Refusal("not-found", f"there is no process instance {key}") for key in wrong]
    assert isinstance(told[-1], Answer)
    made.stop()


def test_a_defect_while_a_batch_is_ended_refuses_it_and_what_comes_later_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = EngineSettings(instances_cached_max=1, snapshot_every=1000)
    made = engine(SqliteStore(tmp_path / "l.sqlite"), settings=settings)
    keys = [start(made) for _ in range(4)]
    defects = iter([ValueError("a state that cannot be written")])

    def row(self: Stream) -> InstanceRow:
        for defect in defects:
            raise defect
        return whole(self)

    whole = Stream.row
    monkeypatch.setattr(Stream, "row", row)
    told: list[Answer | Refusal] = []
    asked = [commands.SetVariables(instance=key, variables={"x": 1}, scope=key) for key in keys]
    made.bring([(one, told.append) for one in asked])
    until(lambda: len(told) == 4, "not all are answered")
    assert {one.kind for one in told if isinstance(one, Refusal)} == {"busy"}
    until(lambda: not made.trouble, "it does not go on")
    assert all(isinstance(made.ask(one), Answer) for one in asked)
    made.stop()
    assert verified(tmp_path / "l.sqlite")


def test_a_store_that_cannot_be_read_for_a_while_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "l.sqlite"
    wait = bpmn(START + event("intermediateCatchEvent", "w", message("go")) + END, "s -> w\nw -> e", identifier="q")
    made = engine(SqliteStore(path), files=(wait,))
    start(made, "q")
    reading = SqliteStore.subscriptions

    def unreadable(*arguments: object) -> None:
        raise StoreError("the disk does not answer")

    monkeypatch.setattr(SqliteStore, "subscriptions", unreadable)
    refused = made.ask(commands.PublishMessage(name="go"))
    assert isinstance(refused, Refusal)
    assert (refused.kind, "does not answer" in refused.reason) == ("busy", True)
    assert made.trouble
    monkeypatch.setattr(SqliteStore, "subscriptions", reading)
    assert isinstance(made.ask(commands.PublishMessage(name="go")), Answer)
    until(lambda: statuses(path) == ["completed"], "it does not go on")
    assert not made.trouble
    made.stop()
    assert verified(path)


def test_timers_that_fell_due_while_the_engine_was_stopped_fire_when_it_starts(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    wait = bpmn(START + event("intermediateCatchEvent", "w", timer("PT1H")) + END, "s -> w\nw -> e")
    made = engine(SqliteStore(path), files=(wait,))
    start(made)
    made.stop()
    clock = MovableClock()
    clock.ahead_ms = 3_600_001
    made = engine(SqliteStore(path), clock=clock, files=())
    until(lambda: statuses(path) == ["completed"], "the timer did not fire")
    made.stop()


def test_a_start_cycle_fires_once_for_what_it_missed_although_commits_fail_meanwhile(tmp_path: Path) -> None:
    store = TroubledStore(tmp_path / "l.sqlite")
    clock = MovableClock()
    cycle = bpmn(event("startEvent", "t", timer("R3/PT1H", "timeCycle")) + END, "t -> e")
    made = engine(store, clock=clock, files=(cycle,))
    with store.failing():
        clock.ahead_ms += 3 * 3_600_000 + 1000
        until(lambda: bool(made.trouble), "the timer did not fire")
        time.sleep(1.5)
    until(lambda: len(statuses(store.path)) == 1, "the instance is missing")
    for expected in (2, 3, 3):
        clock.ahead_ms += 3_600_000
        until(lambda expected=expected: len(statuses(store.path)) == expected, "it does not go on")  # type: ignore[misc]
        time.sleep(0.2)
        assert len(statuses(store.path)) == expected
    made.stop()


def test_the_disk_is_full_and_then_it_is_not(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    store = SqliteStore(path)
    made = engine(store, actor(_done))
    start(made)
    (pages,) = store._db.execute("PRAGMA page_count").fetchone()
    store._db.execute(f"PRAGMA max_page_count={pages + 2}")
    accepted, refusals = 1, []
    for _ in range(40):
        answer = made.ask(commands.StartInstance(process="p", variables={"x": "y" * 2000}))
        accepted += isinstance(answer, Answer)
        refusals += [answer] if isinstance(answer, Refusal) else []
        if len(refusals) == 2:
            break
    assert refusals[0].kind == "busy"
    assert "disk is full: make room" in refusals[0].reason
    store._db.execute("PRAGMA max_page_count=1000000")
    until(lambda: statuses(path) == ["completed"] * accepted, "it does not go on by itself")
    made.stop()
    assert verified(path)


def test_futures_are_what_callers_get(tmp_path: Path) -> None:
    made = engine(SqliteStore(tmp_path / "l.sqlite"))
    assert isinstance(made.submit(commands.StartInstance(process="p")), Future)
    made.stop()
    refused = made.ask(commands.StartInstance(process="p"))
    assert isinstance(refused, Refusal)
    assert "stopping" in refused.reason


def test_who_has_done_a_job_works_out_what_follows_and_goes_on_with_it(tmp_path: Path) -> None:
    """One instance alone: no thread waits to be woken by another, so each step costs little more than its commit."""
    threads: list[str] = []

    class Watched(SqliteStore):
        def commit(self, batch: Batch) -> None:
            threads.append(threading.current_thread().name)
            super().commit(batch)

    def work(job: Job) -> Outcome:
        threads.append(threading.current_thread().name)
        return Completed({})

    names = [f"work{number}" for number in range(20)]
    steps = "".join(service(name).replace(f'type="{name}"', 'type="work"') for name in names)
    flows = "\n".join(f"{one} -> {other}" for one, other in pairwise(["s", *names, "e"]))
    made = engine(Watched(tmp_path / "l.sqlite"), actor(work), files=(bpmn(START + steps + END, flows),))
    threads.clear()
    start(made)
    until(lambda: statuses(tmp_path / "l.sqlite") == ["completed"], "the instance has not ended")
    made.stop()
    thread, times = Counter(threads).most_common(1)[0]
    assert thread.startswith("clearance-actor")
    assert times >= 35, threads
