"""The instances behind the fake server's items: where they stand, their variables, history and diagram."""

from datetime import datetime
from typing import Any

from tests.browser.fake_data import moment, sha256

Json = dict[str, Any]

STEPS: tuple[tuple[str, str, str], ...] = (
    ("arrived", "Invoice arrived", "startEvent"),
    ("read", "Read the invoice", "serviceTask"),
    ("check", "Check against the order", "businessRuleTask"),
    ("decide", "Decide", "userTask"),
    ("post", "Post in the ERP", "serviceTask"),
    ("pay", "Pay the supplier", "serviceTask"),
    ("done", "Paid", "endEvent"),
)
DEFINITION_KEY = "5001"


def instance(key: str, subject: str, state: str, at: str, has_incident: bool, now: datetime, hours: float) -> Json:
    names = {element: name for element, name, _ in STEPS}
    return {
        "processInstanceKey": key,
        "processDefinitionId": "invoice-to-pay",
        "processDefinitionKey": DEFINITION_KEY,
        "processDefinitionName": "Invoice to pay",
        "processDefinitionVersion": 3,
        "state": state,
        "hasIncident": has_incident,
        "startDate": moment(now, hours),
        "endDate": moment(now, hours + 0.1) if state != "ACTIVE" else None,
        "subject": subject,
        "currentElements": [{"elementId": at, "name": names[at]}] if state == "ACTIVE" else [],
        "tenantId": "<default>",
    }


def instances(items: list[Json], now: datetime) -> list[Json]:
    waiting = [
        instance(
            item["processInstanceKey"],
            item["subject"],
            "ACTIVE",
            "pay" if item["kind"] == "incident" else "decide",
            item["kind"] == "incident",
            now,
            -6,
        )
        for item in items
    ]
    paid = [
        instance(str(8000 + number), f"Invoice A-{number} of Fjord Handel AS, {number * 37 + 90}.00 EUR", "COMPLETED",
                 "done", False, now, -7 - number * 0.2)
        for number in range(40)
    ]  # fmt: skip
    return waiting + paid


def elements(one: Json, rounds: int) -> list[Json]:
    """Every step up to where the instance stands has been completed; what it has done again since then comes last."""
    current = [element["elementId"] for element in one["currentElements"]]
    ids = [element for element, _, _ in STEPS]
    reached = ids.index(current[0]) + 1 if current else len(ids)
    steps = [
        {
            "elementInstanceKey": f"{one['processInstanceKey']}-{element}",
            "elementId": element,
            "elementName": name,
            "type": kind.upper(),
            "state": "ACTIVE" if element in current else "COMPLETED",
            "startDate": one["startDate"],
            "endDate": None if element in current else one["startDate"],
            "incident": element in current and one["hasIncident"],
        }
        for element, name, kind in STEPS[:reached]
    ]
    again = {**steps[1], "startDate": "9999", "endDate": "9999"}
    return steps + [{**again, "elementInstanceKey": f"{again['elementInstanceKey']}-{n}"} for n in range(rounds)]


def variables(one: Json, rounds: int) -> list[Json]:
    rows: list[tuple[str, str, bool, bool]] = [
        ("invoice", '{"number":"2026-0042","gross":"4212.00","currency":"EUR"}', False, False),
        ("supplier_iban", '"•••"', False, True),
        ("lines", '[{"item":"Signal lamp","quantity":12', True, False),
        *((f"read_{number}", "true", False, False) for number in range(rounds)),
    ]
    return [
        {"name": name, "value": value, "scopeKey": one["processInstanceKey"], "isTruncated": cut, "masked": masked}
        for name, value, cut, masked in rows
    ]


