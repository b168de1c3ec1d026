"""Conditions that processes start on, over HTTP."""

import pytest

from clearance.model import definition as d
from clearance.model.commands import Answer, DeployProcess
from clearance.web.files import xml_of

from .conftest import House
from .tower import data

PATH = "/v2/conditionals/evaluation"


def _on(condition: str, *names: str, identifier: str = "restock") -> d.Process:
    return d.Process(
        id=identifier,
        elements=(
            d.StartEvent(
                id="low", definition=d.ConditionalDefinition(condition=condition, variable_names=tuple(names))
            ),
            d.UserTask(id="order", assignment=d.Assignment(candidate_groups="clerk")),
            d.EndEvent(id="end"),
        ),
        flows=(d.Flow(id="f1", source="low", target="order"), d.Flow(id="f2", source="order", target="end")),
    )


def _deploy(house: House, process: d.Process) -> str:
    xml = xml_of(d.Definitions(id="file", processes=(process,)))
    deployed = house.engine.ask(DeployProcess(process=process, xml=xml))
    assert isinstance(deployed, Answer), deployed
    house.settle()
    return str(deployed.key)


def test_what_waits_for_a_condition_that_holds_starts_with_the_variables(house: House) -> None:
    restock = _deploy(house, _on("= stock < 5"))
    _deploy(house, _on("= stock > 5", identifier="sell"))
    answer = data(house.client("cora").post(PATH, json={"variables": {"stock": 3}}))
    assert answer["tenantId"] == "<default>"
    assert int(answer["conditionalEvaluationKey"]) > 0
    (started,) = answer["processInstances"]
    assert started["processDefinitionKey"] == restock
    house.settle()
    body = {"filter": {"processInstanceKey": started["processInstanceKey"]}}
    (variable,) = data(house.client("cora").post("/v2/variables/search", json=body))["items"]
    assert (variable["name"], variable["value"]) == ("stock", "3")


def test_nothing_starts_where_nothing_holds_and_each_evaluation_has_its_own_key(house: House) -> None:
    _deploy(house, _on("= stock < 5"))
    answers = [data(house.client("cora").post(PATH, json={"variables": {"stock": 9}})) for _ in range(2)]
    assert [answer["processInstances"] for answer in answers] == [[], []]
    assert len({answer["conditionalEvaluationKey"] for answer in answers}) == 2


def test_one_definition_may_be_named_and_an_earlier_version_waits_no_longer(house: House) -> None:
    first = _deploy(house, _on("= stock < 5"))
    _deploy(house, _on("= stock < 5", identifier="other"))
    second = _deploy(house, _on("= stock < 7"))

    def started(key: str) -> list[str]:
        body = {"variables": {"stock": 1}, "processDefinitionKey": key}
        found = data(house.client("cora").post(PATH, json=body))["processInstances"]
        return [one["processDefinitionKey"] for one in found]

    assert started(second) == [second]
    assert started(first) == []


def test_a_condition_that_names_variables_is_looked_at_only_when_one_of_them_is_given(house: House) -> None:
    _deploy(house, _on("= true", "stock"))
    cora = house.client("cora")
    assert data(cora.post(PATH, json={"variables": {"price": 1}}))["processInstances"] == []
    assert len(data(cora.post(PATH, json={"variables": {"stock": 1}}))["processInstances"]) == 1


def test_who_may_not_start_one_of_them_starts_none(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    _deploy(house, _on("= stock < 5"))
    _deploy(house, _on("= stock < 6", identifier="other"))
    allowed = ["restock"]
    monkeypatch.setattr(house.app.state.tower.access, "processes", lambda account, action: allowed)
    refused = house.client("cora").post(PATH, json={"variables": {"stock": 1}})
    assert refused.status_code == 403
    assert "other" in refused.json()["detail"]
    house.settle()
    assert not house.store.at_work()
    assert data(house.client("ada").post("/v2/user-tasks/search", json={}))["items"] == []
    only_other = house.client("cora").post(PATH, json={"variables": {"stock": 5}})
    assert only_other.status_code == 403


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({}, 400, "variables"),
        ({"variables": {}, "extra": 1}, 400, "extra"),
        ({"variables": {}, "processDefinitionKey": "123"}, 404, "123"),
        ({"variables": {}, "processDefinitionKey": "x"}, 400, "processDefinitionKey"),
        ({"variables": {}, "tenantId": "elsewhere"}, 403, "elsewhere"),
    ],
)
def test_mistakes_are_told(body: dict[str, object], status: int, told: str, house: House) -> None:
    refused = house.client("cora").post(PATH, json=body)
    assert refused.status_code == status, refused.text
    assert told in refused.json()["detail"]


def test_an_auditor_starts_nothing(house: House) -> None:
    _deploy(house, _on("= stock < 5"))
    assert house.client("olga").post(PATH, json={"variables": {"stock": 1}}).status_code == 403
