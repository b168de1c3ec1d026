"""What each element reads and sets, as far as its definition says.

Results of jobs, people, messages and called processes are open: without output mappings they may set any name. So may
the start of a process. What is said here is therefore what is certainly set, and who may set more.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import msgspec

from clearance import feel
from clearance.bpmn.soundness.places import definitions_of
from clearance.feel import syntax
from clearance.model import definition as model
from clearance.model.definition import Element, Flow, Process, SubProcess

ALWAYS_FEEL = frozenset(
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
        "transformation",
    }
)
"""Attributes that are expressions without a leading ``=``, too."""
LOOP_NAMES = frozenset(
    {
        "loopCounter",
        "numberOfInstances",
        "numberOfActiveInstances",
        "numberOfCompletedInstances",
        "numberOfTerminatedInstances",
    }
)
ANSWER = frozenset({"decision", "comment", "decidedBy"})
"""What a person's answer sets."""
_NO_TEXTS = frozenset(
    {"id", "name", "documentation", "extensions", "attributes", "carried", "elements", "flows", "data"}
)
_LATER = frozenset({"outputs", "output_item", "completion_condition", "output_element", "complex_behaviors"})
"""Evaluated when results are there already."""


@dataclass(slots=True)
class Use:
    """An element's part in the flow of data."""

    reads: dict[str, str] = field(default_factory=dict)
    """Names that are read when it begins, each with the expression."""
    tolerant: set[str] = field(default_factory=set)
    """Names that are read only where null is reckoned with."""
    sets: set[str] = field(default_factory=set)
    """Names that are set when it completes."""
    local: set[str] = field(default_factory=set)
    """Names that exist only inside."""
    open: bool = False
    """Whether it may set any other name."""


def use_of(element: Element) -> Use:
    """What an element by itself reads and sets."""
    use = Use()
    if not isinstance(element, model.StartEvent):
        for text in _texts(element):
            _add_reads(use, text)
    _add_local(use, element)
    outputs = getattr(element, "outputs", ())
    if outputs:
        use.sets |= {mapping.target.split(".")[0] for mapping in outputs}
    else:
        _add_results(use, element)
    loop = getattr(element, "multi_instance", None)
    if loop is not None and loop.output_collection:
        use.sets.add(loop.output_collection)
    if getattr(element, "data_outputs", ()) or getattr(element, "data_associations", ()):
        use.open = True
    for name in use.local:
        use.reads.pop(name, None)
    return use


def _add_local(use: Use, element: Element) -> None:
    use.local |= {mapping.target.split(".")[0] for mapping in getattr(element, "inputs", ())}
    loop = getattr(element, "multi_instance", None)
    if loop is not None:
        use.local |= LOOP_NAMES | ({loop.item} if loop.item else set())
    if getattr(element, "loop", None) is not None:
        use.local.add("loopCounter")
    if isinstance(element, SubProcess):
        use.local |= {each.name or each.id for each in element.data}


def _add_results(use: Use, element: Element) -> None:
    """What it sets of its own accord."""
    match element:
        case model.ScriptTask() | model.BusinessRuleTask() if element.job is None and element.result:
            use.sets.add(element.result)
        case model.UserTask():
            use.sets |= ANSWER
            use.open = True
        case model.AdHocSubProcess():
            use.sets |= {element.output_collection} - {""}
            use.open = element.job is not None
        case (
            model.ScriptTask()
            | model.BusinessRuleTask()
            | model.ServiceTask()
            | model.ReceiveTask()
            | model.CallActivity()
        ):
            use.open = True
        case model.SendTask():
            use.open = element.job is not None
        case model.IntermediateCatchEvent() | model.BoundaryEvent() | model.StartEvent():
            kinds = tuple(definitions_of(element.definition))
            quiet = (model.TimerDefinition, model.ConditionalDefinition, model.LinkDefinition)
            use.open = not all(isinstance(kind, quiet) for kind in kinds)


