"""BPMN 2.0 XML in and out, its layout and its validation."""

from clearance.bpmn.elements.global_task import process_of_global_task, with_global_tasks
from clearance.bpmn.errors import BpmnFileError
from clearance.bpmn.findings import Finding, Severity
from clearance.bpmn.layout import layout
from clearance.bpmn.read import lines, read
from clearance.bpmn.validate import validate
from clearance.bpmn.write import write

__all__ = [
    "BpmnFileError",
    "Finding",
    "Severity",
    "layout",
    "lines",
    "process_of_global_task",
    "read",
    "validate",
    "with_global_tasks",
    "write",
]
