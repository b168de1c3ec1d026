"""Each structural rule finds what it is for, and nothing in a process that is right."""

import pytest

from clearance import bpmn
from clearance.bpmn import Severity
from tests.bpmn.files import file_with, read_process

RIGHT = (
    '<startEvent id="s"/><sequenceFlow id="in" sourceRef="s" targetRef="t"/><task id="t" name="Work"/>'
    '<sequenceFlow id="out" sourceRef="t" targetRef="e"/><endEvent id="e"/>'
)
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"


def flow(identifier: str, source: str, target: str, condition: str = "") -> str:
    inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{identifier}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def findings(content: str, roots: str = "") -> list[str]:
    found = bpmn.validate(read_process(content, roots))
    return [f"{finding.severity} {finding.element}: {finding.message}" for finding in found]


def test_a_right_process_has_no_findings():
    assert findings(RIGHT) == []


MISTAKES = [
    ('<task id="x"/>', "warning p: it has no start event: it begins at all that nothing leads to"),
    ('<task id="x"/><task id="y"/>' + flow("f", "x", "y") + flow("g", "y", "x"), "error p: it has no start event"),
    (RIGHT + '<startEvent id="s2"/>' + flow("f", "s2", "t"), "error s2: the process has more than one start"),
    (RIGHT + flow("f", "t", "gone"), 'error f: its target "gone" is not an element of the same'),
    (RIGHT + flow("f", "gone", "t"), 'error f: its source "gone" is not an element of the same'),
    (RIGHT + '<task id="x"/>' + flow("f", "x", "e"), "error x: nothing leads to it"),
    (RIGHT + '<task id="x"/>' + flow("f", "t", "x"), "warning x: the path stops here without an end event"),
    (RIGHT + '<task id="x"/>' + flow("f", "x", "x"), "error x: it can never be reached"),
    (RIGHT + flow("f", "e", "t"), "error e: a flow leaves an end event"),
    (RIGHT + flow("f", "t", "s"), "error s: a flow leads into an event that only starts a path"),
    (RIGHT.replace('id="e"', 'id="t"'), 'error t: the id "t" is used twice'),
    (RIGHT.replace('id="out"', 'id="t"'), 'error t: the id "t" is used twice'),
    (RIGHT + f'<boundaryEvent id="b" attachedToRef="t">{TIMER}</boundaryEvent>', "warning b: nothing follows it"),
    (
        RIGHT + f'<boundaryEvent id="b" attachedToRef="no">{TIMER}</boundaryEvent>' + flow("f", "b", "e"),
        'error b: it is attached to "no", which is not there',
    ),
    (
        RIGHT + f'<boundaryEvent id="b" attachedToRef="e">{TIMER}</boundaryEvent>' + flow("f", "b", "e"),
        'error b: it is attached to "e", which is no activity',
    ),
    (
        RIGHT
        + '<boundaryEvent id="b" attachedToRef="t" cancelActivity="false"><errorEventDefinition/></boundaryEvent>'
        + flow("f", "b", "e"),
        "error b: an error event always interrupts",
    ),
    (
        RIGHT + '<boundaryEvent id="b" attachedToRef="t"/>' + flow("f", "b", "e"),
        "error b: it is not said what the event waits for",
    ),
    (
        RIGHT
        + '<boundaryEvent id="b" attachedToRef="t"><timerEventDefinition><timeCycle>R/PT1H</timeCycle>'
        + "</timerEventDefinition></boundaryEvent>"
        + flow("f", "b", "e"),
        "error b: its timer repeats",
    ),
    (
        RIGHT + '<boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/></boundaryEvent>',
        "error b: it has 0 handlers",
    ),
    (
        RIGHT + '<boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/></boundaryEvent>'
        '<task id="h"/><association id="a" sourceRef="b" targetRef="h"/>',
        "error b: what it leads to is no compensation handler",
    ),
    (
        RIGHT.replace('<endEvent id="e"/>', '<endEvent id="e"><compensateEventDefinition activityRef="t"/></endEvent>'),
        'error e: "Work" has no compensation handler',
    ),
    (
        RIGHT.replace('<endEvent id="e"/>', '<endEvent id="e"><errorEventDefinition/></endEvent>'),
        "warning e: it throws",
    ),
    (
        RIGHT.replace('<endEvent id="e"/>', '<endEvent id="e"><cancelEventDefinition/></endEvent>'),
        "error e: only a transaction can be cancelled",
    ),
    (
        RIGHT.replace('<startEvent id="s"/>', '<startEvent id="s"><errorEventDefinition/></startEvent>'),
        "error s: a error event cannot stand here",
    ),
    (
        RIGHT.replace('<startEvent id="s"/>', f'<startEvent id="s">{TIMER}</startEvent>'),
        "error s: its timer has a duration, but nothing that it counts from",
    ),
    (
        RIGHT.replace('<task id="t" name="Work"/>', '<receiveTask id="t"/>'),
        "error t: its message has no name",
    ),
    (
        RIGHT.replace(
            '<task id="t" name="Work"/>',
            '<task id="t"><multiInstanceLoopCharacteristics/></task>',
        ),
        "error t: it is not said how often it is done",
    ),
    (
        RIGHT.replace('<task id="t" name="Work"/>', '<subProcess id="t"/>'),
        "warning t: it is empty: nothing is done in it",
    ),
    (
        RIGHT.replace(
            '<task id="t" name="Work"/>',
            '<intermediateThrowEvent id="t"><linkEventDefinition name="there"/></intermediateThrowEvent>',
        ),
        'error t: the link "there" is caught 0 times',
    ),
    (
        RIGHT + '<subProcess id="x" triggeredByEvent="true"><startEvent id="xs"/></subProcess>',
        "error x: an event sub-process needs exactly one start event, with a trigger",
    ),
]


