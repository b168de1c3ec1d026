"""The fast analysis against the slow player of ``reference.py`` on thousands of random processes."""

from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearance.bpmn.soundness import check_flow
from clearance.model.definition import Process
from tests.bpmn.soundness.random_flows import defective, structured, tangled
from tests.bpmn.soundness.reference import Reference, Seen, TooMany

Draw = Callable[[int], Process]


def seen(process: Process) -> Seen | None:
    """What the reference sees; None when that is too much to look at."""
    try:
        return Reference(process).play()
    except TooMany:
        return None


def rules(process: Process) -> Counter[str]:
    return Counter(finding.rule for finding in check_flow(process))


def test_what_is_drawn_block_by_block_is_sound():
    for seed in range(400):
        process = structured(seed, size=3 + seed % 40)
        assert rules(process) == Counter(), f"structured({seed})"


@pytest.mark.parametrize(
    ("draw", "first"),
    [
        pytest.param(lambda seed: structured(seed, 8, loops=False), 0, id="structured"),
        pytest.param(lambda seed: defective(seed, 8, loops=False), 0, id="defective"),
        pytest.param(lambda seed: tangled(seed, 4 + seed % 5), 0, id="tangled"),
    ],
)
def test_without_circles_both_see_the_same(draw: Draw, first: int):
    found: Counter[str] = Counter()
    for seed in range(first, first + 700):
        process = draw(seed)
        truth, ours = seen(process), rules(process)
        if truth is None:
            continue
        assert bool(ours["lack-of-synchronisation"]) == truth.doubled, seed
        if truth.doubled:
            found["doubled"] += 1
            continue
        assert bool(ours["deadlock"]) == truth.stuck, seed
        assert bool(ours["endless"]) == truth.endless, seed
        if not truth.stuck and not truth.endless:
            unreached = {element.id for element in process.elements} - truth.reached
            assert bool(ours["dead-element"]) == bool(unreached), seed
        found["stuck" if truth.stuck else "sound"] += 1
    assert found["sound"] > 100


@pytest.mark.parametrize(
    "draw",
    [
        pytest.param(lambda seed: structured(seed, 10), id="structured"),
        pytest.param(lambda seed: defective(seed, 8), id="defective"),
        pytest.param(lambda seed: tangled(seed, 4 + seed % 4, loops=True), id="tangled"),
    ],
)
def test_with_circles_nothing_is_made_up_and_hardly_anything_is_missed(draw: Draw):
    """Missed may be, in a circle, ways that split off, meet only each other and end: the reference knows fewer of them
    than the reductions, and takes their second round for a token too many.
    """
    found: Counter[str] = Counter()
    for seed in range(500):
        process = draw(seed)
        truth, ours = seen(process), rules(process)
        if truth is None or ours["soundness-unknown"]:
            continue
        found["all"] += 1
        if ours["lack-of-synchronisation"]:
            assert truth.doubled, seed
        if truth.doubled:
            found["missed"] += not ours["lack-of-synchronisation"]
            continue
        assert bool(ours["deadlock"]) == truth.stuck, seed
        assert bool(ours["endless"]) == truth.endless, seed
    assert found["missed"] <= 0.03 * found["all"]
    assert found["all"] > 400


@given(st.integers(0, 10**9), st.integers(2, 60))
@settings(max_examples=60, deadline=None)
def test_structured_processes_of_any_size_are_sound(seed: int, size: int):
    assert list(check_flow(structured(seed, size))) == []


@given(st.integers(0, 10**9), st.integers(10, 60))
@settings(max_examples=60, deadline=None)
def test_an_answer_always_comes_and_names_elements_that_are_there(seed: int, size: int):
    process = defective(seed, size)
    ids = {element.id for element in process.elements} | {"p"}
    for finding in check_flow(process):
        assert finding.element in ids
        assert {step.element for step in finding.trace} <= ids
        assert finding.trace or finding.rule in ("dead-element", "soundness-unknown")
