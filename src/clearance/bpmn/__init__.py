"""BPMN 2.0 XML in and out, its layout, and what can be said of it before it runs."""

from clearance.bpmn.check import check
from clearance.bpmn.deploying import to_deploy
from clearance.bpmn.elements.global_task import process_of_global_task, with_global_tasks
from clearance.bpmn.encodings import text_of
from clearance.bpmn.errors import BpmnFileError
from clearance.bpmn.findings import Finding, Severity, TraceStep
from clearance.bpmn.layout import layout
from clearance.bpmn.read import lines, read
from clearance.bpmn.soundness.picture import picture
from clearance.bpmn.validate import validate
from clearance.bpmn.write import write

__all__ = [
    "BpmnFileError",
    "Finding",
    "Severity",
    "TraceStep",
    "check",
    "layout",
    "lines",
    "picture",
    "process_of_global_task",
    "read",
    "text_of",
    "to_deploy",
    "validate",
    "with_global_tasks",
    "write",
]
