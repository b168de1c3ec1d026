"""Random processes for both interpreters: blocks inside blocks, and graphs of gateways that need not be sound."""

from itertools import pairwise

from hypothesis import strategies as st

from clearance.model import definition as d


class Writer:
    """Draws elements and flows into one scope; every element gets a fresh id."""

    def __init__(self, draw: st.DrawFn, names: list[int] | None = None) -> None:
        self.draw = draw
        self.names = names if names is not None else [0]
        self.elements: list[d.Element] = []
        self.flows: list[d.Flow] = []

    def name(self, kind: str) -> str:
        self.names[0] += 1
        return f"{kind}{self.names[0]}"

    def add(self, element: d.Element) -> str:
        self.elements.append(element)
        return element.id

    def flow(self, source: str, target: str, condition: str = "") -> str:
        identifier = self.name("f")
        self.flows.append(d.Flow(id=identifier, source=source, target=target, condition=condition))
        return identifier

    def condition(self) -> str:
        return self.draw(st.sampled_from(("=n > 2", "=n < 4", "=n = 3", "=true", "=false")))

    # ---- blocks: (first, last) ---------------------------------------------------------------------------------------

    def sequence(self, depth: int) -> tuple[str, str]:
        blocks = [self.block(depth) for _ in range(self.draw(st.integers(1, 3)))]
        for (_, last), (first, _) in pairwise(blocks):
            self.flow(last, first)
        return blocks[0][0], blocks[-1][1]

    def block(self, depth: int) -> tuple[str, str]:
        kinds = ["service", "service", "script"]
        if depth:
            kinds += ["exclusive", "parallel", "inclusive", "inclusive", "sub", "again", "graph"]
        made: tuple[str, str] = getattr(self, self.draw(st.sampled_from(kinds)))(depth)
        return made

    def repetition(self) -> dict[str, object]:
        kind = self.draw(st.sampled_from(("", "", "", "loop", "many", "sequential")))
        if kind == "loop":
            maximum = str(self.draw(st.integers(1, 3)))
            return {"loop": d.StandardLoop(maximum=maximum, test_before=self.draw(st.booleans()))}
        if kind:
            count = str(self.draw(st.integers(0, 3)))
            return {"multi_instance": d.MultiInstance(cardinality=f"={count}", sequential=kind == "sequential")}
        return {}

    def service(self, depth: int) -> tuple[str, str]:
        name = self.name("job")
        self.add(d.ServiceTask(id=name, job=d.JobDefinition(type=name), **self.repetition()))  # type: ignore[arg-type]
        if self.draw(st.integers(0, 3)) == 0:
            event = self.add(
                d.BoundaryEvent(id=self.name("edge"), attached_to=name, definition=d.ErrorDefinition(code="E"))
            )
            self.flow(event, self.add(d.EndEvent(id=self.name("end"))))
        return name, name

    def script(self, depth: int) -> tuple[str, str]:
        result = self.name("v")
        name = self.add(d.ScriptTask(id=self.name("script"), expression="=n + 1", result=result))
        return name, name

    def ways(self, split: str, join: str, depth: int, *, conditions: bool) -> str:
        """Branches between two gateways; the default flow's id."""
        default = ""
        for number in range(self.draw(st.integers(2, 3))):
            first, last = self.sequence(depth - 1)
            flow = self.flow(split, first, self.condition() if conditions and number else "")
            default = flow if number == 0 else default
            self.flow(last, join)
        return default

    def exclusive(self, depth: int) -> tuple[str, str]:
        split, join = self.name("xor"), self.add(d.ExclusiveGateway(id=self.name("merge")))
        default = self.ways(split, join, depth, conditions=True)
        self.add(d.ExclusiveGateway(id=split, default=default))
        return split, join

    def parallel(self, depth: int) -> tuple[str, str]:
        split = self.add(d.ParallelGateway(id=self.name("split")))
        join = self.add(d.ParallelGateway(id=self.name("join")))
        self.ways(split, join, depth, conditions=False)
        return split, join

    def inclusive(self, depth: int) -> tuple[str, str]:
        split, join = self.name("or"), self.add(d.InclusiveGateway(id=self.name("orjoin")))
        default = self.ways(split, join, depth, conditions=True)
        self.add(d.InclusiveGateway(id=split, default=default))
        return split, join

    def again(self, depth: int) -> tuple[str, str]:
        """Back as long as a counter says so; an inclusive gateway may be where the ways meet."""
        kind = self.draw(st.sampled_from((d.ExclusiveGateway, d.InclusiveGateway)))
        merge, counter = self.add(kind(id=self.name("back"))), self.name("k")
        first, last = self.sequence(depth - 1)
        count = self.add(
            d.ScriptTask(id=self.name("count"), expression=f"=get or else({counter}, 0) + 1", result=counter)
        )
        choose = self.name("choose")
        self.flow(merge, first)
        self.flow(last, count)
        self.flow(count, choose)
        self.flow(choose, merge, f"={counter} < 2")
        out = self.add(d.ExclusiveGateway(id=self.name("out")))
        self.add(d.ExclusiveGateway(id=choose, default=self.flow(choose, out)))
        return merge, out

    def sub(self, depth: int) -> tuple[str, str]:
        inner = Writer(self.draw, self.names)
        first, last = inner.sequence(depth - 1)
        start = inner.add(d.StartEvent(id=self.name("start")))
        inner.flow(start, first)
        finish = self.draw(st.sampled_from((None, None, d.TerminateDefinition(), d.ErrorDefinition(code="E"))))
        before = inner.add(d.ServiceTask(id=self.name("job"), job=d.JobDefinition(type=f"job{self.names[0]}")))
        inner.flow(last, before)
        inner.flow(before, inner.add(d.EndEvent(id=self.name("end"), definition=finish)))
        name = self.name("sub")
        whole = d.SubProcess(
            id=name,
            elements=tuple(inner.elements),
            flows=tuple(inner.flows),
            **self.repetition(),  # type: ignore[arg-type]
        )
        self.add(whole)
        event = self.add(d.BoundaryEvent(id=self.name("edge"), attached_to=name, definition=d.ErrorDefinition()))
        self.flow(event, self.add(d.EndEvent(id=self.name("end"))))
        return name, name

    def graph(self, depth: int) -> tuple[str, str]:
        """Gateways and jobs in a row with flows that only lead forward: joins may wait for ever."""
        count = self.draw(st.integers(3, 6))
        kinds = [self.draw(st.sampled_from(("xor", "and", "or", "job"))) for _ in range(count)]
        names = [self.name(kind) for kind in kinds]
        first = self.add(d.ExclusiveGateway(id=self.name("in")))
        last = self.add(d.InclusiveGateway(id=self.name("all")))
        self.flow(first, names[0])
        for index, (kind, name) in enumerate(zip(kinds, names, strict=True)):
            later = [*names[index + 1 :], last]
            wanted = 1 if kind == "job" else self.draw(st.integers(1, min(3, len(later))))
            targets = [later[0], *self.draw(st.permutations(later[1:]))[: wanted - 1]]
            conditions = kind in ("xor", "or")
            flows = [
                self.flow(name, one, self.condition() if conditions and n else "") for n, one in enumerate(targets)
            ]
            if kind == "xor":
                self.add(d.ExclusiveGateway(id=name, default=flows[0]))
            elif kind == "or":
                self.add(d.InclusiveGateway(id=name, default=flows[0]))
            elif kind == "and":
                self.add(d.ParallelGateway(id=name))
            else:
                self.add(d.ServiceTask(id=name, job=d.JobDefinition(type=name)))
        return first, last


@st.composite
def models(draw: st.DrawFn) -> d.Process:
    """A process ``p`` that reads ``n``."""
    writer = Writer(draw)
    first, last = writer.sequence(draw(st.integers(0, 2)))
    writer.flow(writer.add(d.StartEvent(id="s")), first)
    writer.flow(last, writer.add(d.EndEvent(id="e")))
    return d.Process(id="p", elements=tuple(writer.elements), flows=tuple(writer.flows))
