"""Random well-formed processes: blocks inside blocks, so that every instance can come to its end."""

from dataclasses import dataclass
from itertools import pairwise

from hypothesis import strategies as st

from tests.kernel.files import (
    END,
    START,
    arrows,
    boundary,
    bpmn,
    each,
    error,
    escalation,
    event,
    mapping,
    message,
    service,
    signal,
    timer,
)

MESSAGES = ("m1", "m2")
SIGNALS = ("s1", "s2")


@dataclass
class Block:
    """Elements with one way in and one way out."""

    elements: str
    flows: str
    first: str
    last: str


class Writer:
    """Draws a process; every element gets a fresh id."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.count = 0

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def one_of(self, choices: tuple[str, ...]) -> str:
        return self.draw(st.sampled_from(choices))

    def sequence(self, depth: int) -> Block:
        blocks = [self.block(depth) for _ in range(self.draw(st.sampled_from((3, 2, 1))))]
        flows = [block.flows for block in blocks]
        flows += [f"{one.last} -> {other.first}" for one, other in pairwise(blocks)]
        return Block("".join(block.elements for block in blocks), "\n".join(flows), blocks[0].first, blocks[-1].last)

    def block(self, depth: int) -> Block:
        kinds = ["work", "script", "throw", "catch", "repeated", "person"]
        if depth:
            kinds = ["parallel", "sub", *kinds, "choice", "loop", "race"]
        return getattr(self, self.one_of(tuple(kinds)))(depth)  # type: ignore[no-any-return]

    def single(self, elements: str, identifier: str) -> Block:
        return Block(elements, "", identifier, identifier)

    def work(self, depth: int) -> Block:
        task = self.name("work")
        extra = mapping(inputs={"x": "n"}, outputs={"n": "n + 1"}) if self.draw(st.booleans()) else ""
        elements = service(task, extra=extra)
        if self.draw(st.booleans()):
            handler, edge = self.name("undo"), self.name("c")
            elements += boundary(edge, task, "<compensateEventDefinition/>")
            elements += service(handler, attributes='isForCompensation="true"')
            elements += f'<association id="{edge}_{handler}" sourceRef="{edge}" targetRef="{handler}"/>'
        return self.bordered(elements, task)

    def person(self, depth: int) -> Block:
        task = self.name("person")
        return self.bordered(
            f'<userTask id="{task}"><extensionElements><zeebe:userTask/></extensionElements></userTask>', task
        )

    def script(self, depth: int) -> Block:
        task = self.name("script")
        text = self.one_of(("n + 1", "[n]", "n * 2", "missing + 1"))
        script = f'<zeebe:script expression="={text}" resultVariable="{self.one_of(("n2", "n3"))}"/>'
        return self.single(
            f'<scriptTask id="{task}"><extensionElements>{script}</extensionElements></scriptTask>', task
        )

    def trigger(self) -> str:
        return self.one_of((*map(message, MESSAGES), *map(signal, SIGNALS), timer("PT1H"), timer("PT30M")))

    def catch(self, depth: int) -> Block:
        identifier = self.name("catch")
        return self.single(event("intermediateCatchEvent", identifier, self.trigger()), identifier)

    def throw(self, depth: int) -> Block:
        identifier = self.name("throw")
        thrown = (*map(message, MESSAGES), *map(signal, SIGNALS), escalation("E"), "<compensateEventDefinition/>", "")
        return self.single(event("intermediateThrowEvent", identifier, self.one_of(thrown)), identifier)

    def repeated(self, depth: int) -> Block:
        task = self.name("each")
        until = "numberOfCompletedInstances = 2" if self.draw(st.booleans()) else ""
        loop = each(
            self.one_of(("[]", "[1]", "[1, 2, 3]")), sequential=self.draw(st.booleans()), result="r", until=until
        )
        return self.bordered(service(task, loop), task)

    def bordered(self, elements: str, host: str) -> Block:
        """Perhaps with boundary events that lead to ends of their own."""
        flows = []
        for _ in range(self.draw(st.integers(0, 2))):
            edge, end = self.name("edge"), self.name("end")
            kind = self.one_of(("timer", "cycle", "message", "signal", "error", "escalation"))
            stops = self.draw(st.booleans()) or kind == "error"
            inside = {
                "timer": timer("PT1H"),
                "cycle": timer("R2/PT1H", "timeCycle"),
                "message": message("m1"),
                "signal": signal("s1"),
                "error": error(self.one_of(("", "B"))),
                "escalation": escalation(self.one_of(("", "E"))),
            }[kind]
            elements += boundary(edge, host, inside, interrupting=stops)
            elements += event("endEvent", end, self.one_of(("", "", "<terminateEventDefinition/>")))
            flows.append(f"{edge} -> {end}")
        return Block(elements, "\n".join(flows), host, host)

    def choice(self, depth: int) -> Block:
        split, join = self.name("choice"), self.name("merge")
        one, other = self.sequence(depth - 1), self.sequence(depth - 1)
        elements = f'<exclusiveGateway id="{split}" default="{split}_{other.first}"/><exclusiveGateway id="{join}"/>'
        flows = [f"{split} -> {one.first} when n > 2", f"{split} -> {other.first}"]
        flows += [f"{way.last} -> {join}" for way in (one, other)]
        return Block(elements + one.elements + other.elements, "\n".join([one.flows, other.flows, *flows]), split, join)

    def parallel(self, depth: int) -> Block:
        split, join = self.name("split"), self.name("join")
        ways = [self.sequence(depth - 1) for _ in range(self.draw(st.integers(2, 3)))]
        elements = f'<parallelGateway id="{split}"/><parallelGateway id="{join}"/>'
        flows = [way.flows for way in ways]
        for way in ways:
            flows += [f"{split} -> {way.first}", f"{way.last} -> {join}"]
        return Block(elements + "".join(way.elements for way in ways), "\n".join(flows), split, join)

    def sub(self, depth: int) -> Block:
        sub, start = self.name("sub"), self.name("start")
        end = self.name("end")
        inner = self.sequence(depth - 1)
        finish = self.one_of(("", "", error("B"), "<terminateEventDefinition/>", escalation("E")))
        local = f"<extensionElements>{mapping(inputs={'n': 'n * 2'})}</extensionElements>"
        loop = each("[1, 2]", sequential=self.draw(st.booleans()), result="r") if self.draw(st.booleans()) else ""
        inside = event("startEvent", start) + inner.elements + event("endEvent", end, finish)
        flows = arrows(f"{start} -> {inner.first}\n{inner.last} -> {end}\n{inner.flows}")
        head = local if self.draw(st.booleans()) else ""
        return self.bordered(f'<subProcess id="{sub}">{head}{loop}{inside}{flows}</subProcess>', sub)

    def loop(self, depth: int) -> Block:
        merge, choose, count = self.name("merge"), self.name("again"), self.name("count")
        inner = self.sequence(depth - 1)
        script = '<zeebe:script expression="=n + 1" resultVariable="n"/>'
        elements = f'<exclusiveGateway id="{merge}"/><exclusiveGateway id="{choose}" default="{choose}_{count}out"/>'
        elements += f'<scriptTask id="{count}"><extensionElements>{script}</extensionElements></scriptTask>'
        elements += f'<task id="{count}out"/>'
        flows = f"{merge} -> {count}\n{count} -> {inner.first}\n{inner.last} -> {choose}\n"
        flows += f"{choose} -> {merge} when n &lt; 3\n{choose} -> {count}out".replace("&lt;", "<")
        return Block(elements + inner.elements, f"{inner.flows}\n{flows}", merge, f"{count}out")

    def race(self, depth: int) -> Block:
        gateway, merge = self.name("race"), self.name("merge")
        elements = f'<eventBasedGateway id="{gateway}"/><exclusiveGateway id="{merge}"/>'
        flows = []
        for trigger in (message(self.one_of(MESSAGES)), timer("PT1H")):
            caught = self.name("caught")
            elements += event("intermediateCatchEvent", caught, trigger)
            flows += [f"{gateway} -> {caught}", f"{caught} -> {merge}"]
        return Block(elements, "\n".join(flows), gateway, merge)


@st.composite
def processes(draw: st.DrawFn) -> bytes:
    """A BPMN file with one process ``p``."""
    body = Writer(draw).sequence(draw(st.sampled_from((2, 1, 0))))
    return bpmn(START + body.elements + END, f"s -> {body.first}\n{body.flows}\n{body.last} -> e")
