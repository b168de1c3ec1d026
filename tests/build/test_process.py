"""The builder draws what the author says: ids, gateways and joins by themselves, mistakes with their line."""

import pytest

from clearance import bpmn
from clearance.build import AuthorError, Process, each, times
from clearance.model.definition import (
    BoundaryEvent,
    EndEvent,
    EventBasedGateway,
    ExclusiveGateway,
    InclusiveGateway,
    IntermediateCatchEvent,
    Mapping,
    MultiInstance,
    ParallelGateway,
    StartEvent,
    SubProcess,
    TimerDefinition,
)
from clearance.model.work import Actor, Completed
from tests.build.invoice_to_pay import Document, Invoice, invoice_to_pay


def paths(process) -> list[str]:
    return [f"{flow.source} > {flow.target}" for flow in process.flows]


def element(process, identifier):
    return next(element for element in process.elements if element.id == identifier)


def test_invoice_to_pay_has_no_findings_and_survives_its_file():
    definitions = invoice_to_pay().definitions()
    assert bpmn.validate(definitions.processes[0]) == ()
    assert bpmn.read(bpmn.write(definitions)).processes == definitions.processes


def test_the_same_program_gives_the_same_process():
    assert invoice_to_pay().definition() == invoice_to_pay().definition()
    assert invoice_to_pay().definition().content_hash() == invoice_to_pay().definition().content_hash()


def test_steps_follow_one_another_between_implied_start_and_end():
    p = Process("Two steps")
    p.service("First", does="a")
    p.by_hand("Second")
    assert paths(p.definition()) == ["start > first", "first > second", "second > end"]


def test_names_become_readable_ids_and_stay_distinct():
    p = Process("Ümlaut & Co. 3")
    p.service("Prüfe die Rechnung!", does="a")
    p.service("Prüfe die Rechnung!", does="b")
    p.service("3-way match", does="c")
    p.service("检查", does="d")
    process = p.definition()
    assert process.id == "umlaut-co-3"
    assert [step.id for step in process.elements[1:5]] == [
        "prufe-die-rechnung",
        "prufe-die-rechnung-2",
        "step-3-way-match",
        "step",
    ]


def test_ways_come_together_in_a_gateway_that_nobody_wrote():
    p = Process("Ways")
    with p.choose("Big?") as big:
        with big.when("yes", "amount > 100"):
            p.service("Ask", does="ask")
        with big.otherwise("no"):
            pass
    p.service("Go on", does="go")
    process = p.definition()
    assert paths(process) == [
        "start > big", "big > ask", "ask > before-go-on", "big > before-go-on", "before-go-on > go-on", "go-on > end"
    ]  # fmt: skip
    assert element(process, "big").default == "big-to-before-go-on"
    assert [flow.condition for flow in process.flows if flow.source == "big"] == ["= amount > 100", ""]


def test_conditions_are_tried_in_the_order_in_which_they_are_written():
    p = Process("Order")
    with p.choose("Which?") as which:
        for number in (1, 2, 3):
            with which.when(str(number), f"n = {number}"):
                if number != 2:
                    p.service(f"Step {number}", does="s")
    assert [flow.name for flow in p.definition().flows if flow.source == "which"] == ["1", "2", "3"]


def test_ways_that_end_do_not_come_together():
    p = Process("Ends")
    with p.choose("Good?") as good:
        with good.when("no", "bad"):
            p.fails("bad", "It is bad")
        with good.otherwise("yes"):
            pass
    p.ends("Good")
    process = p.definition()
    assert not any(isinstance(element, ExclusiveGateway) and element.id != "good" for element in process.elements)
    assert paths(process)[-1] == "good > good-2"


def test_branches_run_together_and_wait_for_each_other_even_after_a_choice():
    p = Process("Together")
    with p.together("Both") as both:
        with both.branch(), p.choose("A?") as choice:
            with choice.when("yes", "a"):
                p.service("One", does="one")
            with choice.otherwise():
                pass
        with both.branch():
            p.service("Two", does="two")
    process = p.definition()
    join = element(process, "both-done")
    assert isinstance(join, ParallelGateway)
    assert sum(flow.target == "both-done" for flow in process.flows) == 2
    assert bpmn.validate(process) == ()


