"""Reads the files that people deploy: BPMN, DMN, spreadsheets."""

from collections.abc import Mapping, Sequence

from clearance import bpmn, dmn
from clearance.model.definition import Definitions, Process
from clearance.web.ports import DecisionName, Deployable


class FileReaders:
    """The readers that the house has; errors name file, element and remedy."""

    def processes(self, content: bytes, name: str) -> Sequence[Deployable]:
        """Every process of a BPMN file; one that nobody has drawn gets a layout."""
        try:
            definitions = bpmn.to_deploy(bpmn.read(content))
        except bpmn.BpmnFileError as error:
            raise ValueError(str(error).replace("BPMN file", name, 1)) from error
        lines = bpmn.lines(content)
        warnings = [_checked(process, lines, name) for process in definitions.processes]
        texts = texts_of(definitions, content)
        return [Deployable(*each) for each in zip(definitions.processes, texts, warnings, strict=True)]

    def decisions(self, content: bytes, name: str) -> Sequence[DecisionName]:
        model = dmn.read(content, name=name)
        return [DecisionName(decision.id or decision.name, decision.name) for decision in model.definitions.decisions]


def _checked(process: Process, lines: Mapping[str, int], name: str) -> tuple[str, ...]:
    """The warnings of a process; raises ValueError with its errors."""
    findings = bpmn.check(process, lines)
    errors = [str(finding) for finding in findings if finding.severity == bpmn.Severity.ERROR]
    if errors:
        raise ValueError(f"{name}: {' '.join(errors)}")
    return tuple(str(finding) for finding in findings)


def xml_of(definitions: Definitions, index: int = 0) -> str:
    """BPMN XML of one process with a layout of ours."""
    process = definitions.processes[index]
    alone = Definitions(
        id=definitions.id,
        target_namespace=definitions.target_namespace,
        processes=(process,),
        diagram=bpmn.layout(process),
    )
    return bpmn.write(alone).decode()


def texts_of(definitions: Definitions, content: bytes) -> list[str]:
    """For each process of a file what to keep with it: the file as it is where it draws the process, else a drawing."""
    diagrams = (definitions.diagram, *definitions.further_diagrams)
    shown = {shape.element for diagram in diagrams if diagram is not None for shape in diagram.shapes}
    texts = []
    for index, process in enumerate(definitions.processes):
        drawn = any(element.id in shown for element in process.elements)
        texts.append(_whole(definitions, content) if drawn else xml_of(definitions, index))
    return texts


def _whole(definitions: Definitions, content: bytes) -> str:
    return bpmn.text_of(content) or bpmn.write(definitions).decode()
