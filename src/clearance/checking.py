"""What ``clearance check`` says of a file: one kind of finding for processes, decisions and policies."""

from pathlib import Path

import msgspec

from clearance import bpmn, dmn, feel
from clearance.engine.languages import Feel
from clearance.governance import check_policies
from clearance.kernel.compile import CompileError, compile_process


class Finding(msgspec.Struct, frozen=True):
    severity: str
    """error or warning."""
    text: str


def check_file(path: Path) -> list[Finding]:
    """All that is wrong with the file; raises ValueError when nobody can say what it is."""
    if path.is_dir():
        return _policies(path)
    if path.suffix in (".bpmn", ".xml"):
        return _process(path)
    if path.suffix in (".dmn", ".xlsx", ".csv"):
        return _decisions(path)
    raise ValueError(f"{path}: give a .bpmn, .dmn, .xlsx or .csv file, or a folder of .cedar files")


def _process(path: Path) -> list[Finding]:
    try:
        definitions = bpmn.read(path)
    except bpmn.BpmnFileError as error:
        return [Finding("error", str(error))]
    lines = bpmn.lines(path)
    found: list[Finding] = []
    for process in definitions.processes:
        findings = bpmn.validate(process, feel.compile, lines)
        found.extend(Finding(str(finding.severity), str(finding)) for finding in findings)
        if any(finding.severity == "error" for finding in findings):
            continue
        try:
            compile_process(process, Feel())
        except CompileError as error:
            found.append(Finding("error", str(error)))
    return found


def _decisions(path: Path) -> list[Finding]:
    try:
        return [Finding(str(finding.severity), str(finding)) for finding in dmn.check(dmn.read(path))]
    except dmn.DmnError as error:
        return [Finding("error", str(error))]


def _policies(path: Path) -> list[Finding]:
    return [Finding("error", str(finding)) for finding in check_policies(path)]
