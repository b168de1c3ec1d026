"""Events, gateways and sub-processes: what they wait for, and what the standard has them refer to."""

import pytest

from clearance.model.definition import (
    Association,
    CompensateDefinition,
    ConditionalDefinition,
    ErrorDefinition,
    EscalationDefinition,
    LinkDefinition,
    MessageDefinition,
    SignalDefinition,
    SubProcess,
    TerminateDefinition,
    TimerDefinition,
)
from tests.bpmn.files import read_element, read_process

ROOTS = (
    '<error id="e" name="Refused" errorCode="bank-refused"/><escalation id="x" escalationCode="late"/>'
    '<signal id="s" name="closed"/><message id="m" name="paid"/><error id="bare"/>'
)
CONDITION = "<conditionalEventDefinition><condition>a &gt; 1</condition></conditionalEventDefinition>"


def timer(local: str, text: str) -> str:
    return f"<timerEventDefinition><{local}>{text}</{local}></timerEventDefinition>"


@pytest.mark.parametrize(
    ("xml", "definition"),
    [
        (timer("timeDuration", "PT10M"), TimerDefinition(duration="PT10M")),
        (timer("timeDuration", "=wait"), TimerDefinition(duration="=wait")),
        (timer("timeDuration", "wait"), TimerDefinition(duration="=wait")),
        (timer("timeDate", "2030-01-01T00:00:00Z"), TimerDefinition(date="2030-01-01T00:00:00Z")),
        (timer("timeCycle", "R3/PT1H"), TimerDefinition(cycle="R3/PT1H")),
        (timer("timeCycle", "0 0 9 * * *"), TimerDefinition(cycle="0 0 9 * * *")),
        ('<messageEventDefinition messageRef="m"/>', MessageDefinition(name="paid")),
        ('<signalEventDefinition signalRef="s"/>', SignalDefinition(name="closed")),
        ('<errorEventDefinition errorRef="e"/>', ErrorDefinition(code="bank-refused")),
        ('<errorEventDefinition errorRef="bare"/>', ErrorDefinition(code="bare")),
        ("<errorEventDefinition/>", ErrorDefinition()),
        ('<escalationEventDefinition escalationRef="x"/>', EscalationDefinition(code="late")),
        (CONDITION, ConditionalDefinition(condition="=a > 1")),
        ('<linkEventDefinition name="there"/>', LinkDefinition(name="there")),
        ("<terminateEventDefinition/>", TerminateDefinition()),
        ('<compensateEventDefinition activityRef="t"/>', CompensateDefinition(activity="t")),
    ],
)  # fmt: skip
def test_an_event_definition_is_understood(xml, definition):
    assert read_element(f'<endEvent id="v">{xml}</endEvent>', ROOTS).definition == definition


def test_a_boundary_event_interrupts_unless_it_says_otherwise():
    hour = timer("timeDuration", "PT1H")
    assert read_element(f'<boundaryEvent id="b" attachedToRef="t">{hour}</boundaryEvent>').interrupting
    event = read_element(f'<boundaryEvent id="b" attachedToRef="t" cancelActivity="false">{hour}</boundaryEvent>')
    assert (event.attached_to, event.interrupting) == ("t", False)


def test_compensation_links_of_all_scopes_are_found_and_other_associations_carried():
    def activity(prefix: str) -> str:
        return (
            f'<task id="{prefix}t"/><boundaryEvent id="{prefix}b" attachedToRef="{prefix}t">'
            f'<compensateEventDefinition/></boundaryEvent><task id="{prefix}h" isForCompensation="true"/>'
            f'<association id="{prefix}a" sourceRef="{prefix}b" targetRef="{prefix}h"/>'
        )

    note = '<textAnnotation id="n"/><association id="na" sourceRef="t" targetRef="n"/>'
    process = read_process(f'<subProcess id="s">{activity("i")}</subProcess>{activity("")}{note}')
    assert process.associations == (
        Association(id="a", source="b", target="h"),
        Association(id="ia", source="ib", target="ih"),
    )
    assert len(process.carried) == 2


def test_a_sub_process_holds_its_own_elements_and_flows():
    inner = (
        '<startEvent id="a" isInterrupting="false"/><endEvent id="z"/>'
        '<sequenceFlow id="f" sourceRef="a" targetRef="z"/>'
    )
    sub_process = read_element(f'<subProcess id="s" triggeredByEvent="true">{inner}</subProcess>')
    assert isinstance(sub_process, SubProcess)
    assert sub_process.triggered_by_event
    assert [element.id for element in sub_process.elements] == ["a", "z"]
    assert not sub_process.elements[0].interrupting
    assert sub_process.flows[0].target == "z"


def test_a_gateway_knows_its_default():
    assert read_element('<exclusiveGateway id="g" default="f"/>').default == "f"
    assert read_element('<inclusiveGateway id="g" default="f"/>').default == "f"
