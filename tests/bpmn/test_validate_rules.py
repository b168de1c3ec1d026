"""Each rule of the standard on what executes finds its mistake, and nothing where there is none."""

import pytest

from clearance.bpmn.findings import scopes_of
from clearance.bpmn.validate import RULES
from tests.bpmn.elements.test_waiting import CORRELATION
from tests.bpmn.files import read_process
from tests.bpmn.test_validate import MISTAKES as OLDER
from tests.bpmn.test_validate import RIGHT, TIMER, findings, flow

MESSAGES = '<message id="m" name="paid"/><message id="k" name="sent"/><signal id="g" name="closed"/><error id="e1"/>'
INNER = (
    '<startEvent id="is"/><sequenceFlow id="i1" sourceRef="is" targetRef="it"/><task id="it"/>'
    '<sequenceFlow id="i2" sourceRef="it" targetRef="ie"/><endEvent id="ie"/>'
)
PAID = '<messageEventDefinition messageRef="m"/>'
CLOSED = '<signalEventDefinition signalRef="g"/>'


def in_place_of_the_task(element: str) -> str:
    return RIGHT.replace('<task id="t" name="Work"/>', element)


def task(inside: str = "", attributes: str = "") -> str:
    return in_place_of_the_task(f'<task id="t" name="Work" {attributes}>{inside}</task>')


def boundary(identifier: str, inside: str, host: str = "t", more: str = "") -> str:
    event = f'<boundaryEvent id="{identifier}" attachedToRef="{host}" {more}>{inside}</boundaryEvent>'
    return event + flow(f"f{identifier}", identifier, "e")


def event_sub_process(identifier: str, start: str) -> str:
    return (
        f'<subProcess id="{identifier}" triggeredByEvent="true"><startEvent id="{identifier}s" {start}</startEvent>'
        f'<endEvent id="{identifier}e"/>{flow(identifier + "f", identifier + "s", identifier + "e")}</subProcess>'
    )


def gateway(attributes: str, *targets: str) -> str:
    ways = "".join(
        target + flow(f"w{number}", "g", f"c{number}") + flow(f"v{number}", f"c{number}", "e")
        for number, target in enumerate(targets)
    )
    return f'<eventBasedGateway id="g" {attributes}/><endEvent id="e"/>{ways}'


def caught(number: int, inside: str) -> str:
    return f'<intermediateCatchEvent id="c{number}">{inside}</intermediateCatchEvent>'


STARTED = '<startEvent id="s"/>' + flow("in", "s", "g")
SUB = '<{kind} id="t" name="Work" {attributes}>{inside}</{kind}>'
LOOP = "<standardLoopCharacteristics{}>{}</standardLoopCharacteristics>"
MULTI = "<multiInstanceLoopCharacteristics{}><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
RECEIVES = '<receiveTask id="{}" messageRef="m" {}/>'

LISTENS = "<extensionElements><zeebe:executionListeners>{}</zeebe:executionListeners></extensionElements>"
HEARS = '<zeebe:executionListener eventType="{}" type="x"/>'

