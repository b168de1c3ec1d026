"""What ``clearance check`` says of a file: one kind of finding for processes, decisions and policies."""

from pathlib import Path

import msgspec

from clearance import bpmn, dmn
from clearance.engine.languages import Feel
from clearance.governance import check_policies
from clearance.kernel.compile import CompileError, compile_process


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a file; of processes also where exactly, and how one gets there."""

    severity: str
    """error or warning."""
    text: str
    """All of it in one line, for a person."""
    rule: str = ""
    element: str = ""
    name: str = ""
    line: int = 0
    message: str = ""
    remedy: str = ""
    trace: tuple[bpmn.TraceStep, ...] = ()


class Checked(msgspec.Struct, frozen=True):
    """A file with its findings, as ``--json`` prints it."""

    file: str
    findings: list[Finding]


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
        definitions = bpmn.to_deploy(bpmn.read(path))
    except bpmn.BpmnFileError as error:
        return [Finding(severity="error", text=str(error), rule="readable")]
    lines = bpmn.lines(path)
    found: list[Finding] = []
    for process in definitions.processes:
        findings = bpmn.check(process, lines)
        found.extend(_of_process(finding) for finding in findings)
        if any(finding.severity == bpmn.Severity.ERROR for finding in findings):
            continue
        try:
            compile_process(process, Feel())
        except CompileError as error:
            found.append(Finding(severity="error", text=str(error), rule="executable"))
    return found


def _of_process(finding: bpmn.Finding) -> Finding:
    return Finding(
        severity=str(finding.severity),
        text=str(finding).removeprefix(f"{finding.severity}: "),
        rule=finding.rule,
        element=finding.element,
        name=finding.name,
        line=finding.line,
        message=finding.message,
        remedy=finding.remedy,
        trace=finding.trace,
    )


def _decisions(path: Path) -> list[Finding]:
    try:
        findings = dmn.check(dmn.read(path))
    except dmn.DmnError as error:
        return [Finding(severity="error", text=str(error), rule="readable")]
    return [Finding(severity=str(each.severity), text=str(each), rule=each.kind) for each in findings]


def _policies(path: Path) -> list[Finding]:
    if not any(path.glob("*.cedar")):
        raise ValueError(f"{path} has no .cedar files: give a folder of policies, or a file")
    return [Finding(severity="error", text=str(finding), rule="policy") for finding in check_policies(path)]
