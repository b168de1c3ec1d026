"""Data objects and associations (10.4): what goes into an activity, what comes out of it, and where it is kept."""

from clearance.testing import Scenario
from clearance.testing.scenario import Run
from tests.kernel.files import END, START, bpmn, event, message, scope, service

DATA = '<dataObject id="o1" name="order"/><dataObjectReference id="r1" dataObjectRef="o1"/>'
SPECIFICATION = (
    '<ioSpecification><dataInput id="in1" name="wanted"/><dataOutput id="out1" name="made"/>'
    "<inputSet><dataInputRefs>in1</dataInputRefs></inputSet>"
    "<outputSet><dataOutputRefs>out1</dataOutputRefs></outputSet></ioSpecification>"
)


def goes_in(source: str, target: str, inside: str = "") -> str:
    ends = f"<sourceRef>{source}</sourceRef><targetRef>{target}</targetRef>"
    return f"<dataInputAssociation>{ends}{inside}</dataInputAssociation>"


def comes_out(source: str, target: str, inside: str = "") -> str:
    sources = f"<sourceRef>{source}</sourceRef>" if source else ""
    return f"<dataOutputAssociation>{sources}<targetRef>{target}</targetRef>{inside}</dataOutputAssociation>"


def started(inside: str, **variables: object) -> Run:
    scenario = Scenario()
    scenario.deploy(bpmn(DATA + START + service("a", inside) + service("b") + END, "s -> a\na -> b\nb -> e"))
    return scenario.start("p", variables)


def given(run: Run, job: str) -> dict[str, object]:
    (release,) = (one for one in run._scenario._waiting if one.type == job)
    return dict(release.input)


def test_an_object_goes_in_under_the_name_of_the_input_and_comes_out_of_the_output() -> None:
    run = started(SPECIFICATION + goes_in("r1", "in1") + comes_out("out1", "r1"), order={"n": 1})
    assert given(run, "a")["wanted"] == {"n": 1}
    run._scenario.complete_job("a", {"made": {"n": 2}})
    assert run.variables["order"] == {"n": 2}
    assert "wanted" not in run.variables


def test_a_transformation_says_what_is_copied() -> None:
    transformation = '<transformation xsi:type="tFormalExpression">=order.n * 10</transformation>'
    run = started(SPECIFICATION + goes_in("r1", "in1", transformation), order={"n": 4})
    assert given(run, "a")["wanted"] == 40


def test_assignments_set_parts() -> None:
    assignment = '<assignment><from xsi:type="tFormalExpression">=made</from>'
    assignment += '<to xsi:type="tFormalExpression">order.total</to></assignment>'
    run = started(SPECIFICATION + comes_out("out1", "r1", assignment), order={"n": 1})
    run._scenario.complete_job("a", {"made": 5})
    assert run.variables["order"] == {"n": 1, "total": 5}


def test_an_object_that_is_not_there_yet_is_null_and_one_that_is_only_drawn_copies_nothing() -> None:
    run = started(SPECIFICATION + goes_in("r1", "in1"))
    assert given(run, "a")["wanted"] is None
    placeholder = '<property id="pp" name="__targetRef_placeholder"/>' + goes_in("r1", "pp") + comes_out("", "r1")
    run = started(placeholder, order=1)
    assert given(run, "a") == {"order": 1}
    run._scenario.complete_job("a")
    assert run.variables == {"order": 1}


def test_an_object_of_a_sub_process_is_its_own() -> None:
    inner = (
        '<dataObject id="o2" name="draft"/><startEvent id="i"/>'
        + service("a", SPECIFICATION + comes_out("out1", "o2"))
        + service("b")
        + '<endEvent id="j"/>'
    )
    scenario = Scenario()
    scenario.deploy(
        bpmn(START + scope("subProcess", "sub", inner, "i -> a\na -> b\nb -> j") + END, "s -> sub\nsub -> e")
    )
    run = scenario.start("p", {"made": None})
    scenario.complete_job("a", {"made": 7})
    assert given(run, "b")["draft"] == 7
    assert "draft" not in run.variables


def test_a_message_leaves_its_data_in_an_object() -> None:
    out = '<dataOutput id="mo" name="payload"/>' + comes_out("mo", "r1")
    scenario = Scenario()
    catch = event("intermediateCatchEvent", "w", out + "<outputSet/>" + message("paid"))
    scenario.deploy(bpmn(DATA + START + catch + END, "s -> w\nw -> e"))
    run = scenario.start("p")
    scenario.publish("paid", variables={"payload": 3})
    assert run.variables["order"] == 3
