"""A laid-out process can be read: nothing overlaps, and every line begins and ends at its shapes."""

import random
from itertools import combinations, pairwise

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from clearance import bpmn
from clearance.build import Process
from clearance.model.definition import (
    BoundaryEvent,
    Bounds,
    Definitions,
    Diagram,
    Element,
    EndEvent,
    Flow,
    ParallelGateway,
    StartEvent,
    SubProcess,
    Task,
    walk,
)
from clearance.model.definition import Process as Definition
from tests.build.invoice_to_pay import invoice_to_pay


def overlap(first: Bounds, second: Bounds) -> bool:
    return (
        first.x < second.x + second.width
        and second.x < first.x + first.width
        and first.y < second.y + second.height
        and second.y < first.y + first.height
    )


def holds(outer: Bounds, inner: Bounds) -> bool:
    return (
        outer.x <= inner.x
        and outer.y <= inner.y
        and inner.x + inner.width <= outer.x + outer.width
        and inner.y + inner.height <= outer.y + outer.height
    )


def touches(bounds: Bounds, point: tuple[float, float]) -> bool:
    x, y = point
    right, bottom = bounds.x + bounds.width, bounds.y + bounds.height
    inside = bounds.x <= x <= right and bounds.y <= y <= bottom
    return inside and (x in (bounds.x, right) or y in (bounds.y, bottom))


def crosses(bounds: Bounds, start: tuple[float, float], end: tuple[float, float]) -> bool:
    """Whether a horizontal or vertical line runs through the inside of the shape."""
    left, right = sorted((start[0], end[0]))
    top, bottom = sorted((start[1], end[1]))
    return left < bounds.x + bounds.width and right > bounds.x and top < bounds.y + bounds.height and bottom > bounds.y


def assert_readable(process: Definition, diagram: Diagram) -> None:
    shapes = {shape.element: shape.bounds for shape in diagram.shapes}
    edges = {edge.element: edge.waypoints for edge in diagram.edges}
    scopes = [process, *(element for element, _ in walk(process) if isinstance(element, SubProcess))]
    for scope in scopes:
        hosts = {element.id: element.attached_to for element in scope.elements if isinstance(element, BoundaryEvent)}
        for first, second in combinations(scope.elements, 2):
            if hosts.get(first.id) != second.id and hosts.get(second.id) != first.id:
                assert not overlap(shapes[first.id], shapes[second.id]), (first.id, second.id)
        for event, host in hosts.items():
            middle = shapes[event].y + shapes[event].height / 2
            assert middle == shapes[host].y + shapes[host].height
        if isinstance(scope, SubProcess):
            assert all(holds(shapes[scope.id], shapes[element.id]) for element in scope.elements)
        for flow in scope.flows:
            points = edges[flow.id]
            assert touches(shapes[flow.source], points[0]), flow.id
            assert touches(shapes[flow.target], points[-1]), flow.id
            for start, end in pairwise(points):
                assert start[0] == end[0] or start[1] == end[1], f"{flow.id} runs askew"
                for element in scope.elements:
                    assert not crosses(shapes[element.id], start, end), f"{flow.id} runs over {element.id}"


def test_invoice_to_pay_can_be_read():
    process = invoice_to_pay().definition()
    assert_readable(process, bpmn.layout(process))


def test_the_main_path_runs_from_left_to_right_on_one_line():
    p = Process("Straight")
    for name in ("Read", "Check", "Post"):
        p.service(name, does=name.lower())
    p.ends("Done")
    shapes = bpmn.layout(p.definition()).shapes
    assert len({shape.bounds.y + shape.bounds.height / 2 for shape in shapes}) == 1
    assert [shape.bounds.x for shape in shapes] == sorted(shape.bounds.x for shape in shapes)


def test_a_loop_is_led_around_below_everything_that_it_passes():
    p = Process("Again")
    p.service("Try", does="try")
    with p.choose("Well?") as well:
        with well.when("no", "not(ok)"):
            p.goto("Try")
        with well.otherwise("yes"):
            p.ends("Done")
    process = p.definition()
    diagram = bpmn.layout(process)
    assert_readable(process, diagram)
    (back,) = (edge for edge in diagram.edges if edge.element == "well-to-try")
    lowest = max(shape.bounds.y + shape.bounds.height for shape in diagram.shapes)
    assert max(y for _, y in back.waypoints) > lowest


@st.composite
def graphs(draw: st.DrawFn) -> Definition:
    """Any tasks, boundary events and flows, with cycles and loops on one element."""
    count = draw(st.integers(1, 8))
    tasks = [Task(id=f"t{number}", name="Work") for number in range(count)]
    numbers = st.integers(0, count - 1)
    hosts = draw(st.lists(numbers, max_size=4))
    events = [BoundaryEvent(id=f"b{n}", name="Late", attached_to=f"t{host}") for n, host in enumerate(hosts)]
    inner = SubProcess(id="s", elements=(StartEvent(id="i1"), EndEvent(id="i2")), flows=(_flow("i", "i1", "i2"),))
    apart = SubProcess(id="x", triggered_by_event=True, elements=(StartEvent(id="x1"),))
    sources = [*(task.id for task in tasks), *(event.id for event in events), "s"]
    targets = [*(task.id for task in tasks), "s"]
    pairs = draw(st.lists(st.tuples(st.sampled_from(sources), st.sampled_from(targets)), max_size=14))
    flows = tuple(_flow(f"f{number}", *pair) for number, pair in enumerate(pairs))
    return Definition(id="p", elements=(*tasks, *events, inner, apart), flows=flows)