def test_several_ways_join_in_an_inclusive_gateway():
    p = Process("Several")
    with p.choose("Whom?", several=True) as whom:
        with whom.when("legal", "legal"):
            p.service("Ask legal", does="ask")
        with whom.otherwise("nobody"):
            pass
    kinds = [type(element) for element in p.definition().elements]
    assert kinds.count(InclusiveGateway) == 2


def test_the_first_event_decides():
    p = Process("First")
    with p.first_of("What comes?") as first:
        with first.message("Goods", message="goods", key="order"):
            p.service("Store", does="store")
        with first.after("P30D"):
            p.ends("Nothing came")
    process = p.definition()
    assert isinstance(element(process, "what-comes"), EventBasedGateway)
    assert element(process, "after-p30d").definition == TimerDefinition(duration="P30D")
    assert isinstance(element(process, "goods"), IntermediateCatchEvent)
    assert bpmn.validate(process) == ()


def test_a_deadline_that_interrupts_leads_on_and_one_that_does_not_ends_by_itself():
    p = Process("Deadline")
    with p.service("Work", does="work") as work:
        with work.after("PT1H", name="Late"):
            p.service("Hurry", does="hurry")
        with work.every("R/P1D", name="Daily"):
            p.service("Remind", does="remind")
    p.service("Next", does="next")
    process = p.definition()
    assert {"work > before-next", "hurry > before-next", "remind > daily-end"} <= set(paths(process))
    assert [event.interrupting for event in process.elements if isinstance(event, BoundaryEvent)] == [True, False]


def test_a_group_has_its_own_steps_and_an_error_of_it_is_caught_outside():
    p = Process("Group")
    with p.group("Pay", for_each=each("line", "lines", in_order=True, until="stop")) as pay:
        p.service("Transfer", does="pay")
        p.fails("refused")
    with pay.on_error("refused"):
        p.ends("Refused")
    process = p.definition()
    group = element(process, "pay")
    assert isinstance(group, SubProcess)
    assert [step.id for step in group.elements] == ["pay-start", "transfer", "refused"]
    assert group.multi_instance == MultiInstance(
        sequential=True, collection="= lines", item="line", completion_condition="= stop"
    )


def test_something_may_happen_whenever_the_process_runs():
    p = Process("Whenever")
    p.service("Work", does="work")
    with p.whenever("The supplier asks", message="question", key="id", interrupting=False):
        p.service("Answer", does="answer")
    process = p.definition()
    asks = element(process, "the-supplier-asks")
    assert asks.triggered_by_event
    assert isinstance(asks.elements[0], StartEvent)
    assert not asks.elements[0].interrupting
    assert bpmn.validate(process) == ()


def test_typed_inputs_and_outputs_become_mappings_and_contracts():
    p = Process("Types")
    p.service("Read", does="read", takes=Document, gives=Invoice, into="invoice", inputs={"document": "file.sha256"})
    p.service("Again", does="again", takes=Document, gives=Invoice)
    read, again = p.definition().elements[1:3]
    assert read.inputs == (Mapping(source="= file.sha256", target="document"),)
    assert read.outputs == (
        Mapping(source='= {"number": number, "total": total, "confidence": confidence}', target="invoice"),
    )
    assert [mapping.target for mapping in again.outputs] == ["number", "total", "confidence"]
    contract = p.contracts()[0]
    assert (contract.type, contract.input_schema["required"]) == ("read", ["document"])
    assert set(contract.output_schema["properties"]) == {"number", "total", "confidence"}


def test_an_actor_gives_its_type_and_schemas():
    reader = Actor(
        type="read-invoice",
        run=lambda job: Completed({}),
        input_schema={"properties": {"document": {"type": "string"}}},
    )
    p = Process("Actor")
    p.service("Read", does=reader)
    assert p.definition().elements[1].job.type == "read-invoice"
    assert p.contracts()[0].input_schema["properties"] == {"document": {"type": "string"}}


