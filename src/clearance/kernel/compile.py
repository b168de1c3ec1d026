"""From a definition to a graph: references resolved, texts compiled, once per version.

A definition that cannot run is refused here with the element and the reason; ``bpmn/validate.py`` says the same and
more before deployment.
"""

from clearance.kernel import straight
from clearance.kernel.data_flow import conversations_of, copies, names_of, objects_of
from clearance.kernel.elements import BEHAVIOURS
from clearance.kernel.paths import add_paths
from clearance.kernel.shared.ad_hoc import offered
from clearance.kernel.shared.behaviors import THROWN
from clearance.kernel.shared.calendars import BusinessCalendar, CalendarError
from clearance.kernel.triggers import begins_without_start, definitions_of, problem_of
from clearance.model.definition import (
    Activity,
    AdHocSubProcess,
    BoundaryEvent,
    CompensateDefinition,
    Element,
    EndEvent,
    EventBasedGateway,
    EventDefinition,
    ExclusiveGateway,
    InclusiveGateway,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    LinkDefinition,
    Mapping,
    MessageDefinition,
    MultiInstance,
    ParallelGateway,
    Process,
    ReceiveTask,
    StartEvent,
    SubProcess,
    is_expression,
    listener_problems,
    walk,
)
from clearance.model.graph import (
    PROCESS,
    Behavior,
    Compiled,
    CompiledMapping,
    Edge,
    Graph,
    Listening,
    Literal,
    Node,
    Trigger,
)
from clearance.model.ports import ExpressionError, Expressions

_TEXT_PARTS = ("job", "message", "assignment", "schedule", "multi_instance", "loop")
_PREFIX = {"multi_instance": "loop"}
_NOT_TEXT = frozenset({"id", "name", "documentation", "default", "result", "attached_to"})
"""Of an element itself; the attributes of its parts are texts."""
_ALWAYS_FEEL = frozenset(
    {
        "activation_condition",
        "active_elements",
        "cardinality",
        "collection",
        "completion_condition",
        "condition",
        "correlation_key",
        "expression",
        "output_element",
        "output_item",
    }
)


class CompileError(ValueError):
    """The definition cannot run; the message names the element and the remedy."""


def compile_process(process: Process, expressions: Expressions, definition: str = "") -> Graph:
    """The graph of a process; raises :class:`CompileError`."""
    return _Compiler(process, expressions).graph(definition or process.content_hash())


_NAMES = frozenset({"item", "output_collection", "key"})
"""Attributes of parts that are names, not texts."""


def _new_evidence(node: Node, process: Process) -> str:
    """Whether it matters what the element has read; only activities and choices can be done again."""
    said = getattr(node.element, "new_evidence", "") or process.new_evidence
    if said not in ("", "redo", "ask", "leave"):
        raise CompileError(f'{node.label}: new evidence can mean redo, ask or leave, but not "{said}": choose one')
    choice = isinstance(node.element, ExclusiveGateway | InclusiveGateway)
    return said if said != "leave" and (choice or isinstance(node.element, Activity)) else ""


def _asks_how(node: Node) -> bool:
    """Whether a condition wants to know if a variable was created or updated."""
    return any(getattr(trigger.definition, "variable_events", ()) for trigger in node.triggers)


