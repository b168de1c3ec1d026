"""Each finding about the flow of tokens, told in the author's names; and beside it the process that is right."""

import pytest

from clearance.bpmn import Finding, check, picture
from clearance.bpmn.findings import scopes_of
from clearance.bpmn.soundness import check_flow
from clearance.bpmn.soundness.flow import check_scope
from clearance.bpmn.soundness.places import Places
from clearance.model import definition as model
from clearance.model.definition import Process
from tests.bpmn.soundness.drawn import TIMER, beside, both, flows, job, process, some, xor
from tests.bpmn.soundness.random_flows import long

MATCHED = "start -> fork, fork -> a, fork -> b, a -> join, b -> join, join -> end"
ENDS_APART = "start -> fork, fork -> a, a -> join, fork -> q, q -> stop, q -> b, b -> join, join -> end"


def said(drawn: Process) -> list[str]:
    """Severity, rule and element of each finding."""
    return [f"{finding.severity} {finding.rule} {finding.element}" for finding in check_flow(drawn)]


def only(drawn: Process) -> Finding:
    (finding,) = check_flow(drawn)
    return finding


def sub(
    identifier: str, arrows: str, *elements: model.Element, kind: type[model.SubProcess] = model.SubProcess
) -> model.SubProcess:
    drawn = process(arrows, *elements)
    renamed = {"start": f"{identifier}_start", "end": f"{identifier}_end"}
    inner = tuple(
        type(each)(id=renamed[each.id]) if each.id in renamed else each
        for each in drawn.elements
        if each.id != "end" or "end" in arrows.split()
    )
    text = arrows.replace("start ", f"{identifier}_start ").replace("> end", f"> {identifier}_end")
    return kind(id=identifier, elements=inner, flows=flows(text))


@pytest.mark.parametrize(
    ("fork", "join", "expected"),
    [
        (xor, xor, []),
        (both, both, []),
        (some, some, []),
        (xor, some, []),
        (both, some, []),
        (xor, both, ["error deadlock join"]),
        (some, both, ["warning deadlock join"]),
        (both, xor, ["warning lack-of-synchronisation join"]),
        (some, xor, ["warning lack-of-synchronisation join"]),
    ],
)
def test_a_join_must_fit_its_split(fork, join, expected):
    assert said(process(MATCHED, fork("fork"), join("join"))) == expected


def test_a_deadlock_tells_the_choice_that_leads_there_and_what_is_waited_for():
    finding = only(process(MATCHED, xor("fork"), both("join")))
    assert 'when flow a_join from "A" comes, flow b_join from "B" never does' in finding.message
    assert list(picture(finding.trace)) == [
        "○ start",
        "◇ fork → A",
        "│ A",
        '✗ join: waits for ever; has flow a_join from "A"; needs flow b_join from "B"',
    ]
    assert [(step.element, step.flow) for step in finding.trace][1] == ("fork", "fork_a")


def test_a_way_that_ends_while_its_join_waits_is_a_warning_with_that_way():
    finding = only(process(ENDS_APART, both("fork"), xor("q"), both("join"), model.EndEvent(id="stop")))
    assert (str(finding.severity), finding.rule, finding.element) == ("warning", "deadlock", "join")
    assert "◇ q → stop" in list(picture(finding.trace))


@pytest.mark.parametrize("definition", [model.TerminateDefinition(), model.ErrorDefinition(code="no")])
def test_a_way_that_ends_the_whole_scope_leaves_nobody_waiting(definition):
    stop = model.EndEvent(id="stop", definition=definition)
    assert said(process(ENDS_APART, both("fork"), xor("q"), both("join"), stop)) == []


def test_tokens_that_meet_unjoined_name_where_they_parted():
    finding = only(process(MATCHED.replace("-> end", "-> c, c -> end"), both("fork"), xor("join")))
    assert 'after "fork"' in finding.message
    assert finding.trace[-1].says == "is reached again while the first token is under way"


def test_parallel_ways_that_end_by_themselves_are_right():
    assert said(process("start -> fork, fork -> a, fork -> b, a -> end, b -> end", both("fork"))) == []


def test_a_task_with_two_ways_in_is_no_join():
    assert said(process("start -> fork, fork -> a, fork -> b, a -> b, b -> end", both("fork"))) == [
        "warning lack-of-synchronisation b"
    ]


