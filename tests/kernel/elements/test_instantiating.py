"""What begins an instance besides start events: receive tasks, event-based gateways, nothing (10.5.2, 13.4.4)."""

from clearance.model import definition as d
from clearance.testing import Scenario


def service(name: str) -> d.ServiceTask:
    return d.ServiceTask(id=name, job=d.JobDefinition(type=name))


def catch(name: str, key: str = "") -> d.IntermediateCatchEvent:
    return d.IntermediateCatchEvent(id=name, definition=d.MessageDefinition(name=name, correlation_key=key))


def flows(*pairs: tuple[str, str]) -> tuple[d.Flow, ...]:
    return tuple(d.Flow(id=f"{source}_{target}", source=source, target=target) for source, target in pairs)


def gateway(*, parallel: bool, key: str = "") -> d.Process:
    return d.Process(
        id="p",
        elements=(
            d.EventBasedGateway(id="g", instantiate=True, parallel=parallel),
            catch("order", key),
            catch("payment", key),
            service("a"),
            service("b"),
            d.EndEvent(id="e"),
        ),
        flows=flows(("g", "order"), ("g", "payment"), ("order", "a"), ("payment", "b"), ("a", "e"), ("b", "e")),
    )


def test_a_receive_task_starts_an_instance_with_its_message() -> None:
    scenario = Scenario()
    task = d.ReceiveTask(id="r", message=d.MessageDefinition(name="order"), instantiate=True)
    scenario.deploy(d.Process(id="p", elements=(task, service("a")), flows=flows(("r", "a"))))
    scenario.publish("order", variables={"n": 1})
    (run,) = scenario.runs
    assert run.path == ["r"]
    assert run.active == ["a"]
    assert run.variables == {"n": 1}


def test_the_first_event_after_a_gateway_starts_it_and_the_others_start_their_own() -> None:
    scenario = Scenario()
    scenario.deploy(gateway(parallel=False))
    scenario.publish("payment")
    scenario.publish("order")
    assert [run.active for run in scenario.runs] == [["b"], ["a"]]
    assert scenario.runs[0].path == ["g", "payment"]


def test_after_a_parallel_gateway_all_events_belong_to_one_instance() -> None:
    scenario = Scenario()
    scenario.deploy(gateway(parallel=True, key="=number"))
    scenario.publish("order", "7", {"number": "7"})
    (run,) = scenario.runs
    assert run.active == ["g", "a"]
    scenario.complete_job("a")
    assert run.state == "active", "the payment is still to come"
    scenario.publish("payment", "7")
    assert [one.key for one in scenario.runs] == [run.key]
    assert run.active == ["b"]
    scenario.complete_job("b")
    assert run.state == "completed"
    assert sorted(run.path) == ["a", "b", "e", "e", "g", "order", "payment"]


def test_a_parallel_gateway_begins_with_any_of_its_events() -> None:
    scenario = Scenario(restarts=True)
    scenario.deploy(gateway(parallel=True, key="=number"))
    scenario.publish("payment", "8", {"number": "8"})
    scenario.publish("order", "8")
    (run,) = scenario.runs
    assert sorted(run.active) == ["a", "b"]


def test_a_process_without_a_start_event_begins_where_nothing_leads_to() -> None:
    scenario = Scenario()
    elements = (service("a"), service("b"), service("c"), d.ParallelGateway(id="j"))
    scenario.deploy(d.Process(id="p", elements=elements, flows=flows(("a", "j"), ("b", "j"), ("j", "c"))))
    run = scenario.start("p")
    assert run.active == ["a", "b"]
    scenario.complete_job("a")
    scenario.complete_job("b")
    assert run.active == ["c"]


def test_a_sub_process_without_a_start_event_does_so_too() -> None:
    scenario = Scenario()
    sub = d.SubProcess(id="sub", elements=(service("a"), service("b")))
    elements = (d.StartEvent(id="s"), sub, d.EndEvent(id="e"))
    scenario.deploy(d.Process(id="p", elements=elements, flows=flows(("s", "sub"), ("sub", "e"))))
    run = scenario.start("p")
    assert run.active == ["sub", "a", "b"]
    scenario.complete_job("a")
    scenario.complete_job("b")
    assert run.state == "completed"
