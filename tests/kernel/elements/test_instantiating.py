"""What starts an instance besides start events: receive tasks, and gateways whose events do (10.3.3.4, 10.6.6)."""

import pytest

from clearance.model.definition import (
    EndEvent,
    EventBasedGateway,
    Flow,
    IntermediateCatchEvent,
    MessageDefinition,
    ParallelGateway,
    Process,
    ReceiveTask,
)
from clearance.testing import Scenario


def flow(source: str, target: str) -> Flow:
    return Flow(id=f"{source}_{target}", source=source, target=target)


def caught(name: str) -> IntermediateCatchEvent:
    return IntermediateCatchEvent(id=name, definition=MessageDefinition(name=name, correlation_key="=order"))


def begun_by_gateway(*, parallel: bool) -> Scenario:
    scenario = Scenario()
    scenario.deploy(
        Process(
            id="p",
            elements=(
                EventBasedGateway(id="g", instantiate=True, parallel=parallel),
                caught("ordered"),
                caught("paid"),
                *((ParallelGateway(id="join"),) if parallel else ()),
                EndEvent(id="e"),
            ),
            flows=(
                flow("g", "ordered"),
                flow("g", "paid"),
                *(
                    (flow("ordered", "join"), flow("paid", "join"), flow("join", "e"))
                    if parallel
                    else (flow("ordered", "e"), flow("paid", "e"))
                ),
            ),
        )
    )
    return scenario


def test_a_receive_task_starts_an_instance_with_what_its_message_brings() -> None:
    scenario = Scenario()
    task = ReceiveTask(id="r", message=MessageDefinition(name="ordered"), instantiate=True)
    scenario.deploy(Process(id="p", elements=(task, EndEvent(id="e")), flows=(flow("r", "e"),)))
    scenario.publish("ordered", "A", {"order": "A"})
    (run,) = scenario.runs
    assert (run.path, run.variables, run.state) == (["r", "e"], {"order": "A"}, "completed")


def test_after_an_instantiating_gateway_the_first_event_decides() -> None:
    scenario = begun_by_gateway(parallel=False)
    scenario.publish("paid", "A", {"order": "A"})
    (run,) = scenario.runs
    assert (run.path, run.state) == (["paid", "e"], "completed")


@pytest.mark.parametrize("first", ["ordered", "paid"])
def test_after_a_parallel_one_the_same_instance_waits_for_the_other_event(first: str) -> None:
    other = "paid" if first == "ordered" else "ordered"
    scenario = begun_by_gateway(parallel=True)
    scenario.publish(first, "A", {"order": "A"})
    scenario.publish(other, "B", {"order": "B"})
    assert [run.state for run in scenario.runs] == ["active", "active"]
    scenario.publish(other, "A", {"order": "A"})
    assert [run.state for run in scenario.runs] == ["completed", "active"]
    assert scenario.runs[0].path == [first, other, "join", "e"]


def test_what_starts_the_process_has_nothing_before_it() -> None:
    task = ReceiveTask(id="r", message=MessageDefinition(name="ordered"), instantiate=True)
    process = Process(id="p", elements=(task, EndEvent(id="e")), flows=(flow("r", "e"), flow("r", "r")))
    with pytest.raises(ValueError, match="no flow may lead to it"):
        Scenario().deploy(process)
