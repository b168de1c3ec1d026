"""Transactions, steps that are chosen freely, reactions, handlers of several steps."""

import pytest

from clearance.build import AuthorError, Process
from clearance.model import definition as model


def element(process, identifier):
    return next(element for element, _ in model.walk(process) if element.id == identifier)


def test_a_transaction_is_cancelled_from_inside_and_leads_on_outside():
    p = Process("Trip")
    with p.transaction("Book") as booking:
        p.service("Hotel", does="hotel").undone_by("No hotel", does="no-hotel")
        p.cancels("Called off")
    with booking.on_cancel(name="Cancelled"):
        p.ends("At home")
    process = p.definition()
    assert isinstance(element(process, "book"), model.Transaction)
    assert element(process, "called-off").definition == model.CancelDefinition()
    assert element(process, "cancelled").attached_to == "book"
    assert process.associations == (
        model.Association(id="hotel-undo-by-no-hotel", source="hotel-undo", target="no-hotel"),
    )


def test_several_steps_undo_one():
    p = Process("Undo")
    with p.service("Pay", does="pay").undone_in("Get it back"):
        p.service("Ask", does="ask")
        p.service("Insist", does="insist")
    p.undo("Pay")
    process = p.definition()
    handler = element(process, "get-it-back")
    assert handler.for_compensation
    assert [part.id for part in handler.elements] == ["get-it-back-start", "ask", "insist", "get-it-back-end"]
    assert process.associations[0].target == "get-it-back"


def test_free_steps_are_not_connected_unless_they_stand_in_order():
    p = Process("Free")
    with p.free("Look", done="found", begins_with=["Ask", "Read"], in_order=True, cancels_rest=False) as look:
        p.task("Ask")
        with p.task("Read").after("P1D", name="Slow"):
            p.task("Skim")
        with look.in_order():
            p.task("One")
            p.task("Two")
        p.task("Last")
    p.task("Next")
    process = p.definition()
    free = element(process, "look")
    assert {(flow.source, flow.target) for flow in free.flows} == {("one", "two"), ("slow", "skim")}
    assert not any(isinstance(part, model.StartEvent | model.EndEvent) for part in free.elements)
    assert (free.sequential, free.cancel_remaining, free.completion_condition) == (True, False, "= found")
    assert free.active_elements == '= ["ask", "read"]'


def test_an_agent_chooses_and_its_results_are_gathered():
    p = Process("Agent")
    with p.free("Help", chosen_by="agent", gather=("results", "result")):
        p.service("Search", does="search")
    free = element(p.definition(), "help")
    assert free.job == model.JobDefinition(type="agent")
    assert (free.output_collection, free.output_element) == ("results", "= result")


def test_a_reaction_may_be_written_first_and_the_process_still_starts():
    p = Process("Reaction")
    with p.whenever("Asked", signal="asked"):
        p.task("Answer")
    p.task("Work")
    process = p.definition()
    assert [(flow.source, flow.target) for flow in process.flows] == [("start", "work"), ("work", "end")]


def _cancel_outside(p):
    p.cancels()


def _end_among_free(p):
    with p.free("Look"):
        p.task("Ask")
        p.ends("Over")


def _start_among_free(p):
    with p.free("Look"):
        p.starts("Begin")


def _unknown_first(p):
    with p.free("Look", begins_with=["Nothing"]):
        p.task("Ask")


def _text_first(p):
    p.free("Look", begins_with="Ask")


def _order_in_order(p):
    with p.free("Look") as look, look.in_order(), look.in_order():
        p.task("Ask")


def _whenever_what(p):
    p.whenever("Something happens")


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (_cancel_outside, "there is no transaction here to cancel"),
        (_end_among_free, "steps that are chosen freely have no end"),
        (_start_among_free, '"Begin" starts steps that are chosen freely'),
        (_unknown_first, 'there is no step named "Nothing"'),
        (_text_first, 'begins_with="Ask" is one text'),
        (_order_in_order, "steps follow one another here anyway"),
        (_whenever_what, 'it is not said what "Something happens" reacts to'),
    ],
)
def test_a_mistake_is_named_with_its_line(mistake, message):
    def write():
        p = Process("Mistake")
        mistake(p)
        p.definition()

    with pytest.raises(AuthorError) as caught:
        write()
    assert message in str(caught.value)
    line = int(str(caught.value).partition(".py:")[2].partition(":")[0])
    assert 0 < line - mistake.__code__.co_firstlineno <= 4
