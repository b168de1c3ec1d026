"""The XML names of BPMN files, in one place.

Prefixes matter only when we write; reading goes by namespace, so a file of any modeller will do.
"""

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
CLEARANCE = "urn:clearance:bpmn:1"
"""Ours: for what neither the standard nor Camunda has a place (a process's subject)."""

PREFIXES = {
    "bpmn": BPMN,
    "bpmndi": BPMNDI,
    "dc": DC,
    "di": DI,
    "xsi": XSI,
    "zeebe": ZEEBE,
    "clearance": CLEARANCE,
}

TARGET_NAMESPACE = "urn:clearance:definitions"
"""Written when the author names no target namespace, because the schema demands one."""


def bpmn(local: str) -> str:
    """The Clark name of a BPMN element."""
    return f"{{{BPMN}}}{local}"


def zeebe(local: str) -> str:
    """The Clark name of a Camunda 8 extension element."""
    return f"{{{ZEEBE}}}{local}"
