"""Circles in which nothing waits: the kernel stops them after ``repeats_max`` rounds, with an incident.

A circle that no choice leads out of is certainly endless. One whose way out is decided by variables that nothing in it
changes is endless as soon as it is gone through twice.
"""

from collections import deque
from collections.abc import Iterator

import msgspec

from clearance.bpmn.findings import Finding, Scope, TraceStep, error, warning
from clearance.bpmn.soundness.data import Use, reads_of_flow, tested_by_time, use_of, waits
from clearance.bpmn.soundness.places import definitions_of
from clearance.bpmn.soundness.trace import named, step_at
from clearance.model import definition as model
from clearance.model.definition import Element, Flow, SubProcess, walk


def check_circles(scope: Scope) -> Iterator[Finding]:
    """The circles of a scope in which nothing waits."""
    quiet = {element.id: element for element in scope.owner.elements if not waits(element)}
    links = _links(scope)
    following = {
        identifier: [
            *(flow.target for flow in scope.leaving(element) if flow.target in quiet),
            *(target for target in links.get(identifier, ()) if target in quiet),
        ]
        for identifier, element in quiet.items()
    }
    for circle in components(following):
        yield from _check(scope, circle, following)


def _links(scope: Scope) -> dict[str, list[str]]:
    caught: dict[str, str] = {}
    for element in scope.owner.elements:
        if isinstance(element, model.IntermediateCatchEvent) and isinstance(element.definition, model.LinkDefinition):
            caught[element.definition.name] = element.id
    return {
        element.id: [caught[element.definition.name]]
        for element in scope.owner.elements
        if isinstance(element, model.IntermediateThrowEvent)
        and isinstance(element.definition, model.LinkDefinition)
        and element.definition.name in caught
    }


def _check(scope: Scope, circle: list[str], following: dict[str, list[str]]) -> Iterator[Finding]:
    inside = set(circle)
    elements = [scope.elements[each] for each in circle]
    out = [flow for each in elements for flow in scope.leaving(each) if flow.target not in inside]
    if any(isinstance(each, SubProcess) and scope.boundaries.get(each.id) for each in elements):
        return
    choices = [flow for flow in out if _is_choice(scope, scope.elements[flow.source])]
    first = next((each for each in elements if _is_entered(scope, each, inside)), elements[0])
    round_ = [scope.elements[each] for each in _round(first.id, inside, following)]
    trace = (*(step_at(each) for each in round_), step_at(first, "begins again without having waited"))
    if not choices:
        if not any(_ends_all(scope, flow) for flow in out):
            message = f"it begins an endless circle: no choice leads out of {_listed(round_)}, and nothing there waits"
            yield _told(error(first, message, "Draw a way out"), trace)
        return
    use = Use()
    for each in elements:
        for flow in scope.leaving(each):
            if _is_choice(scope, each):
                if tested_by_time(scope.owner, flow):
                    return
                reads_of_flow(flow, use)
    read = use.reads.keys() | use.tolerant
    changed: set[str] = set()
    for each in _with_inner(elements):
        its = use_of(each)
        if its.open:
            return
        changed |= its.sets
    if read & changed:
        return
    names = ", ".join(sorted(read)) or "anything that may change"
    message = f"the circle of {_listed(round_)} never waits, and nothing in it changes what its way out reads ({names})"
    yield _told(warning(first, message, "Wait in it, or set the variable that ends it"), trace)


def _round(first: str, inside: set[str], following: dict[str, list[str]]) -> list[str]:
    """The shortest way from an element of a circle back to it."""
    came: dict[str, str] = {}
    waiting = deque([first])
    while first not in came:
        current = waiting.popleft()
        for target in following[current]:
            if target in inside and target not in came:
                came[target] = current
                waiting.append(target)
    way = [came[first]]
    while way[-1] != first:
        way.append(came[way[-1]])
    return way[::-1]


def _told(finding: Finding, trace: tuple[TraceStep, ...]) -> Finding:
    return msgspec.structs.replace(finding, rule="loop-without-wait", trace=trace)


def _is_choice(scope: Scope, element: Element) -> bool:
    ways = scope.leaving(element)
    if isinstance(element, model.ExclusiveGateway | model.InclusiveGateway | model.ComplexGateway):
        return len(ways) > 1
    return any(flow.condition for flow in ways)


def _is_entered(scope: Scope, element: Element, inside: set[str]) -> bool:
    return any(flow.source not in inside for flow in scope.entering(element))


def _ends_all(scope: Scope, flow: Flow) -> bool:
    """Whether the flow may lead to an end of the whole scope."""
    seen, stack = set[str](), [flow.target]
    while stack:
        current = stack.pop()
        if current in seen or current not in scope.elements:
            continue
        seen.add(current)
        element = scope.elements[current]
        ends = (model.TerminateDefinition, model.ErrorDefinition, model.CancelDefinition)
        if isinstance(element, model.EndEvent) and any(
            isinstance(each, ends) for each in definitions_of(element.definition)
        ):
            return True
        stack += [each.target for each in scope.leaving(element)]
    return False


def _with_inner(elements: list[Element]) -> Iterator[Element]:
    for element in elements:
        yield element
        if isinstance(element, SubProcess):
            yield from (inner for inner, _ in walk(element))


def _listed(elements: list[Element]) -> str:
    shown = [f'"{named(element)}"' for element in elements[:5]]
    return ", ".join(shown) + (f" and {len(elements) - 5} more" if len(elements) > 5 else "")


def components(following: dict[str, list[str]]) -> Iterator[list[str]]:
    """The circles of a graph: its strongly connected components that have an edge, each in the order of the graph."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    on_path: set[str] = set()
    places = {name: place for place, name in enumerate(following)}
    for root in following:
        if root in number:
            continue
        stack: list[tuple[str, Iterator[str]]] = [(root, iter(following[root]))]
        number[root] = low[root] = len(number)
        path.append(root)
        on_path.add(root)
        while stack:
            name, rest = stack[-1]
            for target in rest:
                if target not in number:
                    number[target] = low[target] = len(number)
                    path.append(target)
                    on_path.add(target)
                    stack.append((target, iter(following[target])))
                    break
                if target in on_path:
                    low[name] = min(low[name], number[target])
            else:
                stack.pop()
                if stack:
                    low[stack[-1][0]] = min(low[stack[-1][0]], low[name])
                if low[name] == number[name]:
                    found = [path.pop()]
                    while found[-1] != name:
                        found.append(path.pop())
                    on_path.difference_update(found)
                    if len(found) > 1 or name in following[name]:
                        yield sorted(found, key=places.__getitem__)
