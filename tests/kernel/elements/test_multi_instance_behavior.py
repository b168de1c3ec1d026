"""What a multi-instance activity throws to its border when inner instances complete (Table 10.26)."""

import pytest

from clearance.model.definition import (
    BoundaryEvent,
    ComplexBehavior,
    EndEvent,
    ErrorDefinition,
    EscalationDefinition,
    Flow,
    JobDefinition,
    MultiInstance,
    Process,
    ServiceTask,
    SignalDefinition,
    StartEvent,
)
from clearance.testing import Scenario

HOT = EscalationDefinition(code="hot")


def repeated(loop: MultiInstance, event: object = HOT, *, interrupting: bool = False) -> Scenario:
    scenario = Scenario()
    work = ServiceTask(id="w", job=JobDefinition(type="w"), multi_instance=loop)
    edge = BoundaryEvent(id="edge", attached_to="w", definition=event, interrupting=interrupting)  # type: ignore[arg-type]
    flows = (("s", "w"), ("w", "e"), ("edge", "e2"))
    scenario.deploy(
        Process(
            id="p",
            elements=(StartEvent(id="s"), work, edge, EndEvent(id="e"), EndEvent(id="e2")),
            flows=tuple(Flow(id=f"{a}_{b}", source=a, target=b) for a, b in flows),
        )
    )
    return scenario


@pytest.mark.parametrize(
    ("loop", "times"),
    [
        (MultiInstance(cardinality="3", behavior="None", none_event=HOT), 3),
        (MultiInstance(cardinality="3", behavior="One", one_event=HOT), 1),
        (MultiInstance(cardinality="3", behavior="All"), 0),
        (
            MultiInstance(
                cardinality="3",
                behavior="Complex",
                complex_behaviors=(ComplexBehavior(condition="=loopCounter > 1", event=HOT),),
            ),
            2,
        ),
    ],
)
def test_the_border_hears_of_inner_completions(loop: MultiInstance, times: int) -> None:
    scenario = repeated(loop)
    run = scenario.start("p")
    for _ in range(3):
        scenario.complete_job("w")
    assert (run.path.count("edge"), run.state) == (times, "completed")


@pytest.mark.parametrize("event", [ErrorDefinition(code="x"), SignalDefinition(name="sig")])
def test_an_event_that_interrupts_ends_the_other_inner_instances(event: object) -> None:
    loop = MultiInstance(cardinality="3", behavior="One", one_event=event)  # type: ignore[arg-type]
    scenario = repeated(loop, event, interrupting=True)
    run = scenario.start("p")
    scenario.complete_job("w")
    assert (run.path, run.state, scenario.jobs) == (["s", "w", "edge", "e2"], "completed", [])


def test_a_behavior_without_an_event_is_refused() -> None:
    with pytest.raises(ValueError, match="needs an error, escalation, message or signal"):
        repeated(MultiInstance(cardinality="3", behavior="One"))