def test_a_circle_without_a_way_out_is_an_error_and_one_with_a_way_out_is_none():
    going_round = "start -> m, m -> a, a -> m"
    assert said(process(going_round, xor("m"), job("a"))) == ["error endless m"]
    assert said(process(going_round.replace("a -> m", "a -> x, x -> m, x -> end"), xor("m"), xor("x"), job("a"))) == []


def test_a_circle_that_an_event_may_end_is_right():
    stopping = model.SubProcess(
        id="stopping",
        triggered_by_event=True,
        elements=(
            model.StartEvent(id="said", definition=model.MessageDefinition(name="stop")),
            model.EndEvent(id="stopped"),
        ),
        flows=flows("said -> stopped"),
    )
    assert said(process("start -> m, m -> a, a -> m", xor("m"), job("a"), stopping)) == []


def test_an_event_beside_a_task_may_come_back_only_when_it_interrupts():
    back = "start -> a, a -> m, late -> b, b -> m, m -> c, c -> end"
    assert said(process(back, beside("late", "a", interrupting=True), xor("m"))) == []
    assert said(process(back, beside("late", "a"), xor("m"))) == ["warning lack-of-synchronisation m"]
    assert said(process(back.replace("b -> m", "b -> end"), beside("late", "a"), xor("m"))) == []


def test_reminders_in_a_loop_that_end_by_themselves_are_right():
    loop = "start -> m, m -> a, a -> x, x -> m, x -> end, late -> b, b -> done"
    elements = (xor("m"), xor("x"), beside("late", "a"), model.EndEvent(id="done"))
    assert said(process(loop, *elements)) == []


def test_conditional_ways_out_of_a_task_split_it():
    assert said(process("start -> a, a -[x]> b, a -[y]> c, b -> m, c -> m, m -> end", xor("m"))) == [
        "warning lack-of-synchronisation m"
    ]
    assert said(process("start -> a, a -[x]> b, a -[y]> c, b -> m, c -> m, m -> end", some("m"))) == []


def test_a_sub_process_that_always_fails_leaves_what_follows_unreached():
    failing = sub("pay", "start -> wrong", model.EndEvent(id="wrong", definition=model.ErrorDefinition(code="no")))
    caught = model.BoundaryEvent(id="caught", attached_to="pay", definition=model.ErrorDefinition())
    finding = only(process("start -> pay, pay -> a, a -> end, caught -> end", failing, caught))
    assert (finding.rule, finding.element) == ("dead-element", "a")
    assert '"pay" never completes' in finding.message


def test_a_join_after_a_sub_process_that_always_fails_is_never_passed():
    failing = sub("pay", "start -> wrong", model.EndEvent(id="wrong", definition=model.ErrorDefinition(code="no")))
    drawn = process(MATCHED.replace("a -> join", "a -> pay, pay -> join"), both("fork"), both("join"), failing)
    assert said(drawn) == ["warning dead-element join"]  # the error ends the process before anybody waits for ever


def test_what_is_wrong_inside_a_sub_process_is_said_there_and_only_there():
    inner = sub("inner", MATCHED, xor("fork"), both("join"))
    assert said(process("start -> inner, inner -> c, c -> end", inner)) == ["error deadlock join"]


def test_an_escalation_that_interrupts_ends_the_scope_it_is_thrown_in():
    thrown = model.EndEvent(id="stop", definition=model.EscalationDefinition(code="late"))
    inner = sub("inner", ENDS_APART, both("fork"), xor("q"), both("join"), thrown)
    around = "start -> inner, inner -> end, caught -> end"

    def caught(interrupting: bool) -> model.BoundaryEvent:
        definition = model.EscalationDefinition(code="late")
        return model.BoundaryEvent(id="caught", attached_to="inner", interrupting=interrupting, definition=definition)

    assert said(process(around, inner, caught(True))) == []
    assert said(process(around, inner, caught(False))) == ["warning deadlock join"]


def test_a_cancel_that_nothing_throws_never_happens():
    cancel = model.BoundaryEvent(id="undone", attached_to="book", definition=model.CancelDefinition())
    arrows = "start -> book, book -> end, undone -> b, b -> end"
    calm = sub("book", "start -> a, a -> end", kind=model.Transaction)
    finding = only(process(arrows, calm, cancel))
    assert (finding.rule, finding.element) == ("dead-element", "undone")
    stop = model.EndEvent(id="stop", definition=model.CancelDefinition())
    assert (
        said(
            process(
                arrows, sub("book", "start -> q, q -> stop, q -> end", xor("q"), stop, kind=model.Transaction), cancel
            )
        )
        == []
    )


