"""Random well-formed processes: blocks inside blocks, so that every instance can come to its end.

They are drawn from a seed, hold every kind of element that the engine executes, and lean towards what is hard: nested
scopes, boundary events, loops, messages that arrive early, compensation, things that fail.
"""

import random
from collections.abc import Callable
from itertools import pairwise

import msgspec

MESSAGES = ("m1", "m2")
SIGNALS = ("s1", "s2")
START_MESSAGE = "begin"
ERROR = "B"
ESCALATION = "E"
CALLED = "called"
"""The process that call activities call."""
_HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="simulation" id="simulation">'
)


class Block(msgspec.Struct, frozen=True):
    """Elements with one way in and one way out."""

    elements: str
    flows: tuple[tuple[str, str, str], ...]
    """Source, target, condition."""
    first: str
    last: str


class _Writer:
    """Draws a process; every element gets a fresh id."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.count = 0

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def often(self, share: float = 0.5) -> bool:
        return self.chance.random() < share

    def sequence(self, depth: int) -> Block:
        blocks = [self.block(depth) for _ in range(self.chance.choice((3, 2, 1)))]
        flows = [flow for block in blocks for flow in block.flows]
        flows += [(one.last, other.first, "") for one, other in pairwise(blocks)]
        return Block("".join(block.elements for block in blocks), tuple(flows), blocks[0].first, blocks[-1].last)

    def block(self, depth: int) -> Block:
        return self.chance.choice(_SIMPLE + (_NESTED if depth else ()))(self, depth)

    # ---- one element -------------------------------------------------------------------------------------------------

    def work(self, depth: int) -> Block:
        task = self.name("work")
        extra = mapping(inputs={"x": "n"}, outputs={"n": "n + 1"}) if self.often() else ""
        elements = service(task, extra=extra)
        if self.often():
            handler, edge = self.name("undo"), self.name("c")
            elements += boundary(edge, task, "<compensateEventDefinition/>")
            elements += service(handler, attributes='isForCompensation="true"')
            elements += f'<association id="{edge}_{handler}" sourceRef="{edge}" targetRef="{handler}"/>'
        return self.bordered(elements, task)

    def person(self, depth: int) -> Block:
        task = self.name("person")
        inside = '<zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="clerk"/>'
        return self.bordered(f'<userTask id="{task}"><extensionElements>{inside}</extensionElements></userTask>', task)

    def script(self, depth: int) -> Block:
        task = self.name("script")
        text = self.chance.choice(("n + 1", "[n]", "n * 2", "missing + 1"))
        script = f'<zeebe:script expression="={text}" resultVariable="{self.chance.choice(("n2", "n3"))}"/>'
        return _single(f'<scriptTask id="{task}"><extensionElements>{script}</extensionElements></scriptTask>', task)

    def catch(self, depth: int) -> Block:
        identifier = self.name("catch")
        triggers = (
            *(*map(message, MESSAGES), *map(signal, SIGNALS), timer("PT1H"), timer("PT30M")),
            *(message("keyed"), condition("n > 1")),
        )
        return _single(event("intermediateCatchEvent", identifier, self.chance.choice(triggers)), identifier)

    def receive(self, depth: int) -> Block:
        identifier = self.name("receive")
        named = f'messageRef="{self.chance.choice((*MESSAGES, "keyed"))}"'
        return self.bordered(f'<receiveTask id="{identifier}" {named}/>', identifier)

    def throw(self, depth: int) -> Block:
        identifier = self.name("throw")
        thrown = (*map(message, MESSAGES), *map(signal, SIGNALS), escalation(), "<compensateEventDefinition/>", "")
        return _single(event("intermediateThrowEvent", identifier, self.chance.choice(thrown)), identifier)

    def repeated(self, depth: int) -> Block:
        task = self.name("each")
        until = "numberOfCompletedInstances = 2" if self.often(0.3) else ""
        loop = each(self.chance.choice(("[]", "[1]", "[1, 2, 3]", "n")), sequential=self.often(), until=until)
        return self.bordered(service(task, loop), task)

    def again(self, depth: int) -> Block:
        """A standard loop."""
        task = self.name("again")
        before = str(self.often()).lower()
        inside = f'<standardLoopCharacteristics testBefore="{before}" loopMaximum="3"><loopCondition>=n &lt; 3'
        return self.bordered(service(task, f"{inside}</loopCondition></standardLoopCharacteristics>"), task)

    def call(self, depth: int) -> Block:
        """Another process; sometimes one that is not there."""
        identifier = self.name("call")
        called = self.chance.choice((CALLED, CALLED, "nobody"))
        return self.bordered(f'<callActivity id="{identifier}" calledElement="{called}"/>', identifier)

    def bordered(self, elements: str, host: str) -> Block:
        """Perhaps with boundary events that lead to ends of their own."""
        flows = []
        for _ in range(self.chance.choice((0, 0, 1, 2))):
            edge, end = self.name("edge"), self.name("end")
            stops, inside = self.chance.choice(
                (
                    (self.often(), timer("PT1H")),
                    (self.often(), timer("R2/PT1H", "timeCycle")),
                    (self.often(), message("m1")),
                    (self.often(), signal("s1")),
                    (True, error(self.often())),
                    (self.often(), escalation(self.often())),
                )
            )
            elements += boundary(edge, host, inside, interrupting=stops)
            elements += event("endEvent", end, self.chance.choice(("", "", "<terminateEventDefinition/>")))
            flows.append((edge, end, ""))
        return Block(elements, tuple(flows), host, host)

    # ---- blocks inside -----------------------------------------------------------------------------------------------

    def choice(self, depth: int) -> Block:
        split, join = self.name("choice"), self.name("merge")
        one, other = self.sequence(depth - 1), self.sequence(depth - 1)
        elements = f'<exclusiveGateway id="{split}" default="{split}_{other.first}"/><exclusiveGateway id="{join}"/>'
        flows = ((split, one.first, "n > 2"), (split, other.first, ""), (one.last, join, ""), (other.last, join, ""))
        return Block(elements + one.elements + other.elements, (*one.flows, *other.flows, *flows), split, join)

    def parallel(self, depth: int) -> Block:
        return self.fork(depth, "parallel", "")

    def inclusive(self, depth: int) -> Block:
        return self.fork(depth, "inclusive", "n > 1")

    def fork(self, depth: int, kind: str, condition: str) -> Block:
        split, join = self.name("split"), self.name("join")
        ways = [self.sequence(depth - 1) for _ in range(self.chance.choice((2, 2, 3)))]
        default = f' default="{split}_{ways[0].first}"' if condition else ""
        elements = f'<{kind}Gateway id="{split}"{default}/><{kind}Gateway id="{join}"/>'
        flows = [flow for way in ways for flow in way.flows]
        for number, way in enumerate(ways):
            flows += [(split, way.first, condition if number else ""), (way.last, join, "")]
        return Block(elements + "".join(way.elements for way in ways), tuple(flows), split, join)

    def sub(self, depth: int) -> Block:
        sub, start, end = self.name("sub"), self.name("start"), self.name("end")
        inner = self.sequence(depth - 1)
        finish = self.chance.choice(("", "", error(True), "<terminateEventDefinition/>", escalation()))
        loop = each("[1, 2]", sequential=self.often()) if self.often() else ""
        inside = event("startEvent", start) + inner.elements + event("endEvent", end, finish) + self.whenever()
        flows = arrows((*inner.flows, (start, inner.first, ""), (inner.last, end, "")))
        head = f"<extensionElements>{mapping(inputs={'n': 'n * 2'})}</extensionElements>" if self.often() else ""
        return self.bordered(f'<subProcess id="{sub}">{head}{loop}{inside}{flows}</subProcess>', sub)

    def whenever(self) -> str:
        """Perhaps an event sub-process."""
        if self.often(0.6):
            return ""
        identifier, start, task, end = (self.name(kind) for kind in ("when", "start", "work", "end"))
        stops = self.often()
        triggers = (message("m2"), signal("s2"), timer("PT1H"), escalation(self.often()), condition("n > 2"))
        trigger = self.chance.choice((*triggers, error(self.often())) if stops else triggers)
        border = "" if stops else ' isInterrupting="false"'
        inside = f'<startEvent id="{start}"{border}>{trigger}</startEvent>{service(task)}{event("endEvent", end)}'
        flows = arrows(((start, task, ""), (task, end, "")))
        return f'<subProcess id="{identifier}" triggeredByEvent="true">{inside}{flows}</subProcess>'

    def transaction(self, depth: int) -> Block:
        """It ends well, or is cancelled and undone."""
        identifier, start, choose, end, stop = (self.name(kind) for kind in ("deal", "start", "ok", "end", "stop"))
        inner = self.sequence(depth - 1)
        inside = event("startEvent", start) + inner.elements
        inside += f'<exclusiveGateway id="{choose}" default="{choose}_{end}"/>' + event("endEvent", end)
        inside += event("endEvent", stop, "<cancelEventDefinition/>")
        flows = ((start, inner.first, ""), (inner.last, choose, ""), (choose, stop, "n > 1"), (choose, end, ""))
        elements = f'<transaction id="{identifier}">{inside}{arrows((*inner.flows, *flows))}</transaction>'
        edge, out = self.name("edge"), self.name("end")
        elements += boundary(edge, identifier, "<cancelEventDefinition/>") + event("endEvent", out)
        return Block(elements, ((edge, out, ""),), identifier, identifier)

    def loop(self, depth: int) -> Block:
        merge, choose, count = self.name("merge"), self.name("again"), self.name("count")
        inner = self.sequence(depth - 1)
        script = '<zeebe:script expression="=n + 1" resultVariable="n"/>'
        elements = f'<exclusiveGateway id="{merge}"/><exclusiveGateway id="{choose}" default="{choose}_{count}out"/>'
        elements += f'<scriptTask id="{count}"><extensionElements>{script}</extensionElements></scriptTask>'
        elements += f'<task id="{count}out"/>'
        flows = (
            (merge, count, ""),
            (count, inner.first, ""),
            (inner.last, choose, ""),
            (choose, merge, "n < 3"),
            (choose, f"{count}out", ""),
        )
        return Block(elements + inner.elements, (*inner.flows, *flows), merge, f"{count}out")

    def race(self, depth: int) -> Block:
        gateway, merge = self.name("race"), self.name("merge")
        elements = f'<eventBasedGateway id="{gateway}"/><exclusiveGateway id="{merge}"/>'
        flows = []
        for trigger in (message(self.chance.choice(MESSAGES)), timer("PT1H")):
            caught = self.name("caught")
            elements += event("intermediateCatchEvent", caught, trigger)
            flows += [(gateway, caught, ""), (caught, merge, "")]
        return Block(elements, tuple(flows), gateway, merge)

    def starts(self, first: str) -> tuple[str, tuple[tuple[str, str, str], ...]]:
        """A none start event, and perhaps others."""
        elements, flows = event("startEvent", "s"), [("s", first, "")]
        for name, trigger in (("by_message", message(START_MESSAGE)), ("by_timer", timer("R2/PT2H", "timeCycle"))):
            if self.often(0.3):
                elements += event("startEvent", name, trigger)
                flows.append((name, first, ""))
        if len(flows) == 1:
            return elements, tuple(flows)
        entry = [(name, "entry", "") for name, _, _ in flows]
        return f'{elements}<exclusiveGateway id="entry"/>', (*entry, ("entry", first, ""))


_SIMPLE: tuple[Callable[[_Writer, int], Block], ...] = (
    *(_Writer.work, _Writer.work, _Writer.script, _Writer.throw),
    *(_Writer.catch, _Writer.receive, _Writer.repeated, _Writer.person),
    *(_Writer.again, _Writer.call),
)
_NESTED: tuple[Callable[[_Writer, int], Block], ...] = (
    *(_Writer.parallel, _Writer.sub, _Writer.choice),
    *(_Writer.loop, _Writer.race, _Writer.inclusive, _Writer.transaction),
)


def random_process(chance: random.Random, identifier: str = "p") -> bytes:
    """A BPMN file with one process. It expects a number ``n``, and yields job types that are its tasks' ids."""
    writer = _Writer(chance)
    body = writer.sequence(chance.choice((2, 1, 0)))
    starts, entries = writer.starts(body.first)
    flows = arrows((*entries, *body.flows, (body.last, "e", "")))
    inside = f"{starts}{body.elements}{event('endEvent', 'e')}{writer.whenever()}{flows}"
    return f'{_HEAD}{_ROOTS}<process id="{identifier}" isExecutable="true">{inside}</process></definitions>'.encode()


