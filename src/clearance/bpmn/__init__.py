"""BPMN 2.0 XML in and out, its layout and its validation."""

from clearance.bpmn.errors import BpmnFileError
from clearance.bpmn.layout import layout
from clearance.bpmn.read import read
from clearance.bpmn.write import write

__all__ = ["BpmnFileError", "layout", "read", "write"]
