"""Paths divide and meet in every way that BPMN has."""

import pytest

from clearance.build import AuthorError, Process
from clearance.model import definition as model


def paths(process):
    return {(flow.source, flow.target) for flow in process.flows}


def element(process, identifier):
    return next(element for element in process.elements if element.id == identifier)


def test_a_discriminator_goes_on_once_enough_branches_are_done():
    p = Process("Quorum")
    with p.together("Ask", once="activationCount >= 2") as ask:
        for name in ("A", "B", "C"):
            with ask.branch():
                p.task(name)
    p.task("Next")
    process = p.definition()
    join = element(process, "ask-done")
    assert join == model.ComplexGateway(id="ask-done", activation_condition="= activationCount >= 2")
    assert {("a", "ask-done"), ("b", "ask-done"), ("c", "ask-done"), ("ask-done", "next")} <= paths(process)


def test_branches_that_do_not_join_each_go_on():
    p = Process("Multiple merge")
    with p.together("Both", joins=False) as both:
        for name in ("A", "B"):
            with both.branch():
                p.task(name)
    p.task("Twice")
    process = p.definition()
    assert isinstance(element(process, "before-twice"), model.ExclusiveGateway)


def test_paths_from_anywhere_meet_where_the_author_says():
    p = Process("Meet")
    with p.together("Both", joins=False) as both:
        with both.branch():
            p.task("A")
        with both.branch(), p.choose("Well?") as well:
            with well.when("yes", "ok"):
                p.goto("All here")
            with well.otherwise("no"):
                p.ends("Lost")
    p.joins("All here", several=True)
    p.task("Next")
    process = p.definition()
    assert isinstance(element(process, "all-here"), model.InclusiveGateway)
    assert {("a", "all-here"), ("well", "all-here"), ("all-here", "next")} <= paths(process)


def test_a_parallel_and_a_complex_join():
    p = Process("Joins")
    with p.together("Both", joins=False) as both:
        with both.branch():
            p.task("A")
        with both.branch():
            p.goto("Every")
    p.joins("Every")
    p.joins("Some", once="activationCount > 0")
    process = p.definition()
    assert isinstance(element(process, "every"), model.ParallelGateway)
    assert element(process, "some").activation_condition == "= activationCount > 0"


def test_a_complex_gateway_counts_paths_and_chooses_ways():
    p = Process("Complex")
    with p.together("Both", joins=False) as both:
        for name in ("A", "B"):
            with both.branch():
                p.task(name)
    with p.choose("Enough?", several=True, once="activationCount >= 1") as enough:
        with enough.when("first", "waitingForStart"):
            p.task("First")
        with enough.otherwise("rest"):
            p.task("Rest")
    process = p.definition()
    gateway = element(process, "enough")
    assert isinstance(gateway, model.ComplexGateway)
    assert {("a", "enough"), ("b", "enough")} <= paths(process)
    assert gateway.default == "enough-to-rest"


def test_ways_may_leave_a_step_itself():
    p = Process("Uncontrolled")
    with p.task("Work").ways() as way:
        with way.when("big", "n > 1"):
            p.task("Big")
        with way.otherwise("small"):
            p.task("Small")
    process = p.definition()
    assert element(process, "work").default == "work-to-small"
    assert [flow.condition for flow in process.flows if flow.source == "work"] == ["= n > 1", ""]


@pytest.mark.parametrize("everything", [False, True])
def test_a_process_starts_with_the_first_event_or_needs_all(everything):
    p = Process("Begin")
    with p.starts_with("Which?", everything=everything) as first:
        with first.message("Mail", message="mail"):
            p.task("Read")
        with first.message("Call", message="call"):
            pass
    p.task("Next")
    process = p.definition()
    gateway = element(process, "which")
    assert (gateway.instantiate, gateway.parallel) == (True, everything)
    assert not any(isinstance(part, model.StartEvent) for part in process.elements)
    join = {source for source, target in paths(process) if target == "next"}.pop()
    assert isinstance(element(process, join), model.ParallelGateway if everything else model.ExclusiveGateway)


def test_receive_tasks_may_be_what_is_waited_for():
    p = Process("Receive")
    with p.first_of("Which?") as first:
        with first.receives("Mail", message="mail", key="n"):
            pass
        with first.receives("Call", message="call", key="n"):
            pass
    found = [part for part in p.definition().elements if isinstance(part, model.ReceiveTask)]
    assert [task.message.name for task in found] == ["mail", "call"]


def test_a_receive_task_may_start_the_process_beside_a_start_event():
    p = Process("Begin")
    p.starts("By hand")
    p.receives("An order", message="order", starts=True)
    p.task("Next")
    process = p.definition()
    assert element(process, "an-order").instantiate
    assert {("by-hand", "before-next"), ("an-order", "before-next")} <= paths(process)


def test_a_link_continues_elsewhere():
    p = Process("Links")
    with p.choose("Which?") as which:
        with which.when("a", "a"):
            p.link("Archive")
        with which.otherwise():
            p.task("Work")
    p.continues("Archive")
    p.task("File it")
    process = p.definition()
    assert {("work", "before-file-it"), ("archive-from-link", "before-file-it")} <= paths(process)
    assert element(process, "archive").definition == model.LinkDefinition(name="Archive")


def _nowhere(p):
    p.link("Nowhere")


def _from_nowhere(p):
    p.continues("Nowhere")
    p.task("Step")


def _counted_choice(p):
    p.choose("Which?", once="true")


def _contradiction(p):
    p.together("Both", once="true", joins=False)


def _left_already(p):
    step = p.task("Work")
    p.task("Next")
    step.ways()


def _into_a_start(p):
    with p.starts_with("First") as first:
        with first.message("A", message="a"):
            p.goto("First")
        with first.message("B", message="b"):
            pass


def _into_a_together(p):
    with p.together("Both") as both, both.branch():
        p.goto("Both")


def _mixed(p):
    with p.first_of("First") as first:
        with first.message("A", message="a", key="n"):
            pass
        with first.receives("B", message="b", key="n"):
            pass


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (_mixed, '"B" mixes message and receives'),
        (_nowhere, 'the link "Nowhere" leads nowhere'),
        (_from_nowhere, 'no link leads to "Nowhere"'),
        (_counted_choice, '"Which?" counts paths with once'),
        (_contradiction, "once says when to go on"),
        (_left_already, '"Work" has been left already'),
        (_into_a_start, "cannot enter a start"),
        (_into_a_together, "cannot enter a together"),
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
