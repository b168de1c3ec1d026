"""The kernel against the reference interpreter: the same process and answers in the same order, the same result."""

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearance.model import definition as d
from clearance.model.work import Raised
from clearance.testing import Scenario
from clearance.testing.scenario import Run
from tests.conformance.reference.interpreter import Reference
from tests.conformance.reference.random_models import models

_ANSWERS_MAX = 60


def kernel_state(run: Run) -> str:
    """In the reference's words."""
    if run.state == "completed":
        return "completed"
    return "waiting" if run._scenario.jobs else "stuck"


def compare(run: Run, reference: Reference) -> None:
    assert kernel_state(run) == reference.state, run.incidents
    assert Counter(run.path) == +reference.completed
    assert Counter(run._scenario.jobs) == reference.open_jobs
    assert run.variables == reference.variables


def catches_errors(process: d.Process, element: str) -> bool:
    """Whether an error of the element is caught somewhere around it: at itself, or at a sub-process."""

    def search(container: d.Process | d.SubProcess, caught: bool) -> bool:
        hosts = {one.attached_to for one in container.elements if isinstance(one, d.BoundaryEvent)}
        for one in container.elements:
            if one.id == element:
                return caught or element in hosts
            if isinstance(one, d.SubProcess) and any(inner.id == element for inner, _ in d.walk(one)):
                return search(one, caught or one.id in hosts)
        return False

    return search(process, caught=False)


@settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
@given(process=models(), n=st.integers(0, 5), chance=st.randoms(use_true_random=False), restarts=st.booleans())
def test_both_do_the_same(process: d.Process, n: int, chance: st.DataObject, restarts: bool) -> None:
    scenario = Scenario(restarts=restarts)
    scenario.deploy(process)
    run, reference = scenario.start("p", {"n": n}), Reference(process, {"n": n})
    for _ in range(_ANSWERS_MAX):
        compare(run, reference)
        if not scenario.jobs:
            return
        job = chance.choice(sorted(scenario.jobs))  # type: ignore[attr-defined]
        if catches_errors(process, job) and chance.random() < 0.2:  # type: ignore[attr-defined]
            scenario.finish_job(job, Raised("E", ""))
            reference.complete(job, "E")
        else:
            scenario.complete_job(job)
            reference.complete(job)