def called_process() -> bytes:
    """What call activities call: one job."""
    inside = f"{event('startEvent', 's')}{service('inner')}{event('endEvent', 'e')}"
    flows = arrows((("s", "inner", ""), ("inner", "e", "")))
    return f'{_HEAD}<process id="{CALLED}" isExecutable="true">{inside}{flows}</process></definitions>'.encode()


# ---- BPMN without the noise ------------------------------------------------------------------------------------------


def arrows(flows: tuple[tuple[str, str, str], ...]) -> str:
    """Sequence flows; the id of each is ``source_target``."""
    written = []
    for source, target, condition in flows:
        text = condition.replace("<", "&lt;")
        inside = f'<conditionExpression xsi:type="tFormalExpression">={text}</conditionExpression>' if text else ""
        ends = f'sourceRef="{source}" targetRef="{target}"'
        written.append(f'<sequenceFlow id="{source}_{target}" {ends}>{inside}</sequenceFlow>')
    return "".join(written)


def service(identifier: str, inside: str = "", *, extra: str = "", attributes: str = "") -> str:
    definition = f'<zeebe:taskDefinition type="{identifier}"/>{extra}'
    return (
        f'<serviceTask id="{identifier}" {attributes}><extensionElements>{definition}</extensionElements>'
        f"{inside}</serviceTask>"
    )


