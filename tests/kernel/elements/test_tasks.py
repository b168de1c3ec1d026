"""Script, send and receive tasks, sub-process scopes, and compensation."""

from clearance.build import Process
from clearance.testing import Scenario


def test_a_script_computes_and_its_result_is_a_variable() -> None:
    p = Process("Sum")
    p.starts("go")
    p.computes("Add", into="total", value="a + b")
    p.ends("Done")
    scenario = Scenario()
    scenario.deploy(p)
    assert scenario.start("sum", {"a": 2, "b": 3}).variables["total"] == 5


def test_one_process_waits_for_what_is_published_even_when_it_comes_early() -> None:
    p = Process("Wait")
    p.starts("go")
    p.receives("Take it", message="parcel", key="order")
    p.ends("Done")
    scenario = Scenario()
    scenario.deploy(p)
    scenario.publish("parcel", "A1", {"weight": 3}, time_to_live="PT1H")
    run = scenario.start("wait", {"order": "A1"})
    assert (run.path, run.variables["weight"]) == (["go", "take-it", "done"], 3)
    scenario.advance("PT2H")
    assert scenario.start("wait", {"order": "A1"}).active == ["take-it"]


def test_what_was_done_is_undone_latest_first() -> None:
    undone: list[str] = []
    p = Process("Trip")
    p.starts("go")
    p.service("Book hotel", does="book").undone_by("Cancel hotel", does="cancel-hotel")
    p.service("Book flight", does="book").undone_by("Cancel flight", does="cancel-flight")
    p.undo(name="Undo all")
    p.ends("Done")
    scenario = Scenario()
    scenario.deploy(p)
    scenario.worker("book", lambda job: {})
    for kind in ("cancel-hotel", "cancel-flight"):
        scenario.worker(kind, lambda job: undone.append(job.type))
    run = scenario.start("trip")
    assert undone == ["cancel-flight", "cancel-hotel"]
    assert run.path[-2:] == ["undo-all", "done"]