class _Compiler:
    def __init__(self, process: Process, expressions: Expressions) -> None:
        self.process = process
        self.expressions = expressions
        self.nodes: list[Node] = [Node(0, process.id, process.name, "process", -1, process)]
        self.by_id: dict[str, int] = {process.id: 0}
        self.edges: list[Edge] = []
        self.leaving: dict[int, list[Edge]] = {}
        self.data = names_of(process)
        self.entering: dict[int, list[Edge]] = {}

    def graph(self, definition: str) -> Graph:
        self._add_nodes()
        self._add_edges(self.process)
        for element, _ in walk(self.process):
            if isinstance(element, SubProcess):
                self._add_edges(element)
        self._add_links()
        for node in self.nodes:
            self._connect(node)
        for node in self.nodes:
            self._attach(node)
        if self.process.subject:
            self.nodes[0].texts["subject"] = self._compile(self.process.subject, self.nodes[0], "subject")
        for node in self.nodes:
            if node.element.listeners or getattr(node.element, "task_listeners", ()):
                node.listeners = self._listeners(node)
        if not self.nodes[0].starts:
            raise CompileError(f"process {self.process.id} has no start event: add one")
        path_joins = add_paths(self.nodes, self.by_id)
        graph = Graph(
            self.process,
            definition,
            tuple(self.nodes),
            tuple(self.edges),
            self.by_id,
            path_joins,
            conversations_of(self.process, lambda text: self._compile(text, self.nodes[0], "correlation")),
            self._calendars(),
            any(node.new_evidence or _asks_how(node) for node in self.nodes),
        )
        straight.mark(graph)
        return graph

    def _calendars(self) -> dict[str, BusinessCalendar]:
        try:
            made = {calendar.name: BusinessCalendar(calendar) for calendar in self.process.calendars}
        except CalendarError as error:
            raise CompileError(str(error)) from error
        for node in self.nodes:
            for trigger in node.triggers:
                name = getattr(trigger.definition, "calendar", "")
                if name and name not in made:
                    raise CompileError(f'{node.label}: the process has no calendar "{name}": define it')
        return made

    def _add_nodes(self) -> None:
        for element, scope in walk(self.process):
            kind = str(element.__struct_config__.tag)
            if element.id in self.by_id:
                raise CompileError(f"two elements have the id {element.id}: ids must differ")
            if kind not in BEHAVIOURS:
                raise CompileError(
                    f"element {element.id} is a {kind}, which cannot be executed yet: remove or replace it"
                )
            node = Node(len(self.nodes), element.id, element.name, kind, self.by_id[scope.id], element)
            self.by_id[element.id] = node.index
            self.nodes.append(node)
            problem = problem_of(node, element, scope)
            if problem:
                raise CompileError(problem)
            self._compile_texts(node, element)
            node.new_evidence = _new_evidence(node, self.process)

    def _add_edges(self, scope: Process | SubProcess) -> None:
        for flow in scope.flows:
            ends = []
            for end, role in ((flow.source, "starts at"), (flow.target, "leads to")):
                if end not in self.by_id:
                    raise CompileError(
                        f"flow {flow.id} {role} {end}, which does not exist in process {self.process.id}"
                    )
                ends.append(self.by_id[end])
            condition = flow.condition if not flow.condition or is_expression(flow.condition) else f"={flow.condition}"
            where = self.nodes[ends[0]]
            compiled = self._compile(condition, where, f"condition of flow {flow.id}") if condition else None
            self._add_edge(flow.id, ends[0], ends[1], compiled)

    def _add_links(self) -> None:
        """A thrown link goes on at the event of its scope that catches it, as if a flow led there (10.5.4)."""
        caught: dict[tuple[int, str], int] = {}
        for node in self.nodes:
            definition = getattr(node.element, "definition", None)
            if isinstance(definition, LinkDefinition) and isinstance(node.element, IntermediateCatchEvent):
                if (node.scope, definition.name) in caught:
                    raise CompileError(f'{node.label}: the link "{definition.name}" is caught twice: keep one')
                caught[node.scope, definition.name] = node.index
        for node in self.nodes:
            definition = getattr(node.element, "definition", None)
            if not isinstance(definition, LinkDefinition) or not isinstance(node.element, IntermediateThrowEvent):
                continue
            target = caught.get((node.scope, definition.name))
            if target is None:
                raise CompileError(f'{node.label}: nothing catches the link "{definition.name}" there: draw it')
            self._add_edge(f"link:{node.id}", node.index, target, None)

    def _add_edge(self, identifier: str, source: int, target: int, condition: Compiled | None) -> None:
        edge = Edge(len(self.edges), identifier, source, target, condition)
        self.edges.append(edge)
        self.leaving.setdefault(source, []).append(edge)
        self.entering.setdefault(target, []).append(edge)

    def _connect(self, node: Node) -> None:
        node.outgoing = tuple(self.leaving.get(node.index, ()))
        node.incoming = tuple(self.entering.get(node.index, ()))
        if isinstance(node.element, ParallelGateway) and len(node.incoming) > 1:
            for edge in node.incoming:
                edge.joins = True
        default = getattr(node.element, "default", "")
        if default:
            node.default = next((edge for edge in node.outgoing if edge.id == default), None)
            if node.default is None:
                raise CompileError(f"{node.label}: its default flow {default} does not leave it")
        node.unconditional = node.default is None and all(edge.condition is None for edge in node.outgoing)

    def _attach(self, node: Node) -> None:
        element = node.element
        if isinstance(element, EventBasedGateway):
            for edge in node.outgoing:
                target = self.nodes[edge.target]
                if not isinstance(target.element, IntermediateCatchEvent | ReceiveTask):
                    raise CompileError(
                        f"{node.label} leads to {target.label}, which waits for no event: "
                        "put a catching event or a receive task after an event-based gateway"
                    )
        if isinstance(element, Process | SubProcess):
            node.starts = tuple(self.by_id[inner.id] for inner in element.elements if self._starts(node, inner))
            begins = [index for index in node.starts if isinstance(self.nodes[index].element, StartEvent)]
            if isinstance(element, AdHocSubProcess):
                self._check_ad_hoc(node)
            elif not node.starts:
                node.starts = begins_without_start(self.nodes, node)
            elif isinstance(element, SubProcess) and len(begins) != 1:
                raise CompileError(f"{node.label}: a sub-process needs exactly one start event")
            if isinstance(element, SubProcess) and element.triggered_by_event:
                self._attach_event_sub_process(node)
        if isinstance(element, BoundaryEvent):
            host_index = self.by_id.get(element.attached_to)
            if host_index is None or not isinstance(self.nodes[host_index].element, Activity):
                raise CompileError(f"{node.label} is attached to {element.attached_to}, which is no activity")
            host = self.nodes[host_index]
            if isinstance(element.definition, CompensateDefinition):
                host.handler = self._handler(node)
            else:
                host.boundaries = (*host.boundaries, node.index)

    def _starts(self, scope: Node, element: Element) -> bool:
        """Start events, and in a process also receive tasks and event-based gateways that instantiate."""
        if isinstance(element, StartEvent):
            return True
        if not getattr(element, "instantiate", False):
            return False
        node = self.nodes[self.by_id[element.id]]
        if scope.index != PROCESS or node.incoming:
            raise CompileError(f"{node.label} starts the process, so it stands in the process and nothing leads to it")
        return True

    def _check_ad_hoc(self, node: Node) -> None:
        if node.starts:
            raise CompileError(f"{node.label}: an ad-hoc sub-process has no start event: remove it")
        if not offered(Graph(self.process, "", tuple(self.nodes), (), self.by_id), node):
            raise CompileError(f"{node.label}: an ad-hoc sub-process needs an element that no flow leads to: draw one")

    def _attach_event_sub_process(self, node: Node) -> None:
        """Its scope waits for its start event; one that compensates undoes its scope once that has completed."""
        scope, start = self.nodes[node.scope], self.nodes[node.starts[0]]
        if not start.triggers:
            raise CompileError(f"{start.label}: the start event of an event sub-process needs a trigger")
        if not isinstance(start.triggers[0].definition, CompensateDefinition):
            scope.event_starts = (*scope.event_starts, start.index)
        elif scope.index == PROCESS:
            raise CompileError(f"{node.label}: a process cannot be compensated: use a sub-process")
        else:
            scope.handler = node.index

    def _handler(self, node: Node) -> int:
        for association in self.process.associations:
            if association.source == node.id and association.target in self.by_id:
                return self.by_id[association.target]
        raise CompileError(f"{node.label}: a compensation event needs an association to the activity that undoes")

    def _compile_texts(self, node: Node, element: Element) -> None:
        self._compile_fields(node, element, "")
        self._compile_triggers(node, element)
        for part in _TEXT_PARTS:
            value = getattr(element, part, None)
            if value is None:
                continue
            prefix = _PREFIX.get(part, part)
            self._compile_fields(node, value, f"{prefix}.")
        self._check_loop(node, element)
        node.inputs = self._mappings(node, getattr(element, "inputs", ()), "input")
        node.outputs = self._mappings(node, getattr(element, "outputs", ()), "output")
        self._compile_data(node, element)
        node.parameters = tuple(one for mapping in node.inputs for one in mapping.source.parameters)

    def _compile_data(self, node: Node, element: Element) -> None:
        def compiled(text: str) -> Compiled:
            return self._compile(text, node, "data association")

        inputs, outputs = getattr(element, "data_inputs", ()), getattr(element, "data_outputs", ())
        of_event = getattr(element, "data_associations", ())
        if isinstance(element, IntermediateThrowEvent | EndEvent):
            inputs = of_event
        elif of_event:
            outputs = of_event
        node.data_in = copies(inputs, self.data, compiled)
        node.data_out = copies(outputs, self.data, compiled)
        if isinstance(element, SubProcess):
            node.data_objects = objects_of(element)

    def _behaviors(self, node: Node, loop: MultiInstance) -> tuple[Behavior, ...]:
        """What inner completions throw (Table 10.26)."""
        thrown: list[tuple[str, EventDefinition | None]] = []
        if loop.behavior in ("None", "One"):
            thrown = [("", loop.none_event if loop.behavior == "None" else loop.one_event)]
        elif loop.behavior == "Complex":
            thrown = [(one.condition, one.event) for one in loop.complex_behaviors]
        made = []
        for condition, event in thrown:
            if not isinstance(event, THROWN):
                raise CompileError(
                    f"{node.label}: behavior {loop.behavior} needs an error, escalation, message or signal to throw"
                )
            texts: dict[str, Compiled] = {}
            self._compile_fields(node, event, f"{event.__struct_config__.tag}.", texts)
            written = condition if is_expression(condition) else f"={condition}"
            compiled = self._compile(written, node, "behavior condition") if condition else None
            made.append(Behavior(compiled, Trigger(event, texts)))
        return tuple(made)

    def _check_loop(self, node: Node, element: Element) -> None:
        repeated = getattr(element, "multi_instance", None)
        if repeated is not None:
            node.behaviors = self._behaviors(node, repeated)
        loop = getattr(element, "loop", None)
        if loop is None:
            return
        if getattr(element, "multi_instance", None) is not None:
            raise CompileError(f"{node.label} is both a standard loop and multi-instance: choose one")
        if not loop.condition and not loop.maximum:
            raise CompileError(f"{node.label} loops without a condition or a maximum: give it one of the two")

    def _compile_triggers(self, node: Node, element: Element) -> None:
        """The texts of one trigger are those of its element too; a multiple event keeps those of each apart."""
        parts = definitions_of(element)
        several = len(parts) > 1
        made = []
        for part in parts:
            texts = {} if several else node.texts
            self._compile_fields(node, part, f"{part.__struct_config__.tag}.", texts)
            if isinstance(part, MessageDefinition) and part.job is not None:
                self._compile_fields(node, part.job, "job.", texts)
            made.append(Trigger(part, texts))
        node.triggers = tuple(made)
        catches = not isinstance(element, EndEvent | IntermediateThrowEvent)
        node.parallel = catches and several and getattr(element.definition, "parallel", False)  # type: ignore[union-attr]

    def _compile_fields(self, node: Node, part: object, prefix: str, texts: dict[str, Compiled] | None = None) -> None:
        into = node.texts if texts is None else texts
        for name in getattr(part, "__struct_fields__", ()):
            value = getattr(part, name)
            if isinstance(value, str) and value and name not in (_NAMES if prefix else _NOT_TEXT):
                if name in _ALWAYS_FEEL and not is_expression(value):
                    value = f"={value}"
                into[prefix + name] = self._compile(value, node, prefix + name)

    def _listeners(self, node: Node) -> dict[str, tuple[Listening, ...]]:
        for problem, remedy in listener_problems(node.element):
            raise CompileError(f"{node.label}: {problem}: {remedy}")
        job = getattr(node.element, "job", None)
        own = dict(job.headers if job is not None else getattr(node.element, "headers", ()))
        made: dict[str, tuple[Listening, ...]] = {}
        for listener in (*node.element.listeners, *getattr(node.element, "task_listeners", ())):
            job_type = self._compile(listener.type, node, f"{listener.event} listener")
            retries = self._compile(listener.retries, node, f"{listener.event} listener") if listener.retries else None
            listening = Listening(job_type, retries, {**own, **dict(listener.headers)})
            made[listener.event] = (*made.get(listener.event, ()), listening)
        return made

    def _mappings(self, node: Node, mappings: tuple[Mapping, ...], what: str) -> tuple[CompiledMapping, ...]:
        return tuple(
            CompiledMapping(
                self._compile(mapping.source, node, f"{what} {mapping.target}"), tuple(mapping.target.split("."))
            )
            for mapping in mappings
        )

    def _compile(self, text: str, node: Node, what: str) -> Compiled:
        if not is_expression(text):
            return Literal(text)
        try:
            return self.expressions.compile(text[1:])
        except ExpressionError as error:
            raise CompileError(f"{node.label}: {what}: {error}") from error
