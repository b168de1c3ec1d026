"""A file with a global task, in any encoding, gets in by every way, and is checked and drawn by each."""

from pathlib import Path

import pytest
from lxml import etree

from clearance import bpmn
from clearance.bpmn.drawing import draw
from clearance.build import Definitions as BuiltFile
from clearance.checking import check_file
from clearance.compose import Application, ControlTower
from clearance.ledger.rows import Definition
from clearance.model.definition import UserTask
from clearance.showing import shown
from clearance.testing import Scenario
from clearance.views.diagram import drawable
from clearance.web.files import FileReaders

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1"]


def _built() -> BuiltFile:
    house = BuiltFile("Haus")
    process = house.process("Prüfung")
    process.calls("Prüfen lassen", process=house.shared.person("Prüfen", roles="clerk"))
    return house


def _text(*, drawn: bool) -> str:
    text = bpmn.write(_built().definitions()).decode()
    if drawn:
        return text
    diagram, end = text.index("<bpmndi:BPMNDiagram"), text.rindex("</bpmn:definitions")
    return text[:diagram] + text[end:]


@pytest.fixture(params=[(encoding, drawn) for encoding in ENCODINGS for drawn in (True, False)], ids=str)
def content(request: pytest.FixtureRequest) -> bytes:
    encoding, drawn = request.param
    declared = encoding.removesuffix("-sig").removesuffix("-le").removesuffix("-be")
    return _text(drawn=drawn).replace("'UTF-8'", f"'{declared}'", 1).encode(encoding)


@pytest.fixture
def file(content: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "prüfung.bpmn"
    path.write_bytes(content)
    return path


def _words(svg: str) -> str:
    return " ".join("".join(etree.fromstring(svg.encode()).itertext()).split())


def _started(source: BuiltFile | Path, folder: Path) -> list[Definition]:
    """What a control tower has deployed when it has started."""
    tower = ControlTower(Application(name="test", processes=(source,)), folder / "data")
    try:
        tower.start()
        return list(tower.stores[0].definitions())
    finally:
        tower.stop()


def test_a_control_tower_deploys_and_draws_it(file: Path, tmp_path: Path) -> None:
    process, task = sorted(_started(file, tmp_path), key=lambda one: one.process, reverse=True)
    assert (process.process, task.process) == ("prufung", "prufen")
    assert "Prüfen lassen" in _words(draw(drawable(process)))
    own = _words(draw(drawable(task)))
    assert "Prüfen" in own
    assert "lassen" not in own, "the task is drawn by itself"


def test_the_web_deploys_it_and_what_it_keeps_can_be_read_again(content: bytes) -> None:
    process, task = FileReaders().processes(content, "prüfung.bpmn")
    assert (process.process.id, task.process.id) == ("prufung", "prufen")
    kept = bpmn.read(process.xml.encode())
    assert kept.processes[0] == process.process
    assert bpmn.read(task.xml.encode()).processes[0].id == "prufen"


def test_a_scenario_runs_it(content: bytes, file: Path) -> None:
    for source in (content, file):
        scenario = Scenario()
        assert scenario.deploy(source) == ["prufung", "prufen"]
        run = scenario.start("prufung")
        assert [task.name for task in scenario.tasks] == ["Prüfen"]
        scenario.answer("prufen_task", option="done")
        assert run.state == "completed"


def test_it_is_checked_and_shown(content: bytes, file: Path, tmp_path: Path) -> None:
    assert check_file(file) == []
    assert "Prüfen lassen" in _words(shown(str(file), tmp_path).svg())
    assert "Prüfen lassen" in _words(draw(content))


def test_a_file_is_kept_as_it_is_whatever_it_was_encoded_in() -> None:
    text = _text(drawn=True)
    for encoding in ENCODINGS:
        declared = encoding.removesuffix("-sig").removesuffix("-le").removesuffix("-be")
        written = text.replace("'UTF-8'", f"'{declared}'", 1).encode(encoding)
        kept = bpmn.text_of(written)
        expected = text if declared == "utf-8" else text.replace(" encoding='UTF-8'", "")
        assert kept is not None
        assert kept.replace("'utf-8'", "'UTF-8'") == expected, encoding
    assert bpmn.text_of(text.replace("UTF-8", "klingon", 1).encode()) is None
    assert bpmn.text_of(b"\xff\xfe\xff") is None


def test_what_the_builder_wrote_gets_in_with_its_shared_tasks(tmp_path: Path) -> None:
    assert {one.process for one in _started(_built(), tmp_path)} == {"prufung", "prufen"}


def test_a_mistake_in_a_global_task_is_found_before_it_runs(tmp_path: Path) -> None:
    definitions = _built().definitions()
    (task,) = definitions.global_tasks
    assert isinstance(task, UserTask)
    text = bpmn.write(definitions).decode().replace('candidateGroups="clerk"', 'candidateGroups="= clerk +"')
    path = tmp_path / "wrong.bpmn"
    path.write_text(text)
    (finding,) = check_file(path)
    assert finding.severity == "error"
    assert "Prüfen" in finding.text


SKETCH = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t" id="d">
<process id="customer" isExecutable="false"><exclusiveGateway id="g"/><task id="a"/><task id="b"/>
<sequenceFlow id="f1" sourceRef="g" targetRef="a"/><sequenceFlow id="f2" sourceRef="g" targetRef="b"/></process>
<process id="p" isExecutable="{}"><startEvent id="s"/><endEvent id="e"/>
<sequenceFlow id="f" sourceRef="s" targetRef="e"/></process></definitions>"""


def test_a_pool_that_is_not_executable_is_left_out_beside_one_that_is(tmp_path: Path) -> None:
    path = tmp_path / "pools.bpmn"
    path.write_text(SKETCH.format("true"))
    assert check_file(path) == []
    assert [one.process for one in _started(path, tmp_path)] == ["p"]
    assert [one.process.id for one in FileReaders().processes(path.read_bytes(), "pools.bpmn")] == ["p"]
    assert Scenario().deploy(path) == ["p"]


def test_where_nothing_is_executable_all_is_meant(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no condition"):
        FileReaders().processes(SKETCH.format("false").encode(), "pools.bpmn")


LOOSE = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t" id="d">
<process id="p" isExecutable="true"><manualTask id="a"/><userTask id="b"/><parallelGateway id="j"/>
<subProcess id="inner"><manualTask id="c"/><manualTask id="d"/></subProcess>
<sequenceFlow id="f1" sourceRef="a" targetRef="j"/><sequenceFlow id="f2" sourceRef="b" targetRef="j"/>
<sequenceFlow id="f3" sourceRef="j" targetRef="inner"/></process></definitions>"""


def test_a_process_without_start_events_is_deployed_and_begins_at_all_that_nothing_leads_to(tmp_path: Path) -> None:
    path = tmp_path / "loose.bpmn"
    path.write_text(LOOSE)
    assert {finding.severity for finding in check_file(path)} == {"warning"}
    assert [one.process for one in _started(path, tmp_path)] == ["p"]
    scenario = Scenario()
    scenario.deploy(path)
    run = scenario.start("p")
    assert run.active == ["b"]
    scenario.answer("b")
    assert run.state == "completed"
    assert sorted(run.path) == ["a", "b", "c", "d", "inner", "j"]
