"""``clearance check`` on process files: what it prints, what it says as JSON, how it ends; and the same at deploy."""

import json
import logging
from pathlib import Path

import pytest

from clearance import bpmn
from clearance.compose import Application, ConfigurationError, ControlTower
from clearance.model.definition import Definitions, Process
from clearance.web.files import FileReaders
from tests.bpmn.soundness.drawn import both, process, xor
from tests.test_cli import call

STUCK = process(
    "start -> which, which -[x > 1]> a, which -> b, a -> join, b -> join, join -> end",
    xor("which", "which_b"),
    both("join"),
)
TWICE = process("start -> fork, fork -> a, fork -> b, a -> m, b -> m, m -> c, c -> end", both("fork"), xor("m"))
FINE = process("start -> a, a -> end")


def written(folder: Path, drawn: Process, name: str = "drawn.bpmn") -> Path:
    path = folder / name
    path.write_bytes(bpmn.write(Definitions(id="d", processes=(drawn,))))
    return path


def test_an_error_is_drawn_with_the_way_that_leads_there(monkeypatch, capsys, tmp_path):
    code, said = call(monkeypatch, capsys, "check", str(written(tmp_path, STUCK)))
    assert code == 2
    assert "error" in said
    assert "◇ which → A │ A ✗ join: waits for ever; has flow a_join" in said


def test_a_warning_leaves_the_exit_code_alone(monkeypatch, capsys, tmp_path):
    code, said = call(monkeypatch, capsys, "check", str(written(tmp_path, TWICE)))
    assert code == 0
    assert 'after "fork" come together here unjoined' in said


def test_json_has_every_field_of_every_finding(monkeypatch, capsys, tmp_path):
    stuck, fine = written(tmp_path, STUCK), written(tmp_path, FINE, "fine.bpmn")
    code, said = call(monkeypatch, capsys, "check", "--json", str(stuck), str(fine))
    assert code == 2
    first, second = json.loads(said)
    assert (second["file"], second["findings"]) == (str(fine), [])
    (finding,) = first["findings"]
    assert (finding["severity"], finding["rule"], finding["element"]) == ("error", "deadlock", "join")
    assert finding["line"] == bpmn.lines(stuck)["join"]
    assert [step["element"] for step in finding["trace"]] == ["start", "which", "a", "join"]
    assert finding["trace"][1]["flow"] == "which_a"


def test_brackets_of_an_expression_are_printed_as_they_are(monkeypatch, capsys, tmp_path):
    broken = process("start -> x, x -[n in [1..]> a, x -> b, a -> end, b -> end", xor("x", "x_b"))
    code, said = call(monkeypatch, capsys, "check", str(written(tmp_path, broken)))
    assert code == 2
    assert "n in [1.." in said


def test_what_cannot_run_is_refused_by_name_line_and_reason(tmp_path):
    path = written(tmp_path, STUCK)
    tower = ControlTower(Application(name="test", processes=(path,)), tmp_path / "data")
    try:
        with pytest.raises(ConfigurationError, match=r"p cannot be deployed: error: line \d+, join: it waits for ever"):
            tower.start()
    finally:
        tower.stop()


def test_what_may_go_wrong_is_deployed_and_logged(tmp_path, caplog):
    tower = ControlTower(Application(name="test", processes=(written(tmp_path, TWICE),)), tmp_path / "data")
    with caplog.at_level(logging.WARNING, logger="clearance"):
        try:
            tower.start()
        finally:
            tower.stop()
    assert any("unjoined" in record.getMessage() for record in caplog.records)


def test_the_reader_of_uploads_refuses_errors_and_hands_on_warnings(tmp_path):
    readers = FileReaders()
    with pytest.raises(ValueError, match=r"stuck\.bpmn: error: .*join: it waits for ever"):
        readers.processes(written(tmp_path, STUCK).read_bytes(), "stuck.bpmn")
    (twice,) = readers.processes(written(tmp_path, TWICE).read_bytes(), "twice.bpmn")
    assert len(twice.warnings) == 1
    (fine,) = readers.processes(written(tmp_path, FINE).read_bytes(), "fine.bpmn")
    assert fine.warnings == ()


RULES = (
    *("deadlock", "lack-of-synchronisation", "endless", "dead-element", "soundness-unknown", "loop-without-wait"),
    *("conditions-overlap", "conditions-hidden", "conditions-never", "conditions-gap"),
    *("variable-too-early", "variable-misspelt", "variable-unset"),
)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_documented(rule):
    assert f"`{rule}`" in (Path(__file__).parent.parent / "docs" / "checking.md").read_text()


ROUTING = """\
F,inputs,,outputs
,reading.kind,invoice.totals.gross,Route
type,text,number,text
1,{cell},-,look
2,-,-,pay
"""


def test_a_word_that_a_table_takes_for_a_name_is_an_error_with_its_cell(monkeypatch, capsys, tmp_path):
    path = tmp_path / "routing.csv"
    path.write_text(ROUTING.format(cell="not(invoice)"))
    code, said = call(monkeypatch, capsys, "check", str(path))
    assert code == 2
    assert 'routing.csv, sheet "routing", cell B4, rule 1: not(invoice) is in a column of texts' in said
    assert 'Write not("invoice") if the text is meant' in said
    path.write_text(ROUTING.format(cell='not("invoice")'))
    code, said = call(monkeypatch, capsys, "check", str(path))
    assert code == 0
