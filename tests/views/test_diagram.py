"""Where an instance stands is told from its ledger alone, and drawn on the version on which it runs."""

import pytest
from lxml import etree

from clearance.bpmn.drawing import Standing
from clearance.build import Process
from clearance.testing import Scenario
from clearance.views.diagram import NoSuchInstance, diagram, standing


def claim() -> Process:
    p = Process("Claim")
    p.starts("Go")
    p.service("Read", does="read")
    p.service("Check each", does="check", for_each="page in pages")
    with p.choose("Right?") as right:
        with right.when("no", "wrong"):
            p.goto("Read")
        with right.otherwise("yes"):
            pass
    p.service("Pay", does="pay")
    p.person("Look", roles="clerk")
    return p


def tokens_of(scenario: Scenario, key: int):
    return standing(scenario.store, scenario._shard.registry, key)[1]


def run(pay) -> tuple[Scenario, int]:
    scenario = Scenario()
    scenario.deploy(claim())
    reads: list[int] = []
    scenario.worker("read", lambda job: reads.append(1) or {"wrong": len(reads) < 3})
    scenario.worker("check", lambda job: {})
    scenario.worker("pay", pay)
    return scenario, scenario.start("claim", {"pages": [1, 2]}).key


def test_what_is_active_and_how_often_the_rest_was_done():
    scenario, key = run(lambda job: {})
    tokens = tokens_of(scenario, key)
    assert tokens.elements["look"] == Standing(active=1)
    assert tokens.elements["read"] == Standing(completed=3)
    assert tokens.elements["check-each"] == Standing(completed=6)
    assert tokens.flows["right-to-read"] == 2
    assert tokens.flows["right-to-pay"] == 1
    assert "claim" not in tokens.elements


def test_an_incident_stands_on_its_element():
    def broken(job):
        raise RuntimeError("the bank is closed")

    scenario, key = run(broken)
    tokens = tokens_of(scenario, key)
    assert tokens.elements["pay"] == Standing(active=1, incidents=1)
    part = next(
        part
        for part in etree.fromstring(diagram(scenario.store, scenario._shard.registry, key)).iter("{*}g")
        if part.get("data-element") == "pay"
    )
    assert b"#c92a2a" in etree.tostring(part)


def test_an_instance_that_has_ended_shows_its_path():
    p = Process("Short")
    p.service("Work", does="work")
    scenario = Scenario()
    scenario.deploy(p)
    scenario.worker("work", lambda job: {})
    tokens = tokens_of(scenario, scenario.start("short").key)
    assert {name: found.completed for name, found in tokens.elements.items()} == {"start": 1, "work": 1, "end": 1}
    assert not any(found.active for found in tokens.elements.values())


def test_an_instance_that_is_not_there_is_named():
    scenario, _ = run(lambda job: {})
    with pytest.raises(NoSuchInstance, match="there is no process instance 42"):
        tokens_of(scenario, 42)
