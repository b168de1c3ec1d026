"""Correlation by properties (8.4.2): messages find their conversation by what they say, without a key."""

from clearance.model import definition as d
from clearance.testing import Scenario
from clearance.testing.scenario import Run


def key(binding: str = "") -> tuple[d.Correlation, ...]:
    """Orders are known by their number; each message calls it differently."""
    number = d.CorrelationProperty(
        id="number", retrievals=(("ordered", "=order"), ("paid", "=invoice.order")), binding=binding
    )
    return (d.Correlation(id="about", properties=(number,)),)


def shop(*, start: d.EventDefinition | None, binding: str = "") -> d.Process:
    return d.Process(
        id="shop",
        elements=(
            d.StartEvent(id="s", definition=start),
            d.IntermediateCatchEvent(id="w", definition=d.MessageDefinition(name="paid")),
            d.ServiceTask(id="ship", job=d.JobDefinition(type="ship")),
        ),
        flows=(d.Flow(id="f1", source="s", target="w"), d.Flow(id="f2", source="w", target="ship")),
        correlations=key(binding),
    )


def active(runs: list[Run]) -> list[list[str]]:
    return [run.active for run in runs]


def test_the_first_message_says_which_conversation_an_instance_is_in() -> None:
    scenario = Scenario(restarts=True)
    scenario.deploy(shop(start=d.MessageDefinition(name="ordered")))
    for number in (1, 2, 3):
        scenario.publish("ordered", variables={"order": number})
    scenario.publish("paid", variables={"invoice": {"order": 2}})
    assert active(scenario.runs) == [["w"], ["ship"], ["w"]]
    scenario.publish("paid", variables={"invoice": {"order": 9}})
    assert active(scenario.runs) == [["w"], ["ship"], ["w"]]


def test_an_instance_knows_its_conversation_by_its_variables() -> None:
    scenario = Scenario()
    scenario.deploy(shop(start=None, binding="=number"))
    runs = [scenario.start("shop", {"number": number}) for number in (1, 2)]
    scenario.publish("paid", variables={"invoice": {"order": 2}})
    assert active(runs) == [["w"], ["ship"]]


def test_a_message_that_comes_early_waits_for_its_conversation() -> None:
    scenario = Scenario()
    scenario.deploy(shop(start=None, binding="=number"))
    scenario.publish("paid", variables={"invoice": {"order": 2}}, time_to_live="PT1H")
    runs = [scenario.start("shop", {"number": number}) for number in (1, 2)]
    assert active(runs) == [["w"], ["ship"]]


def test_who_knows_nothing_yet_takes_the_first_message() -> None:
    scenario = Scenario()
    scenario.deploy(shop(start=None))
    run = scenario.start("shop")
    scenario.publish("paid", variables={"invoice": {"order": 5}})
    assert run.active == ["ship"]


def test_what_an_instance_sends_says_it_too_and_the_answer_finds_it() -> None:
    asks = d.Process(
        id="buyer",
        elements=(
            d.StartEvent(id="s"),
            d.IntermediateThrowEvent(id="t", definition=d.MessageDefinition(name="ordered")),
            d.IntermediateCatchEvent(id="w", definition=d.MessageDefinition(name="paid")),
            d.ServiceTask(id="a", job=d.JobDefinition(type="a")),
        ),
        flows=tuple(
            d.Flow(id=f"{one}_{other}", source=one, target=other) for one, other in (("s", "t"), ("t", "w"), ("w", "a"))
        ),
        correlations=key(),
    )
    scenario = Scenario()
    scenario.deploy(asks)
    runs = [scenario.start("buyer", {"order": number}) for number in (1, 2)]
    scenario.publish("paid", variables={"invoice": {"order": 1}})
    assert active(runs) == [["a"], ["w"]]


def test_who_knows_nothing_yet_finds_what_was_said_before_and_each_message_one_of_them() -> None:
    scenario = Scenario(restarts=True)
    scenario.deploy(shop(start=None))
    for number in (5, 6):
        scenario.publish("paid", variables={"invoice": {"order": number}}, time_to_live="PT1H")
    scenario.publish("paid", "a key of its own", {"invoice": {"order": 7}}, time_to_live="PT1H")
    runs = [scenario.start("shop") for _ in range(3)]
    assert active(runs) == [["ship"], ["ship"], ["w"]]
    assert [run.variables["invoice"]["order"] for run in runs[:2]] == [5, 6]


def test_what_was_said_too_long_ago_is_not_found() -> None:
    scenario = Scenario()
    scenario.deploy(shop(start=None))
    scenario.publish("paid", variables={"invoice": {"order": 5}}, time_to_live="PT1H")
    scenario.advance("PT2H")
    assert scenario.start("shop").active == ["w"]


def test_one_that_has_found_its_conversation_waits_for_no_other_any_longer() -> None:
    number = d.CorrelationProperty(id="number", retrievals=(("paid", "=order"), ("packed", "=order")))
    names = ("paid", "packed")
    both = d.Process(
        id="both",
        elements=(
            d.StartEvent(id="s"),
            d.ParallelGateway(id="split"),
            *(d.IntermediateCatchEvent(id=name, definition=d.MessageDefinition(name=name)) for name in names),
            d.ParallelGateway(id="join"),
            d.ServiceTask(id="ship", job=d.JobDefinition(type="ship")),
        ),
        flows=(
            d.Flow(id="f", source="s", target="split"),
            *(d.Flow(id=f"to_{name}", source="split", target=name) for name in names),
            *(d.Flow(id=f"from_{name}", source=name, target="join") for name in names),
            d.Flow(id="g", source="join", target="ship"),
        ),
        correlations=(d.Correlation(id="about", properties=(number,)),),
    )
    scenario = Scenario(restarts=True)
    scenario.deploy(both)
    run = scenario.start("both")
    scenario.publish("paid", variables={"order": 1})
    scenario.publish("packed", variables={"order": 2}, time_to_live="PT1H")
    assert run.active == ["packed"], "that was another order's"
    other = scenario.start("both")
    assert other.active == ["paid"], "it has taken the other order's"
    scenario.publish("packed", variables={"order": 1})
    assert run.active == ["ship"]