def test_a_person_sees_a_brief_and_the_answer_gets_a_name():
    process = invoice_to_pay().definition()
    task = element(process, "approve-the-invoice")
    assert task.assignment.candidate_groups == "approver"
    assert task.inputs[0].target == "brief"
    assert task.inputs[0].source == (
        "= {reasons: check.reasons, document: document, "
        'facts: [{label: "Total", expected: null, actual: invoice.total, ok: true}], '
        'options: [{value: "approve", label: "Approve", consequence: "It is posted and paid", commentRequired: false}, '
        '{value: "reject", label: "Reject", consequence: "The supplier is told", commentRequired: true}], '
        'recommendation: {option: "approve", why: check.advice}}'
    )
    assert task.outputs == (Mapping(source="= {decision: decision, comment: comment}", target="approval"),)


def test_goto_forward_and_back():
    process = invoice_to_pay().definition()
    assert "approved > tell-the-supplier" in paths(process)
    assert "what-did-the-clerk-say > look-it-up-in-the-erp" in paths(process)


def test_a_number_of_times():
    p = Process("Times")
    p.service("Ring", does="ring", for_each=times("3", in_order=True))
    assert p.definition().elements[1].multi_instance == MultiInstance(cardinality="= 3", sequential=True)


# ---- mistakes --------------------------------------------------------------------------------------------------------


def _unknown_goto(p):
    p.goto("Nowhere")


def _goto_between_groups(p):
    with p.group("Inner"):
        p.goto("Begin")


def _two_defaults(p):
    with p.choose("Which?") as which:
        with which.otherwise():
            p.ends("A")
        with which.otherwise():
            p.ends("B")


def _step_after_an_end(p):
    p.ends("Done")
    p.service("Too late", does="late")


def _step_between_branches(p):
    with p.choose("Which?"):
        p.service("Lost", does="lost")


def _late_boundary(p):
    step = p.service("Work", does="work")
    p.service("Next", does="next")
    with step.after("P1D", name="Late"):
        p.service("Hurry", does="hurry")


def _undo_of_what_cannot_be_undone(p):
    p.undo("Begin")


def _wrong_recommendation(p):
    p.person("Ask", options=["yes", "no"], recommendation=("maybe", "why not"))


def _ambiguous_goto(p):
    p.service("Begin", does="again")
    p.goto("Begin")


def _empty_group(p):
    with p.group("Nothing"):
        pass


def _unnamed_variable(p):
    p.decides("Check", decision="d", result="my result")


def _one_event(p):
    with p.first_of("One") as first, first.after("P1D"):
        pass


def _untyped_into(p):
    p.service("Read", does="read", into="invoice")


def _late_start(p):
    p.starts("Again", message="again")


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (_unknown_goto, 'there is no step named "Nowhere". The steps here are: "Begin"'),
        (_goto_between_groups, '"Begin" lies in another group'),
        (_two_defaults, '"Which?" has two defaults'),
        (_step_after_an_end, 'nothing leads to "Too late"'),
        (_step_between_branches, 'nothing leads to "Lost"'),
        (_late_boundary, 'it is not clear where the path "Late" leads'),
        (_undo_of_what_cannot_be_undone, '"Begin" has nothing that undoes it'),
        (_wrong_recommendation, 'the recommendation "maybe" is none of the options'),
        (_ambiguous_goto, 'there are 2 steps named "Begin"'),
        (_empty_group, '"Nothing" has no steps'),
        (_unnamed_variable, '"my result" is not the name of a variable'),
        (_one_event, '"One" has 1 of at least 2 ways'),
        (_untyped_into, 'into="invoice" needs to know the fields of the result'),
        (_late_start, '"Again" starts the process after its first step'),
    ],
)
def test_a_mistake_of_the_author_is_one_message_with_the_python_line(mistake, message):
    def write() -> None:
        p = Process("Mistake")
        p.service("Begin", does="begin")
        mistake(p)
        p.definition()

    with pytest.raises(AuthorError) as caught:
        write()
    assert message in str(caught.value)
    file, _, rest = str(caught.value).partition(".py:")
    assert file.endswith("test_process")
    first = mistake.__code__.co_firstlineno
    assert first <= int(rest.partition(":")[0]) <= first + 8


def test_a_process_without_steps_is_a_mistake():
    with pytest.raises(AuthorError, match='"Empty" has no steps'):
        Process("Empty").definition()


def test_an_end_is_not_needed():
    p = Process("Open")
    p.service("Work", does="work")
    assert isinstance(p.definition().elements[-1], EndEvent)