@pytest.mark.parametrize(("content", "expected"), MISTAKES)
def test_a_rule_finds_its_mistake(content, expected):
    assert any(found.startswith(expected) for found in findings(content)), findings(content)


SPLIT = '<startEvent id="s"/><exclusiveGateway id="g" {}/><endEvent id="a"/><endEvent id="b"/>' + flow("f0", "s", "g")


def test_a_way_out_of_a_choice_needs_a_condition_unless_it_is_the_default():
    content = SPLIT.format('default="f2"') + flow("f1", "g", "a", "x") + flow("f2", "g", "b")
    assert findings(content) == []
    content = SPLIT.format("") + flow("f1", "g", "a", "x") + flow("f2", "g", "b")
    assert findings(content)[0].startswith("error f2: this way out of")
    content = SPLIT.format("") + flow("f1", "g", "a", "x") + flow("f2", "g", "b", "y")
    assert [found[:24] for found in findings(content)] == ["warning g: it has no def"]


def test_a_default_leaves_its_own_gateway_and_has_no_condition():
    content = SPLIT.format('default="f0"') + flow("f1", "g", "a", "x") + flow("f2", "g", "b", "y")
    assert findings(content) == ['error g: its default flow "f0" does not leave it']
    content = SPLIT.format('default="f2"') + flow("f1", "g", "a", "x") + flow("f2", "g", "b", "y")
    assert findings(content)[0].startswith("warning f2: its condition is not looked at")


def test_a_condition_where_nobody_looks_at_it_is_an_error():
    assert findings(
        RIGHT.replace('targetRef="t"/>', 'targetRef="t"><conditionExpression>x</conditionExpression></sequenceFlow>', 1)
    )[0].startswith("error in: its condition would not be looked at here")


def test_an_event_based_gateway_leads_only_to_events_that_wait():
    start = '<startEvent id="s"/><eventBasedGateway id="g"/>' + flow("f0", "s", "g")
    event = f'<intermediateCatchEvent id="{{0}}">{TIMER}</intermediateCatchEvent>'
    ends = '<endEvent id="e"/>' + flow("fa", "a", "e") + flow("fb", "b", "e")
    ways = flow("f1", "g", "a") + flow("f2", "g", "b")
    assert findings(start + event.format("a") + event.format("b") + ends + ways) == []
    found = findings(start + event.format("a") + '<task id="b"/>' + ends + ways)
    assert any("does not wait for an event" in text for text in found)
    found = findings(start + event.format("a") + event.format("b") + ends + ways + flow("f3", "b", "a"))
    assert any("other than from its event-based gateway" in text for text in found)


def test_a_message_without_a_key_is_a_warning_except_where_it_starts_the_process():
    task = RIGHT.replace('<task id="t" name="Work"/>', '<receiveTask id="t" messageRef="m"/>')
    message = '<message id="m" name="paid"/>'
    assert findings(task, message)[0].startswith('warning t: its message "paid" has no correlation key')
    start = '<startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent>'
    assert findings(RIGHT.replace('<startEvent id="s"/>', start), message) == []


def test_expressions_are_checked_by_the_compiler_that_is_passed_and_lines_are_named():
    task = (
        '\n<serviceTask id="t" name="Work"><extensionElements><zeebe:taskDefinition type="=wrong("/><zeebe:ioMapping>'
        '<zeebe:input source="=right" target="a"/></zeebe:ioMapping></extensionElements></serviceTask>'
    )
    content = file_with(RIGHT.replace('<task id="t" name="Work"/>', task))

    def compile_expression(text: str) -> object:
        if text != "right":
            raise ValueError("line 1, column 7: a value is missing")
        return text

    (finding,) = bpmn.validate(bpmn.read(content).processes[0], compile_expression, bpmn.lines(content))
    assert (finding.severity, finding.element, finding.line) == (Severity.ERROR, "t", 6)
    assert str(finding) == (
        'error: line 6, "Work" (t): the job type is not valid FEEL: line 1, column 7: a value is missing. '
        "Mend the expression: wrong(."
    )


def test_errors_come_before_warnings():
    content = RIGHT + '<task id="x"/>' + flow("f", "t", "x") + '<task id="y"/>' + flow("g", "y", "e")
    assert [finding.severity for finding in bpmn.validate(read_process(content))] == [
        Severity.ERROR,
        Severity.WARNING,
        Severity.WARNING,
    ]