MISTAKES = [
    (task(LISTENS.format(HEARS.format("take"))), 'error t: a listener waits for "take", which is none of'),
    (task(LISTENS.format(HEARS.format("end") * 2)), 'error t: it has two end listeners of the type "x"'),
    (task(LISTENS.format(HEARS.format("beforeAll"))), "error t: it cannot have a listener for its beforeAll"),
    (LISTENS.format(HEARS.format("take")) + RIGHT, 'error p: a listener waits for "take"'),
    (task(MULTI.format("") + LOOP.format("", "<loopCondition>x</loopCondition>")), "error t: it is both a loop and"),
    (task(LOOP.format("", "")), "error t: its loop would never end"),
    (task(LOOP.format(' loopMaximum="0"', "")), 'error t: its loop\'s maximum "0" is no whole number'),
    (task(MULTI.format(' behavior="One"')), "error t: its behavior One throws an event that is not there"),
    (task(MULTI.format(' behavior="Complex"')), "error t: its behavior Complex throws an event that is not there"),
    (
        RIGHT + event_sub_process("x", f">{PAID}").replace("triggeredByEvent", 'name="" triggeredByEvent').replace(
            '<startEvent id="xs"', LOOP.format("", "<loopCondition>x</loopCondition>") + '<startEvent id="xs"'
        ),
        "error x: an event sub-process cannot be multi-instance or a loop",
    ),
    (in_place_of_the_task('<callActivity id="t"/>'), "error t: it does not say which process it calls"),
    (
        in_place_of_the_task(
            '<callActivity id="t"><extensionElements><zeebe:calledElement processId="q" bindingType="versionTag"/>'
            "</extensionElements></callActivity>"
        ),
        "error t: it is bound to a version tag, but names none",
    ),
    (
        in_place_of_the_task('<callActivity id="t" calledElement="q" xmlns:c="urn:clearance:bpmn:1" c:version="0"/>'),
        "error t: it is bound to a version, but names none",
    ),
    (in_place_of_the_task(SUB.format(kind="adHocSubProcess", attributes="", inside="")), "error t: an ad-hoc sub-pro"),
    (
        in_place_of_the_task(
            SUB.format(kind="adHocSubProcess", attributes="", inside='<task id="a"/><startEvent id="b"/>')
        ),
        "error b: an ad-hoc sub-process has neither start nor end events",
    ),
    (
        in_place_of_the_task(
            SUB.format(kind="adHocSubProcess", attributes="", inside='<task id="a"/><endEvent id="b"/>')
        ),
        "error b: an ad-hoc sub-process has neither start nor end events",
    ),
    (task() + boundary("b", "<cancelEventDefinition/>"), "error b: a cancel event sits only on a transaction"),
    (
        in_place_of_the_task(SUB.format(kind="transaction", attributes="", inside=INNER))
        + boundary("b", "<cancelEventDefinition/>", more='cancelActivity="false"'),
        "error b: a cancel event always interrupts",
    ),
    (
        RIGHT + event_sub_process("x", 'isInterrupting="false"><errorEventDefinition errorRef="e1"/>'),
        "error xs: an error event always interrupts",
    ),
    (
        in_place_of_the_task(f'<intermediateCatchEvent id="t" parallelMultiple="true">{PAID}</intermediateCatchEvent>'),
        "error t: it is a multiple event with fewer than two triggers",
    ),
    (
        in_place_of_the_task(f'<intermediateCatchEvent id="t">{PAID}<errorEventDefinition/></intermediateCatchEvent>'),
        "error t: a error event cannot stand here",
    ),
    (
        task() + boundary("b", f"{PAID}<timerEventDefinition/>"),
        "error b: its timer needs exactly one of date",
    ),
    (task() + boundary("b", PAID) + boundary("d", PAID), 'error d: it waits for the same message "paid" as "b"'),
    (
        task() + boundary("b", "<errorEventDefinition/>") + boundary("d", "<errorEventDefinition/>"),
        'error d: it waits for every error, as "b" does',
    ),
    (task() + boundary("b", CLOSED) + boundary("d", CLOSED), 'warning d: it waits for the same signal "closed" as "b"'),
    (
        RIGHT + event_sub_process("x", f">{PAID}") + event_sub_process("y", f">{PAID}"),
        'error ys: it waits for the same message "paid" as "xs"',
    ),
    (
        RIGHT.replace('<startEvent id="s"/>', f'<startEvent id="s">{PAID}</startEvent>')
        + f'<startEvent id="s2">{PAID}</startEvent>'
        + flow("f", "s2", "t"),
        'error s2: it waits for the same message "paid" as "s"',
    ),
    (
        STARTED + gateway("", caught(0, PAID), caught(1, PAID)),
        'error c1: it waits for the same message "paid" as "c0"',
    ),
    (STARTED + gateway("", caught(0, PAID), RECEIVES.format("c1", "")), "error g: receive tasks and message events"),
    (
        STARTED + gateway('eventGatewayType="Parallel"', caught(0, PAID), caught(1, PAID)),
        "error g: only a gateway that starts the process can wait for all events",
    ),
    (
        gateway('instantiate="true" eventGatewayType="Parallel"', caught(0, PAID), caught(1, TIMER)),
        "error g: where all events must happen, all must be messages",
    ),
    (
        STARTED + gateway('instantiate="true"', caught(0, PAID), caught(1, TIMER)),
        "error g: it starts the process, but a flow leads to it",
    ),
    (
        in_place_of_the_task(
            SUB.format(
                kind="subProcess",
                attributes="",
                inside=INNER + RECEIVES.format("r", 'instantiate="true"') + flow("ir", "r", "ie"),
            )
        ),
        "error r: it starts a process, but stands in a sub-process",
    ),
    (
        RIGHT.replace('targetRef="t"', 'targetRef="g"').replace('<task id="t" name="Work"/>', "")
        + '<complexGateway id="g"/><task id="t"/>'
        + flow("f1", "s", "g") + flow("f2", "g", "t"),
        "error g: it does not say how many of its ways in it waits for",
    ),
    (
        '<startEvent id="s"/><complexGateway id="g"/><endEvent id="a"/><endEvent id="b"/>'
        + flow("f0", "s", "g") + flow("f1", "g", "a", "x") + flow("f2", "g", "b"),
        "error f2: this way out of",
    ),
    (in_place_of_the_task('<parallelGateway id="t"/>'), "warning t: it neither splits nor joins"),
    (
        in_place_of_the_task('<parallelGateway id="t"/>') + '<endEvent id="e2"/>' + flow("f1", "t", "e2")
        + '<startEvent id="s2"><signalEventDefinition signalRef="g"/></startEvent>' + flow("f2", "s2", "t"),
        "warning t: it joins and splits at once",
    ),
    (
        in_place_of_the_task('<parallelGateway id="t" gatewayDirection="Converging"/>')
        + '<endEvent id="e2"/>' + flow("f1", "t", "e2"),
        "warning t: it is said to be Converging, and is not",
    ),
    (task(attributes='default="in"'), 'error t: its default flow "in" does not leave it'),
    (RIGHT.replace('targetRef="t"/>', 'targetRef="t"><conditionExpression>x</conditionExpression></sequenceFlow>'),
     "error in: its condition would not be looked at here"),
    (STARTED + gateway("", caught(0, PAID), '<task id="c1"/>'), "error c1: it follows the event-based gateway"),
    (RIGHT + flow("f", "t", "e"), "warning f: another flow leads the same way"),
    (RIGHT + '<endEvent id="e2"/>' + flow("f", "t", "e2"), "warning t: all flows that leave it are taken at once"),
    (
        RIGHT + '<boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/></boundaryEvent>'
        + flow("f", "b", "e")
        + '<task id="h" isForCompensation="true"/><association id="a" sourceRef="b" targetRef="h"/>',
        "error b: a flow leaves a compensation event",
    ),
    (
        in_place_of_the_task('<intermediateThrowEvent id="t"><linkEventDefinition name="l"/></intermediateThrowEvent>')
        + '<intermediateCatchEvent id="c"><linkEventDefinition name="l"/></intermediateCatchEvent>'
        + flow("f", "c", "e"),
        "error t: a flow leaves a link that jumps away",
    ),
    (
        in_place_of_the_task('<intermediateCatchEvent id="t"><linkEventDefinition name="l"/></intermediateCatchEvent>'),
        "error t: a flow leads to a link that is jumped to",
    ),
    (
        RIGHT + '<intermediateCatchEvent id="c"><linkEventDefinition name="l"/></intermediateCatchEvent>'
        + flow("f", "c", "e"),
        'error c: nothing jumps to the link "l"',
    ),
    (
        in_place_of_the_task(
            '<intermediateThrowEvent id="t"><compensateEventDefinition activityRef="no"/><signalEventDefinition '
            'signalRef="g"/></intermediateThrowEvent>'
        ),
        'error t: it undoes "no", which is not there',
    ),
    (
        task("<dataInputAssociation><sourceRef>no</sourceRef><targetRef>t</targetRef></dataInputAssociation>"),
        'error t: it copies data from or to "no", which is not there',
    ),
    (
        '<dataObject id="o"/><dataObject id="q"/>'
        + task(
            "<dataInputAssociation><sourceRef>o</sourceRef><sourceRef>q</sourceRef><targetRef>o</targetRef>"
            "</dataInputAssociation>"
        ),
        "error t: it copies several data objects into one",
    ),
    (
        '<dataObject id="o"/>'
        + task(
            "<dataOutputAssociation><targetRef>o</targetRef><assignment><from>1</from><to>a[1]</to></assignment>"
            "</dataOutputAssociation>"
        ),
        'error t: it assigns to "a[1]", which is no variable',
    ),
    (RIGHT + '<dataObjectReference id="r" dataObjectRef="no"/>', 'error r: it refers to the data object "no", which'),
    (
        task() + boundary("b", TIMER.replace(">", ' xmlns:c="urn:clearance:bpmn:1" c:calendar="bank">', 1)),
        'error b: its timer counts by the calendar "bank", which the process does not have',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("content", "expected"), MISTAKES, ids=[expected[:60] for _, expected in MISTAKES])
def test_a_rule_finds_its_mistake(content, expected):
    found = findings(content, MESSAGES)
    assert any(text.startswith(expected) for text in found), found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_each_rule_finds_a_mistake_that_no_other_rule_finds(rule):
    calendar = CALENDAR.format('timeZone="Europe/Atlantis"', "09:00") + RIGHT
    conversation = CORRELATION.replace("<correlationPropertyRef>cp</correlationPropertyRef>", "")
    cases = [
        *((content, "", expected) for content, expected in OLDER),
        *((content, MESSAGES, expected) for content, expected in MISTAKES),
        (calendar, "", "error p: the calendar"),
        (RIGHT, conversation, "error ck: the correlation key has no properties"),
    ]

    def finds(content: str, roots: str, expected: str) -> bool:
        scopes = scopes_of(read_process(content, roots))
        found = [finding for scope in scopes for finding in rule(scope)]
        return any(f"{one.severity} {one.element}: {one.message}".startswith(expected) for one in found)

    assert any(finds(*case) for case in cases), f"no case fails when {rule.__name__} is removed"


CALENDAR = (
    '<extensionElements><c:calendar xmlns:c="urn:clearance:bpmn:1" name="bank" {}><c:hours day="1" start="{}" '
    'end="17:00"/></c:calendar></extensionElements>'
)


@pytest.mark.parametrize(
    ("attributes", "start", "expected"),
    [
        ('timeZone="Europe/Atlantis"', "09:00", 'has the unknown time zone "Europe/Atlantis"'),
        ('timeZone="Europe/Berlin"', "18:00", "opens on day 1 18:00 to 17:00"),
        ('timeZone="Europe/Berlin"', "9:00", "opens on day 1 9:00 to 17:00"),
        ('holidays="2027-02-30"', "09:00", 'has the holiday "2027-02-30"'),
        ('holidays="--13-01"', "09:00", 'has the holiday "--13-01"'),
    ],
)
def test_a_calendar_that_cannot_be_is_found(attributes, start, expected):
    found = findings(CALENDAR.format(attributes, start) + RIGHT)
    assert found == [f'error p: the calendar "bank" {expected}']


@pytest.mark.parametrize(
    "content",
    [
        in_place_of_the_task(
            SUB.format(
                kind="adHocSubProcess", attributes="", inside='<task id="a"/><task id="b"/>' + flow("x", "a", "b")
            )
        ),
        in_place_of_the_task(SUB.format(kind="transaction", attributes="", inside=INNER))
        + boundary("b", "<cancelEventDefinition/>"),
        in_place_of_the_task(
            SUB.format(
                kind="transaction",
                attributes="",
                inside=INNER.replace('<endEvent id="ie"/>', '<endEvent id="ie"><cancelEventDefinition/></endEvent>'),
            )
        ),
        RIGHT + event_sub_process("x", 'isInterrupting="false"><escalationEventDefinition/>'),
        RIGHT + event_sub_process("x", f'isInterrupting="false">{CLOSED}{TIMER}'),
        task(LOOP.format(' testBefore="true" loopMaximum="3"', "")),
        task(MULTI.format(' behavior="All"')),
        in_place_of_the_task('<callActivity id="t" calledElement="q"/>'),
        gateway('instantiate="true"', caught(0, CLOSED), caught(1, TIMER)),
        in_place_of_the_task(RECEIVES.format("t", 'instantiate="true"'))
        .replace('<startEvent id="s"/>', "")
        .replace('<sequenceFlow id="in" sourceRef="s" targetRef="t"/>', ""),
        '<dataObject id="o"/><dataObjectReference id="r" dataObjectRef="o"/>'
        + task("<dataInputAssociation><sourceRef>r</sourceRef><targetRef>o</targetRef></dataInputAssociation>"),
        CALENDAR.format('timeZone="Europe/Berlin" holidays="--12-25 2027-04-02"', "09:00") + RIGHT,
    ],
)
def test_what_is_right_has_no_findings(content):
    assert findings(content, MESSAGES) == []
