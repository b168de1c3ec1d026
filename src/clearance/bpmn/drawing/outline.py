"""A process as lines of text, for a terminal: what follows what, branches indented, tokens beside."""

from collections.abc import Iterator

from lxml import etree

from clearance.bpmn.drawing.draw import Drawable, prepare
from clearance.bpmn.drawing.events import symbol_of
from clearance.bpmn.drawing.standing import Standing, Tokens
from clearance.bpmn.names import bpmn

_WORDS = {
    "startEvent": "start",
    "endEvent": "end",
    "intermediateCatchEvent": "wait",
    "intermediateThrowEvent": "throw",
    "boundaryEvent": "on the border",
    "exclusiveGateway": "choose",
    "inclusiveGateway": "choose several",
    "parallelGateway": "together",
    "complexGateway": "complex",
    "eventBasedGateway": "first of",
    "serviceTask": "service",
    "userTask": "person",
    "sendTask": "send",
    "receiveTask": "receive",
    "scriptTask": "script",
    "manualTask": "by hand",
    "businessRuleTask": "rules",
    "callActivity": "call",
    "subProcess": "group",
    "transaction": "transaction",
    "adHocSubProcess": "free",
    "task": "task",
}


def outline(source: Drawable, tokens: Tokens | None = None) -> str:
    """All processes of a file, one element a line, in the order in which they follow one another."""
    lines: list[str] = []
    for process in prepare(source).root.iterfind(bpmn("process")):
        lines.append(process.get("name") or process.get("id") or "process")
        lines.extend(_scope(process, "  ", tokens or Tokens()))
    return "\n".join(lines)


def _scope(scope: etree._Element, indent: str, tokens: Tokens) -> Iterator[str]:
    nodes = {str(part.get("id")): part for part in scope.iterchildren("*") if etree.QName(part).localname in _WORDS}
    flows: dict[str, list[etree._Element]] = {}
    for flow in scope.iterfind(bpmn("sequenceFlow")):
        flows.setdefault(str(flow.get("sourceRef")), []).append(flow)
    border: dict[str, list[str]] = {}
    for name, part in nodes.items():
        if part.get("attachedToRef") is not None:
            border.setdefault(str(part.get("attachedToRef")), []).append(name)
    reached = {str(flow.get("targetRef")) for out in flows.values() for flow in out}
    seen: set[str] = set()
    first = [name for name, part in nodes.items() if name not in reached and part.get("attachedToRef") is None]
    for name in [*first, *nodes]:
        if name not in seen and nodes[name].get("attachedToRef") is None:
            yield from _from(name, nodes, flows, border, seen, indent, tokens)


def _from(
    name: str,
    nodes: dict[str, etree._Element],
    flows: dict[str, list[etree._Element]],
    border: dict[str, list[str]],
    seen: set[str],
    indent: str,
    tokens: Tokens,
) -> Iterator[str]:
    """The elements from one on, as deep as paths divide; each once, later ones as an arrow to it."""
    waiting: list[tuple[str, str, str]] = [(name, indent, "")]
    while waiting:
        name, indent, label = waiting.pop()
        node = nodes.get(name)
        if node is None:
            continue
        said = f"{label}: " if label else ""
        if name in seen:
            yield f"{indent}{said}→ {_named(node)}"
            continue
        seen.add(name)
        yield f"{indent}{said}{_line(node, tokens.elements.get(name))}"
        yield from _scope(node, f"{indent}    ", tokens)
        out = [(str(flow.get("targetRef")), str(flow.get("name") or "")) for flow in flows.get(name, [])]
        deeper = f"{indent}  " if len(out) > 1 else indent
        waiting += [(target, deeper, text) for target, text in reversed(out)]
        waiting += [(other, f"{indent}  ", "") for other in reversed(border.get(name, []))]


def _named(node: etree._Element) -> str:
    return str(node.get("name") or node.get("id") or "").replace("\n", " ").strip()


def _line(node: etree._Element, standing: Standing | None) -> str:
    local = str(etree.QName(node).localname)
    symbol = symbol_of(node).removesuffix("EventDefinition") if local.endswith("Event") else ""
    kind = " ".join(filter(None, (_WORDS[local], symbol)))
    name = str(node.get("name") or "").replace("\n", " ").strip()
    return f"{name} ({kind}){_tokens(standing)}".strip()


def _tokens(standing: Standing | None) -> str:
    if standing is None:
        return ""
    counts = (("●", standing.active), ("!", standing.incidents), ("✓", standing.completed))
    text = " ".join(f"{sign}{count if count > 1 else ''}" for sign, count in counts if count)
    return f"  {text}" if text else ""