def mapping(*, inputs: dict[str, str] | None = None, outputs: dict[str, str] | None = None) -> str:
    parts = [f'<zeebe:input source="={source}" target="{target}"/>' for target, source in (inputs or {}).items()]
    parts += [f'<zeebe:output source="={source}" target="{target}"/>' for target, source in (outputs or {}).items()]
    return f"<zeebe:ioMapping>{''.join(parts)}</zeebe:ioMapping>"


def event(kind: str, identifier: str, inside: str = "") -> str:
    return f'<{kind} id="{identifier}">{inside}</{kind}>'


def boundary(identifier: str, host: str, inside: str, *, interrupting: bool = True) -> str:
    stops = "" if interrupting else ' cancelActivity="false"'
    return f'<boundaryEvent id="{identifier}" attachedToRef="{host}"{stops}>{inside}</boundaryEvent>'


def each(collection: str, *, sequential: bool, until: str = "") -> str:
    condition = f"<completionCondition>={until}</completionCondition>" if until else ""
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"><extensionElements>'
        f'<zeebe:loopCharacteristics inputCollection="={collection}" inputElement="item" outputCollection="results" '
        f'outputElement="=r"/></extensionElements>{condition}</multiInstanceLoopCharacteristics>'
    )


def timer(text: str, kind: str = "timeDuration") -> str:
    return f"<timerEventDefinition><{kind}>{text}</{kind}></timerEventDefinition>"