def _flow(identifier: str, source: str, target: str) -> Flow:
    return Flow(id=identifier, source=source, target=target, name="way")


@settings(
    max_examples=200,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(graphs())
def test_any_tangle_of_tasks_can_be_read(process):
    assert_readable(process, bpmn.layout(process))


@pytest.mark.timeout(20)
def test_a_thousand_steps_are_laid_out_in_seconds():
    elements = tuple(Task(id=f"t{number}") for number in range(1000))
    flows = tuple(_flow(f"f{number}", f"t{number}", f"t{number + 1}") for number in range(999))
    process = Definition(id="p", elements=elements, flows=flows)
    assert len(bpmn.layout(process).shapes) == 1000


TALK = (
    '<collaboration xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="c"><participant id="a" processRef="buyer"/>'
    '<participant id="b" processRef="seller"/><participant id="bank"/>'
    '<messageFlow id="order" sourceRef="send" targetRef="receive"/>'
    '<messageFlow id="bill" sourceRef="reply" targetRef="wait"/>'
    '<messageFlow id="pay" sourceRef="reply" targetRef="bank"/></collaboration>'
)


def test_pools_stand_one_below_the_other_and_messages_run_between_them():
    def process(identifier: str, *tasks: str) -> Definition:
        elements = tuple(Task(id=task, name=task) for task in tasks)
        return Definition(id=identifier, elements=elements, flows=(_flow(f"{identifier}_f", *tasks),))

    two = (process("buyer", "send", "wait"), process("seller", "receive", "reply"))
    diagram = bpmn.read(bpmn.write(Definitions(id="d", processes=two, carried=(TALK,)))).diagram
    assert diagram is not None
    assert diagram.plane == "c"
    shapes = {shape.element: shape.bounds for shape in diagram.shapes}
    edges = {edge.element: edge.waypoints for edge in diagram.edges}
    for first, second in combinations(("a", "b", "bank"), 2):
        assert not overlap(shapes[first], shapes[second])
    assert all(holds(shapes["a"], shapes[task]) for task in ("send", "wait"))
    assert all(holds(shapes["b"], shapes[task]) for task in ("receive", "reply"))
    for flow, source, target in (("order", "send", "receive"), ("bill", "reply", "wait"), ("pay", "reply", "bank")):
        assert touches(shapes[source], edges[flow][0])
        assert touches(shapes[target], edges[flow][-1])
        assert all(start[0] == end[0] or start[1] == end[1] for start, end in pairwise(edges[flow]))
    assert {y for _, y in edges["order"]}.isdisjoint({y for _, y in edges["bill"][1:-1]})


def crossings(diagram: Diagram) -> int:
    """How often lines of different edges cross, one running up or down, the other across."""
    lines = [(edge.element, *line) for edge in diagram.edges for line in pairwise(edge.waypoints)]
    across = [(key, sorted((a[0], b[0])), a[1]) for key, a, b in lines if a[1] == b[1]]
    upright = [(key, a[0], sorted((a[1], b[1]))) for key, a, b in lines if a[0] == b[0]]
    return sum(
        key != other and left < x < right and top < y < bottom
        for key, (left, right), y in across
        for other, x, (top, bottom) in upright
    )


def blocks(chance: random.Random, elements: list[Element], flows: list[Flow], depth: int) -> tuple[str, str]:
    """A task, a sequence, or a split with its join; its first and last element."""
    number = len(elements)
    kind = chance.choice(["task", "sequence", "split"]) if depth else "task"
    if kind == "task":
        elements.append(Task(id=f"n{number}"))
        return f"n{number}", f"n{number}"
    if kind == "split":
        elements += [ParallelGateway(id=f"n{number}"), ParallelGateway(id=f"n{number}j")]
        for _ in range(chance.randint(2, 3)):
            first, last = blocks(chance, elements, flows, depth - 1)
            flows += [
                _flow(f"{first}in{number}", f"n{number}", first),
                _flow(f"{last}out{number}", last, f"n{number}j"),
            ]
        return f"n{number}", f"n{number}j"
    before, after = blocks(chance, elements, flows, depth - 1), blocks(chance, elements, flows, depth - 1)
    flows.append(_flow(f"{before[1]}to{after[0]}", before[1], after[0]))
    return before[0], after[1]


@pytest.mark.parametrize("seed", range(40))
def test_no_lines_cross_where_every_split_has_its_join(seed):
    elements: list[Element] = []
    flows: list[Flow] = []
    blocks(random.Random(seed), elements, flows, 4)
    assert crossings(bpmn.layout(Definition(id="p", elements=tuple(elements), flows=tuple(flows)))) == 0


def test_few_lines_cross_in_invoice_to_pay():
    assert crossings(bpmn.layout(invoice_to_pay().definition())) <= 5