def history(one: Json, now: datetime, rounds: int) -> list[Json]:
    clear = {"decision": "permit", "policies": ["agents-may-read"], "reasons": []}
    refused = {
        "decision": "approval",
        "policies": ["price-tolerance", "four-eyes-payments"],
        "reasons": ["the price differs by more than 2 %"],
    }
    again = ("job-completed", "read", "Read the invoice", "Read it again", "invoice reader 1.2", clear)
    rows: list[tuple[str, str, str, str, str, Json | None]] = [
        *[again] * rounds,
        (
            "instance-started",
            "arrived",
            "Invoice arrived",
            "Started by a file in the inbox folder",
            "folder trigger",
            None,
        ),
        ("job-completed", "read", "Read the invoice", "Read 7 fields, confidence 0.97", "invoice reader 1.2", clear),
        ("decision", "check", "Check against the order", "Unit price differs by 8.8 %", "three-way match", clear),
        ("escalated", "decide", "Decide", "Handed to a person", "gate", refused),
    ]
    return [
        {
            "position": 1200 + index * 3,
            "at": moment(now, -6 + index * 0.01),
            "kind": kind,
            "elementId": element,
            "elementName": name,
            "summary": summary,
            "actor": actor,
            "clearance": clearance,
            "hash": sha256(f"{one['processInstanceKey']} {index}".encode()),
        }
        for index, (kind, element, name, summary, actor, clearance) in enumerate(rows)
    ]


def overview(open_items: int, incidents: int, answered: int, now: datetime) -> Json:
    minutes = [
        {"minute": moment(now, -(29 - index) / 60), "started": 6 + index * 7 % 9, "completed": 4 + index * 5 % 10}
        for index in range(30)
    ]
    totals = {"running": open_items, "completed": 40 + answered, "automated": 36, "escalated": 4 + answered,
              "waiting": open_items, "incidents": incidents, "ledgerEntries": 2817, "ledgerVerified": True}  # fmt: skip
    process = {
        "processDefinitionId": "invoice-to-pay",
        "processDefinitionKey": DEFINITION_KEY,
        "name": "Invoice to pay",
        "version": 3,
        "active": open_items,
        "completed": 40 + answered,
        "waiting": open_items,
        "incidents": incidents,
    }
    return {"totals": totals, "processes": [process], "perMinute": minutes}


def diagram() -> str:
    """The steps in one row, as BPMN with a layout."""
    nodes = "".join(f'<bpmn:{kind} id="{element}" name="{name}" />' for element, name, kind in STEPS)
    flows, shapes, edges = "", "", ""
    for index, (element, _, kind) in enumerate(STEPS):
        event = kind.endswith("Event")
        x, y, width, height = (100 + index * 160 + (32 if event else 0), 100 + (22 if event else 0),
                               36 if event else 100, 36 if event else 80)  # fmt: skip
        shapes += (
            f'<bpmndi:BPMNShape id="{element}_di" bpmnElement="{element}">'
            f'<dc:Bounds x="{x}" y="{y}" width="{width}" height="{height}" /></bpmndi:BPMNShape>'
        )
        if index:
            before = STEPS[index - 1]
            flow = f"{before[0]}_{element}"
            left = 100 + (index - 1) * 160 + (68 if before[2].endswith("Event") else 100)
            flows += f'<bpmn:sequenceFlow id="{flow}" sourceRef="{before[0]}" targetRef="{element}" />'
            edges += (
                f'<bpmndi:BPMNEdge id="{flow}_di" bpmnElement="{flow}"><di:waypoint x="{left}" y="140" />'
                f'<di:waypoint x="{x}" y="140" /></bpmndi:BPMNEdge>'
            )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><bpmn:definitions id="d" targetNamespace="urn:test"'
        ' xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
        ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"'
        ' xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI">'
        f'<bpmn:process id="invoice-to-pay" isExecutable="true">{nodes}{flows}</bpmn:process>'
        f'<bpmndi:BPMNDiagram id="g"><bpmndi:BPMNPlane id="p" bpmnElement="invoice-to-pay">{shapes}{edges}'
        "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>"
    )