def _texts(part: msgspec.Struct) -> Iterator[str]:
    """Expressions that are evaluated when the element begins, wherever they stand in it."""
    for name in part.__struct_fields__:
        if name in _NO_TEXTS or name in _LATER:
            continue
        value = getattr(part, name)
        if isinstance(value, str):
            if value.startswith("=") or (value and name in ALWAYS_FEEL):
                yield value.removeprefix("=")
        elif isinstance(value, msgspec.Struct) and not isinstance(value, model.ConditionalDefinition):
            yield from _texts(value)
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, msgspec.Struct):
                    yield from _texts(item)


def reads_of_flow(flow: Flow, use: Use) -> None:
    """A condition is read by the element that the flow leaves."""
    if flow.condition:
        _add_reads(use, flow.condition.removeprefix("="))


def _add_reads(use: Use, text: str) -> None:
    reads, tolerant = _read_names(text.strip())
    for name in reads:
        if name in tolerant:
            use.tolerant.add(name)
        else:
            use.reads.setdefault(name, text.strip())


@lru_cache(maxsize=4096)
def _read_names(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The names that an expression reads, and those of them whose absence it reckons with."""
    try:
        compiled = feel.compile(text)
    except feel.FeelSyntaxError:  # reported by the rule for expressions
        return frozenset(), frozenset()
    tolerant: set[str] = set()
    _look_for_null(compiled.tree, tolerant)
    called = set(_called(compiled.tree))
    inner = {"item", "partial", "?"} | called
    return frozenset(compiled.reads - inner - _members(compiled.tree)), frozenset(tolerant)


def _look_for_null(node: syntax.Node, found: set[str]) -> None:
    match node:
        case syntax.Comparison(operator="=" | "!="):
            for one, other in ((node.left, node.right), (node.right, node.left)):
                if isinstance(other, syntax.Literal) and other.value is None:
                    found |= _root(one)
        case syntax.Invocation(function=syntax.Name(name="get or else" | "is defined" | "get value")):
            for argument in node.arguments:
                found |= _root(argument)
        case syntax.InstanceOf():
            found |= _root(node.value)
    for part in _parts(node):
        _look_for_null(part, found)


def _root(node: syntax.Node) -> set[str]:
    while isinstance(node, syntax.Path | syntax.Filter):
        node = node.base
    return {node.name} if isinstance(node, syntax.Name) else set()


def _called(node: syntax.Node) -> Iterator[str]:
    if isinstance(node, syntax.Invocation) and isinstance(node.function, syntax.Name):
        yield node.function.name
    for part in _parts(node):
        yield from _called(part)


def _members(node: syntax.Node) -> set[str]:
    """Names inside a filter may be members of its items."""
    found: set[str] = set()
    if isinstance(node, syntax.Filter):
        found |= set(_names(node.condition))
    for part in _parts(node):
        found |= _members(part)
    return found


def _names(node: syntax.Node) -> Iterator[str]:
    if isinstance(node, syntax.Name):
        yield node.name
    for part in _parts(node):
        yield from _names(part)


def _parts(node: syntax.Node) -> Iterator[syntax.Node]:
    for name in node.__struct_fields__:
        value = getattr(node, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, syntax.Node):
                yield item
            elif isinstance(item, tuple):
                yield from (each for each in item if isinstance(each, syntax.Node))


def waits(element: Element) -> bool:
    """Whether a token rests here until something outside of the kernel happens."""
    match element:
        case (
            model.ServiceTask()
            | model.ReceiveTask()
            | model.UserTask()
            | model.CallActivity()
            | model.AdHocSubProcess()
        ):
            return True
        case model.SendTask() | model.ScriptTask() | model.BusinessRuleTask():
            return element.job is not None
        case model.EventBasedGateway():
            return True
        case model.IntermediateCatchEvent():
            return not isinstance(element.definition, model.LinkDefinition)
        case model.IntermediateThrowEvent():
            return any(
                isinstance(each, model.CompensateDefinition) or getattr(each, "job", None)
                for each in definitions_of(element.definition)
            )
        case SubProcess():
            return any(waits(inner) for inner in element.elements)
    return False


def tested_by_time(process: Process | SubProcess, flow: Flow) -> bool:
    """Whether a condition's truth changes by itself."""
    text = flow.condition
    return any(word in text for word in ("now(", "today(", "random number("))
