"""Random processes under random histories: what holds whatever happens."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearance.integrity.verify import verify
from clearance.kernel.appliers import replay
from clearance.kernel.state import snapshot
from clearance.ledger import chain
from clearance.model import events
from clearance.model.work import Completed, Failed, Raised
from clearance.testing import Scenario
from tests.simulation.random_processes import MESSAGES, SIGNALS, processes

_MOVES = ("complete", "message", "time", "answer", "signal", "set", "mend", "fail", "error", "give up", "kept", "start")
_moves = st.lists(
    st.tuples(st.sampled_from(("complete",) * 6 + ("answer", "time", "mend") * 2 + _MOVES), st.integers(0, 7)),
    min_size=6,
    max_size=24,
)
_thorough = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def _play(scenario: Scenario, file: bytes, moves: list[tuple[str, int]]) -> None:
    scenario.deploy(file)
    scenario.start("p", {"n": 1})
    for move, number in moves:
        _move(scenario, move, number)


def _move(scenario: Scenario, move: str, number: int) -> None:
    outcomes = {
        "complete": Completed({"n": number, "r": number}),
        "fail": Failed("down"),
        "give up": Failed("never", retryable=False),
        "error": Raised("B", "no", {"why": number}),
    }
    if move in outcomes and scenario.jobs:
        # a worker of the oldest waiting type that does one job, and is gone again
        kind = scenario.jobs[number % len(scenario.jobs)]
        scenario.finish_job(kind, outcomes[move])
    elif move == "answer" and scenario.tasks:
        scenario.answer(scenario.tasks[number % len(scenario.tasks)], {"n": number})
    elif move == "message":
        scenario.publish(MESSAGES[number % 2], variables={"told": number})
    elif move == "kept":
        scenario.publish(MESSAGES[number % 2], time_to_live="PT2H")
    elif move == "signal":
        scenario.broadcast(SIGNALS[number % 2])
    elif move == "time":
        scenario.advance(f"PT{number * 15}M")
    elif move == "mend" and scenario.incidents:
        scenario.resolve(scenario.incidents[number % len(scenario.incidents)])
    elif move == "set" and scenario.runs[0].state == "active":
        scenario.set_variables(scenario.runs[0], {"missing": number})
    elif move == "start":
        scenario.start("p", {"n": number})


def _ledger(scenario: Scenario) -> list[tuple[bytes, bytes]]:
    return [(entry.hash, entry.content) for entry in scenario.store.entries(limit=1_000_000)]


@_thorough
@given(file=processes(), moves=_moves)
def test_replaying_gives_the_state_and_the_ledger_verifies(file: bytes, moves: list[tuple[str, int]]) -> None:
    scenario = Scenario()
    _play(scenario, file, moves)
    verification = verify(scenario.store, scenario._shard.registry)
    assert verification.ok, verification.problems
    for run in scenario.runs:
        state = scenario._instance(run.key)
        again = replay(run.events, scenario._shard.registry.graph)
        assert again.status == state.status
        if state.status == "active":
            assert snapshot(again) == snapshot(state)
            _is_going_somewhere(scenario, run.key)


def _is_going_somewhere(scenario: Scenario, key: int) -> None:
    """An instance that has not ended waits for something, or says why it cannot go on."""
    state = scenario._instance(key)
    waiting = state.jobs or state.tasks or state.timers or state.subscriptions or state.incidents
    assert waiting, f"nothing will ever happen to {state}"
    for element in state.elements.values():
        children = sum(other.scope == element.key for other in state.elements.values())
        assert element.children == children
        assert element.tokens == sum(state.arrivals.get(element.key, {}).values())


@_thorough
@given(file=processes(), moves=_moves)
def test_restarting_after_every_command_leaves_the_same_ledger(file: bytes, moves: list[tuple[str, int]]) -> None:
    steady, shaken = Scenario(), Scenario(restarts=True)
    _play(steady, file, moves)
    _play(shaken, file, moves)
    assert _ledger(shaken) == _ledger(steady)


@_thorough
@given(file=processes(), moves=_moves)
def test_keys_are_unique_and_lives_go_in_order(file: bytes, moves: list[tuple[str, int]]) -> None:
    scenario = Scenario()
    _play(scenario, file, moves)
    made = [
        event.key
        for entry in scenario.store.entries(limit=1_000_000)
        for event in chain.read(entry).events
        if isinstance(
            event,
            events.ElementActivating
            | events.JobCreated
            | events.TimerSet
            | events.Subscribed
            | events.TaskCreated
            | events.IncidentRaised
            | events.MessagePublished
            | events.SignalBroadcast,
        )
    ]
    assert len(made) == len(set(made))
    for run in scenario.runs:
        states: dict[int, list[str]] = {}
        for event in run.events:
            name = type(event).__name__
            if name.startswith("Element"):
                states.setdefault(event.key, []).append(name.removeprefix("Element"))  # type: ignore[union-attr]
        whole = ["Activating", "Activated", "Completing", "Completed"]
        for life in states.values():
            ended_early = life[-2:] == ["Terminating", "Terminated"] and whole[: len(life) - 2] == life[:-2]
            assert ended_early or whole[: len(life)] == life, life
