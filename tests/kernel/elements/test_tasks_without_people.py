"""The tasks that wait for nobody, or for a message only: undefined, manual, script, business rule, send and receive."""

from clearance.testing import Scenario
from tests.kernel.files import END, START, boundary, bpmn, each, event, message, timer

_TABLE = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="limit" name="limit"><variable name="limit"/>
<decisionTable hitPolicy="UNIQUE"><input id="i"><inputExpression><text>amount</text></inputExpression></input>
<output id="o"/>
<rule id="r1"><inputEntry><text>&lt; 100</text></inputEntry><outputEntry><text>"small"</text></outputEntry></rule>
<rule id="r2"><inputEntry><text>&gt;= 100</text></inputEntry><outputEntry><text>"large"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""


def _with(task: str, flows: str = "s -> t\nt -> e", keys: dict[str, str] | None = None) -> Scenario:
    scenario = Scenario()
    scenario.deploy(bpmn(START + task + END, flows, keys=keys))
    return scenario


def _script(expression: str, result: str = "r", loop: str = "") -> str:
    script = f'<zeebe:script expression="={expression}" resultVariable="{result}"/>'
    return f'<scriptTask id="t"><extensionElements>{script}</extensionElements>{loop}</scriptTask>'


def _rule(decision: str) -> str:
    called = f'<zeebe:calledDecision decisionId="{decision}" resultVariable="size"/>'
    return f'<businessRuleTask id="t"><extensionElements>{called}</extensionElements></businessRuleTask>'


def test_undefined_and_manual_tasks_pass_through() -> None:
    for task in ('<task id="t"/>', '<manualTask id="t"/>'):
        assert _with(task).start("p").path == ["s", "t", "e"]


def test_a_script_sets_its_result() -> None:
    assert _with(_script("a + 1")).start("p", {"a": 1}).variables == {"a": 1, "r": 2}


def test_a_script_once_for_each_item_gathers_its_results() -> None:
    run = _with(_script("item * item", loop=each("[1, 2, 3]", result="r"))).start("p")
    assert run.variables == {"results": [1, 4, 9]}


def test_a_script_that_reads_what_is_not_there_is_an_incident_until_it_is() -> None:
    scenario = _with(_script("a + 1"))
    run = scenario.start("p")
    (incident,) = run.incidents
    assert "there is no variable a here" in incident.message
    scenario.set_variables(run, {"a": 1})
    scenario.resolve(incident)
    assert (run.state, run.variables["r"]) == ("completed", 2)


def test_a_decision_is_taken_and_the_rule_that_fired_is_recorded() -> None:
    scenario = _with(_rule("limit"))
    scenario.deploy(_TABLE, name="limit.dmn")
    run = scenario.start("p", {"amount": 250})
    assert run.variables["size"] == "large"
    (decided,) = [event for event in run.events if type(event).__name__ == "DecisionEvaluated"]
    assert "250" in decided.rules[0]


def test_a_decision_that_is_not_deployed_is_an_incident_until_it_is() -> None:
    scenario = _with(_rule("limit"))
    run = scenario.start("p", {"amount": 1})
    (incident,) = run.incidents
    assert (incident.kind, "limit" in incident.message) == ("decision", True)
    scenario.deploy(_TABLE, name="limit.dmn")
    scenario.resolve(incident)
    assert run.variables["size"] == "small"


def test_a_receive_task_waits_for_its_message_and_its_boundary_timer_ends_the_wait() -> None:
    receive = '<receiveTask id="t" messageRef="paid"/>' + boundary("b", "t", timer("PT1H"))
    scenario = _with(receive, "s -> t\nt -> e\nb -> e", {"paid": "k"})
    reached, late = scenario.start("p", {"k": "1"}), scenario.start("p", {"k": "2"})
    scenario.publish("paid", "1")
    scenario.advance("PT1H")
    scenario.publish("paid", "2")
    assert (reached.path, late.path) == (["s", "t", "e"], ["s", "b", "e"])


def test_a_send_task_publishes_to_the_engine_itself() -> None:
    publish = '<zeebe:publishMessage correlationKey="=k" timeToLive="PT1H"/>'
    scenario = _with(f'<sendTask id="t" messageRef="paid"><extensionElements>{publish}</extensionElements></sendTask>')
    catch = event("intermediateCatchEvent", "w", message("paid"))
    scenario.deploy(bpmn(START + catch + END, "s -> w\nw -> e", identifier="q", keys={"paid": "k"}))
    scenario.start("p", {"k": "7"})
    assert scenario.start("q", {"k": "7"}).state == "completed"


def test_a_send_task_may_be_an_actors_work() -> None:
    scenario = _with(
        '<sendTask id="t"><extensionElements><zeebe:taskDefinition type="mail"/></extensionElements></sendTask>'
    )
    run = scenario.start("p")
    scenario.complete_job("mail", {"sent": True})
    assert run.variables == {"sent": True}


def test_several_tokens_pass_one_exclusive_merge_each_on_its_own() -> None:
    elements = START + '<parallelGateway id="g"/><exclusiveGateway id="m"/><task id="t"/>' + END
    scenario = Scenario()
    scenario.deploy(bpmn(elements + '<task id="u"/>', "s -> g\ng -> m\ng -> u\nu -> m\nm -> t\nt -> e"))
    run = scenario.start("p")
    assert (run.state, run.path.count("t"), run.path.count("e")) == ("completed", 2, 2)