@pytest.mark.parametrize(("count", "expected"), [(1, []), (2, []), (3, ["error deadlock join"])])
def test_a_complex_gateway_can_wait_for_as_many_as_come(count, expected):
    gateway = model.ComplexGateway(id="join", activation_condition=f"= activationCount >= {count}")
    arrows = "start -> fork, fork -> a, fork -> b, a -> join, b -> join, b -> join, join -> end"
    drawn = process(arrows.replace("b -> join, b -> join", "b -> join"), both("fork"), gateway)
    if count == 3:
        drawn = process(
            "start -> one, one -> a, one -> b, one -> c, a -> join, b -> join, c -> join, join -> end",
            xor("one"),
            gateway,
        )
    assert said(drawn) == expected


def test_links_lead_where_they_are_caught():
    away = model.IntermediateThrowEvent(id="away", definition=model.LinkDefinition(name="there"))
    there = model.IntermediateCatchEvent(id="there", definition=model.LinkDefinition(name="there"))
    assert said(process("start -> away, there -> a, a -> end", away, there)) == []


def test_several_starts_are_alternatives():
    other = model.StartEvent(id="other", definition=TIMER)
    assert said(process("start -> m, other -> m, m -> a, a -> end", xor("m"), other)) == []
    assert said(process("start -> m, other -> m, m -> a, a -> end", both("m"), other)) == ["error deadlock m"]


def test_a_parallel_event_gateway_that_starts_the_process_needs_all_its_events():
    gateway = model.EventBasedGateway(id="any", instantiate=True, parallel=True)
    events = [
        model.IntermediateCatchEvent(id=name, definition=model.MessageDefinition(name=name)) for name in ("one", "two")
    ]
    arrows = "any -> one, any -> two, one -> m, two -> m, m -> end"
    elements = (both("m"), *events, model.EndEvent(id="end"))
    whole = Process(id="p", elements=(gateway, *elements), flows=flows(arrows))
    assert said(whole) == []
    alternative = model.EventBasedGateway(id="any", instantiate=True)
    assert said(Process(id="p", elements=(alternative, *elements), flows=flows(arrows))) == ["error deadlock m"]


def test_activities_of_an_ad_hoc_sub_process_may_be_done_in_any_order():
    tools = model.AdHocSubProcess(
        id="tools", elements=(model.Task(id="a"), model.Task(id="b"), model.Task(id="c")), flows=flows("a -> c, b -> c")
    )
    assert said(process("start -> tools, tools -> end", tools)) == []


def test_inclusive_joins_that_wait_for_each_other_are_found():
    arrows = "start -> fork, fork -> a, fork -> b, a -> one, one -> x, x -> two, x -> end, b -> two, two -> y, y -> one"
    gateways = (both("fork"), some("one"), some("two"), xor("x"), xor("y"))
    assert "error deadlock one" in said(process(f"{arrows}, y -> end", *gateways))


def test_where_the_play_breaks_off_the_reason_and_the_elements_are_named():
    inner = ", ".join(
        f"s{n} -> t{n}, s{n} -> u{n}, t{n} -> j{n}, u{n} -> j{n}, j{n} -> x{n}, x{n} -> s{n}, x{n} -> join"
        for n in range(4)
    )
    arrows = "start -> fork, " + ", ".join(f"fork -> s{n}" for n in range(4)) + f", {inner}, join -> end"
    gateways = [some(f"s{n}") for n in range(4)] + [both(f"j{n}") for n in range(4)] + [xor(f"x{n}") for n in range(4)]
    drawn = process(arrows, both("fork"), both("join"), *gateways)
    (scope,) = scopes_of(drawn)
    findings = check_scope(scope, Places(drawn), lambda inner: True, markings_max=20).findings
    unknown = next(finding for finding in findings if finding.rule == "soundness-unknown")
    assert "more than 20 states" in unknown.message
    assert '"join"' in unknown.message
    assert str(unknown.severity) == "warning"


def test_a_long_process_is_decided_whole():
    assert said(long(1, 1000)) == []


def test_broken_structure_is_said_first_and_alone():
    drawn = process(MATCHED.replace("b -> join", "b -> nowhere"), xor("fork"), both("join"))
    broken = Process(id="p", elements=tuple(e for e in drawn.elements if e.id != "nowhere"), flows=drawn.flows)
    assert {finding.rule for finding in check(broken)} >= {"flows-join-elements-of-one-scope"}
    assert "deadlock" not in {finding.rule for finding in check(broken)}