def message(name: str) -> str:
    return f'<messageEventDefinition messageRef="{name}"/>'


def signal(name: str) -> str:
    return f'<signalEventDefinition signalRef="{name}"/>'


def condition(text: str) -> str:
    expression = f'<condition xsi:type="tFormalExpression">={text.replace("<", "&lt;")}</condition>'
    return f"<conditionalEventDefinition>{expression}</conditionalEventDefinition>"


def error(named: bool) -> str:
    return f'<errorEventDefinition errorRef="{ERROR}"/>' if named else "<errorEventDefinition/>"


def escalation(named: bool = True) -> str:
    return f'<escalationEventDefinition escalationRef="{ESCALATION}"/>' if named else "<escalationEventDefinition/>"


def _single(elements: str, identifier: str) -> Block:
    return Block(elements, (), identifier, identifier)


_KEYED = '<extensionElements><zeebe:subscription correlationKey="=string(n)"/></extensionElements>'
_ROOTS = "".join(
    (
        *(f'<message id="{name}" name="{name}"/>' for name in (*MESSAGES, START_MESSAGE)),
        f'<message id="keyed" name="keyed">{_KEYED}</message>',
        *(f'<signal id="{name}" name="{name}"/>' for name in SIGNALS),
        f'<error id="{ERROR}" name="{ERROR}" errorCode="{ERROR}"/>',
        f'<escalation id="{ESCALATION}" name="{ESCALATION}" escalationCode="{ESCALATION}"/>',
    )
)
