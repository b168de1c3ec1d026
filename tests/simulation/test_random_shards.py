"""Random processes under random histories on one shard and on three: nobody can tell the difference."""

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearance.integrity.verify import verify
from clearance.model.values import to_json
from clearance.model.work import Completed, Failed, Raised
from clearance.testing import Scenario
from clearance.testing.scenario import Run
from tests.kernel.files import END, START, bpmn, service
from tests.simulation.random_processes import MESSAGES, SIGNALS, processes

_MOVES = ("start", "complete", "answer", "message", "kept", "signal", "time", "mend", "fail", "error", "cancel")
_moves = st.lists(
    st.tuples(st.sampled_from((*_MOVES, "start", "complete", "complete", "message")), st.integers(0, 7)),
    min_size=6,
    max_size=24,
)
_thorough = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


class _Play:
    """A scenario whose instances are called by the order of their births, which is the same on any number of shards."""

    def __init__(self, shards: int, file: bytes) -> None:
        self.scenario = Scenario(shards=shards)
        self.scenario.deploy(file)
        self.born: list[int] = []
        self.move("start", 1)

    def move(self, move: str, number: int) -> None:
        self._move(move, number)
        known = set(self.born)
        self.born.extend(run.key for run in self.scenario.runs if run.key not in known)

    def _move(self, move: str, number: int) -> None:
        scenario = self.scenario
        outcomes = {
            "complete": Completed({"n": number, "r": number}),
            "fail": Failed("never", retryable=False),
            "error": Raised("B", "no", {"why": number}),
        }
        if move == "start":
            scenario.start("p", {"n": number})
            return
        if move == "message":
            scenario.publish(MESSAGES[number % 2], variables={"told": number})
        elif move == "kept":
            scenario.publish(MESSAGES[number % 2], time_to_live="PT2H")
        elif move == "signal":
            scenario.broadcast(SIGNALS[number % 2])
        elif move == "time":
            scenario.advance(f"PT{number * 15}M")
        key = self.born[number % len(self.born)] if self.born else 0
        if move in outcomes:
            jobs = [one for one in scenario._waiting if one.instance == key]
            if jobs:
                job = min(jobs, key=lambda one: one.job)
                scenario._waiting.sort(key=lambda one: one is not job)
                scenario.finish_job(job.type, outcomes[move])
        elif move == "answer" and (tasks := [one for one in scenario.tasks if one.instance == key]):
            scenario.answer(tasks[0], {"n": number})
        elif move == "mend" and (incidents := [one for one in scenario.incidents if one.instance == key]):
            scenario.resolve(incidents[0])
        elif move == "cancel" and key and Run(scenario, key).state == "active":
            scenario.cancel(Run(scenario, key))

    def standing(self) -> list[object]:
        """What has become of every instance."""
        return [self._told(Run(self.scenario, key)) for key in self.born]

    def _told(self, run: Run) -> object:
        waits = Counter(one.type for one in self.scenario._waiting if one.instance == run.key)
        tasks, incidents = [task.element for task in run.tasks], [(one.element, one.kind) for one in run.incidents]
        active = sorted(run.active) if run.state == "active" else []
        return run.process, run.state, run.path, active, to_json(run.variables), waits, tasks, incidents


@_thorough
@given(file=processes(), moves=_moves)
def test_three_shards_come_to_the_same_as_one(file: bytes, moves: list[tuple[str, int]]) -> None:
    one, three = _Play(1, file), _Play(3, file)
    for move, number in moves:
        one.move(move, number)
        three.move(move, number)
        assert len(three.born) == len(one.born)
    assert three.standing() == one.standing()
    for shard in three.scenario.fleet.shards:
        found = verify(shard.store, shard.registry)
        assert found.ok, found.problems


def test_the_instances_of_a_process_are_spread_over_all_shards() -> None:
    scenario = Scenario(shards=3)
    scenario.deploy(bpmn(START + service("work") + END, "s -> work\nwork -> e"))
    assert [scenario.start("p").key >> 50 for _ in range(4)] == [2, 0, 1, 2]
