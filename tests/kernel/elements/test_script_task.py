"""Script tasks (10.3.3.7) without a result variable."""

from clearance.model.definition import EndEvent, Flow, Process, ScriptTask, StartEvent
from clearance.testing import Scenario


def test_the_entries_of_a_context_become_variables_when_no_result_is_named() -> None:
    scenario = Scenario()
    script = ScriptTask(id="t", expression="={net: 100, gross: net * 1.2}")
    flows = (Flow(id="1", source="s", target="t"), Flow(id="2", source="t", target="e"))
    scenario.deploy(Process(id="p", elements=(StartEvent(id="s"), script, EndEvent(id="e")), flows=flows))
    assert scenario.start("p").variables == {"net": 100, "gross": 120}
