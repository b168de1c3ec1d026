"""Pools, message flows and data that nobody has drawn are drawn so that they can be read."""

from itertools import combinations, pairwise

from msgspec.structs import replace

from clearance import bpmn
from clearance.build import Definitions, Process
from clearance.model.definition import Bounds
from tests.bpmn.test_layout import holds, overlap, touches


def shop() -> Definitions:
    shop = Definitions("Shop")
    buyer, seller, bank = shop.process("Buyer"), shop.process("Seller"), shop.process("Bank")
    buyer.tells("Order it", message="order", key="number")
    buyer.service("Wait a bit", does="wait")
    buyer.waits("The goods have come", message="goods", key="number")
    seller.starts("An order", message="order")
    seller.sends("Ask for money", message="pay", key="number")
    seller.sends("Send the goods", message="goods", key="number")
    bank.starts("A payment", message="pay")
    return shop


def drawn(definitions: Definitions):
    """What a file of it says of its diagrams."""
    read = bpmn.read(bpmn.write(definitions.definitions()))
    assert read.diagram is not None
    return read


def test_pools_of_one_file_are_one_diagram_of_their_collaboration():
    read = drawn(shop())
    assert read.diagram.plane == "shop-collaboration"
    assert read.further_diagrams == ()
    shapes = {shape.element: shape.bounds for shape in read.diagram.shapes}
    pools = [shapes[f"{name}-pool"] for name in ("buyer", "seller", "bank")]
    assert len({(pool.x, pool.width) for pool in pools}) == 1
    assert not any(overlap(first, second) for first, second in combinations(pools, 2))
    for process, pool in zip(read.processes, pools, strict=True):
        assert all(holds(pool, shapes[element.id]) for element in process.elements)


def test_message_flows_lead_from_shape_to_shape_without_slanting():
    read = drawn(shop())
    shapes = {shape.element: shape.bounds for shape in read.diagram.shapes}
    edges = {edge.element: edge.waypoints for edge in read.diagram.edges}
    flows = {"1": ("order-it", "an-order"), "2": ("ask-for-money", "a-payment")}
    flows["3"] = ("send-the-goods", "the-goods-have-come")
    for number, (source, target) in flows.items():
        points = edges[f"shop-collaboration-{number}"]
        assert touches(shapes[source], points[0])
        assert touches(shapes[target], points[-1])
        assert all(one[0] == other[0] or one[1] == other[1] for one, other in pairwise(points))


def test_names_give_way_to_message_flows_below_events():
    read = drawn(shop())
    labels = {shape.element: shape.label for shape in read.diagram.shapes}
    shapes = {shape.element: shape.bounds for shape in read.diagram.shapes}
    assert labels["order-it"].y + labels["order-it"].height < shapes["order-it"].y
    assert labels["an-order"] is None


def test_data_stands_above_its_process_and_is_joined_to_its_steps():
    p = Process("Filing")
    claim, archive = p.data("Claim"), p.store("Archive")
    p.service("Read", does="read", writes=[claim])
    with p.together() as both:
        for name in ("File", "Copy"):
            with both.branch():
                p.service(name, does="file", reads=[claim], writes=[archive])
    diagram = bpmn.layout(p.definition())
    shapes = {shape.element: shape.bounds for shape in diagram.shapes}
    assert not any(overlap(first, second) for first, second in combinations(shapes.values(), 2))
    steps = [bounds for name, bounds in shapes.items() if name not in (claim.id, archive.id)]
    assert all(shapes[data.id].y + shapes[data.id].height < min(step.y for step in steps) for data in (claim, archive))
    edges = {edge.element: edge.waypoints for edge in diagram.edges}
    for step in p.definition().elements:
        for link in getattr(step, "data_inputs", ()):
            assert touches(shapes[claim.id], edges[link.id][0])
            assert touches(shapes[step.id], edges[link.id][-1])
        for link in getattr(step, "data_outputs", ()):
            assert touches(shapes[step.id], edges[link.id][0])
            assert touches(shapes[link.target], edges[link.id][-1])


def test_a_pool_without_a_process_is_a_black_box():
    definitions = shop().definitions()
    text = definitions.carried[0].replace("</bpmn:collaboration>", "")
    more = f'{text}<bpmn:participant id="tax" name="Tax office"></bpmn:participant></bpmn:collaboration>'
    read = bpmn.read(bpmn.write(replace(definitions, carried=(more,))))
    shapes = {shape.element: shape.bounds for shape in read.diagram.shapes}
    assert isinstance(shapes["tax"], Bounds)
    assert shapes["tax"].width == shapes["buyer-pool"].width
