"""Random processes: well-structured ones, the same with a defect, and ones that nobody would draw."""

import random

from clearance.model import definition as model
from clearance.model.definition import Element, Flow, Process

GATEWAYS = (model.ExclusiveGateway, model.ParallelGateway, model.InclusiveGateway)


class Drawing:
    """A process that is being drawn."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.elements: list[Element] = []
        self.flows: list[tuple[str, str]] = []

    def add(self, element: Element) -> str:
        self.elements.append(element)
        return element.id

    def name(self, letter: str) -> str:
        return f"{letter}{len(self.elements)}"

    def flow(self, source: str, target: str) -> None:
        self.flows.append((source, target))

    def process(self) -> Process:
        flows = tuple(
            Flow(id=f"{source}_{target}_{number}", source=source, target=target)
            for number, (source, target) in enumerate(self.flows)
        )
        return Process(id="p", elements=tuple(self.elements), flows=flows)


def structured(seed: int, size: int = 8, loops: bool = True, ends: bool = True) -> Process:
    """Blocks within blocks, each split with the join that fits; so it is sound."""
    drawing = Drawing(seed)
    start = drawing.add(model.StartEvent(id="start"))
    last = _block(drawing, start, size, loops, ends, True)
    drawing.flow(last, drawing.add(model.EndEvent(id="end")))
    return drawing.process()


def long(seed: int, size: int) -> Process:
    """Structured blocks in a row, until there are about as many elements."""
    drawing = Drawing(seed)
    last = drawing.add(model.StartEvent(id="start"))
    while len(drawing.elements) < size - 1:
        last = _block(drawing, last, 30, True, True, True)
    drawing.flow(last, drawing.add(model.EndEvent(id="end")))
    return drawing.process()


def _block(drawing: Drawing, before: str, size: int, loops: bool, ends: bool, alone: bool) -> str:
    """Draw about as many elements after one; returns the last. Alone: nothing else runs at the same time."""
    rolled = drawing.random.random()
    if size < 2 or rolled < 0.2:
        task = drawing.add(model.Task(id=drawing.name("t")))
        drawing.flow(before, task)
        return task
    if rolled < 0.45:
        half = drawing.random.randint(1, size - 1)
        middle = _block(drawing, before, half, loops, ends, alone)
        return _block(drawing, middle, size - half, loops, ends, alone)
    if rolled < 0.55 and loops:
        return _loop(drawing, before, size, ends, alone)
    if rolled < 0.65 and ends:
        return _ending(drawing, before, size, loops, alone)
    if rolled < 0.72:
        return _boundary(drawing, before, size, loops, ends, alone)
    kind = drawing.random.choice(GATEWAYS)
    split = drawing.add(kind(id=drawing.name("s")))
    drawing.flow(before, split)
    join = drawing.add(kind(id=drawing.name("j")))
    ways = drawing.random.randint(2, 3)
    for _ in range(ways):
        inner = size // ways
        parallel = kind is not model.ExclusiveGateway
        last = _block(drawing, split, inner, loops, ends, alone and not parallel) if inner else split
        drawing.flow(last, join)
    return join


def _loop(drawing: Drawing, before: str, size: int, ends: bool, alone: bool) -> str:
    join = drawing.add(model.ExclusiveGateway(id=drawing.name("l")))
    drawing.flow(before, join)
    last = _block(drawing, join, size - 1, True, ends, alone)
    split = drawing.add(model.ExclusiveGateway(id=drawing.name("x")))
    drawing.flow(last, split)
    drawing.flow(split, join)
    return split


def _ending(drawing: Drawing, before: str, size: int, loops: bool, alone: bool) -> str:
    """A choice one way of which ends: all of the process, or only itself where nobody waits for it."""
    split = drawing.add(model.ExclusiveGateway(id=drawing.name("e")))
    drawing.flow(before, split)
    definition = (
        None if alone else drawing.random.choice((model.TerminateDefinition(), model.ErrorDefinition(code="e")))
    )
    drawing.flow(split, drawing.add(model.EndEvent(id=drawing.name("z"), definition=definition)))
    return _block(drawing, split, size - 1, loops, True, alone)


def _boundary(drawing: Drawing, before: str, size: int, loops: bool, ends: bool, alone: bool) -> str:
    """A task with an event that interrupts it and comes back, or one beside it that ends by itself."""
    task = drawing.add(model.Task(id=drawing.name("t")))
    drawing.flow(before, task)
    interrupting = drawing.random.random() < 0.5
    timer = model.TimerDefinition(duration="PT1H")
    event = drawing.add(
        model.BoundaryEvent(id=drawing.name("b"), attached_to=task, interrupting=interrupting, definition=timer)
    )
    last = _block(drawing, event, size - 1, loops, ends, alone and interrupting)
    if not interrupting:
        drawing.flow(last, drawing.add(model.EndEvent(id=drawing.name("z"))))
        return task
    join = drawing.add(model.ExclusiveGateway(id=drawing.name("j")))
    drawing.flow(task, join)
    drawing.flow(last, join)
    return join


def defective(seed: int, size: int = 8, loops: bool = True) -> Process:
    """A structured process in which gateways are swapped and flows led elsewhere."""
    return damaged(structured(seed, size, loops), seed, loops)


def damaged(process: Process, seed: int, loops: bool = True) -> Process:
    """The process with one defect or two; they need not do harm."""
    chance = random.Random(seed)
    elements = list(process.elements)
    flows = list(process.flows)
    for mutation in range(chance.randint(1, 2)):
        gateways = [number for number, element in enumerate(elements) if isinstance(element, GATEWAYS)]
        if gateways and chance.random() < 0.6:
            number = chance.choice(gateways)
            elements[number] = chance.choice(GATEWAYS)(id=elements[number].id)
        else:
            number = chance.randrange(len(flows))
            earlier = flows[number].source
            targets = [each for each in elements if _may_lead_to(each, earlier, elements, loops)]
            if targets:
                target = chance.choice(targets).id
                flows.append(Flow(id=f"more{mutation}", source=earlier, target=target))
                if chance.random() < 0.5:
                    del flows[number]
    return _connected(Process(id="p", elements=tuple(elements), flows=tuple(flows)))


def tangled(seed: int, size: int = 8, loops: bool = False) -> Process:
    """Elements in a row, flows at random between them."""
    chance = random.Random(seed)
    elements: list[Element] = [model.StartEvent(id="start")]
    kinds = (*GATEWAYS, *GATEWAYS, model.Task)
    elements += [chance.choice(kinds)(id=f"n{number}") for number in range(size)]
    elements.append(model.EndEvent(id="end"))
    flows = []
    for number, element in enumerate(elements[:-1]):
        for _ in range(1 if number == 0 else chance.choice((1, 1, 2, 2, 3))):
            target = elements[chance.randint(number + 1, min(number + 4, len(elements) - 1))]
            flows.append(Flow(id=f"f{len(flows)}", source=element.id, target=target.id))
    if loops:
        for _ in range(chance.randint(1, 2)):
            late = chance.randint(2, size)
            source, target = elements[late], elements[chance.randint(1, late)]
            flows.append(Flow(id=f"back{len(flows)}", source=source.id, target=target.id))
    return _connected(Process(id="p", elements=tuple(elements), flows=tuple(flows)))


def _may_lead_to(element: Element, source: str, elements: list[Element], loops: bool) -> bool:
    if isinstance(element, model.StartEvent | model.BoundaryEvent) or element.id == source:
        return False
    ids = [each.id for each in elements]
    return loops or ids.index(element.id) > ids.index(source)


def _connected(process: Process) -> Process:
    """Only what a start leads to; elements that lead nowhere lead to the end."""
    elements = {element.id: element for element in process.elements}
    reached = {"start"}
    stack = ["start"]
    while stack:
        current = stack.pop()
        following = [flow.target for flow in process.flows if flow.source == current]
        following += [
            each.id
            for each in elements.values()
            if isinstance(each, model.BoundaryEvent) and each.attached_to == current
        ]
        stack += [each for each in following if each not in reached]
        reached.update(following)
    kept = tuple(element for element in process.elements if element.id in reached)
    flows = [flow for flow in process.flows if flow.source in reached and flow.target in reached]
    leading = {flow.source for flow in flows}
    ends = [element.id for element in kept if isinstance(element, model.EndEvent)]
    if not ends:
        kept = (*kept, model.EndEvent(id="last"))
        ends = ["last"]
    for element in kept:
        if element.id not in leading and not isinstance(element, model.EndEvent):
            flows.append(Flow(id=f"out{len(flows)}", source=element.id, target=ends[-1]))
    return Process(id="p", elements=kept, flows=tuple(flows))
