"""What an expression asks an agent for: its calls of ``fromAi``, as Camunda 8 writes them in input mappings.

    fromAi(toolCall.city, "The city to look up", "string")

The first argument says where the value will be and, by its last name, what the parameter is called; the others, which
must be constants, describe it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from clearance.feel import syntax as tree
from clearance.feel.data import to_data
from clearance.feel.parser import parse_expression

_FUNCTION = "fromAi"
_PARTS = ("value", "description", "type", "schema", "options")


def parameters(text: str) -> tuple[dict[str, Any], ...]:
    """Name, description, type, schema and options of each parameter, in the order of the text."""
    if _FUNCTION not in text:
        return ()
    return tuple(_parameter(call) for call in _calls(parse_expression(text, (_FUNCTION,))))


def _calls(node: Any) -> Iterator[tree.Invocation]:
    if isinstance(node, tree.Invocation) and isinstance(node.function, tree.Name) and node.function.name == _FUNCTION:
        yield node
    elif isinstance(node, tree.Node):
        for name in node.__struct_fields__:
            yield from _calls(getattr(node, name))
    elif isinstance(node, tuple):
        for part in node:
            yield from _calls(part)


def _parameter(call: tree.Invocation) -> dict[str, Any]:
    names = call.names or _PARTS
    given: Mapping[str, tree.Node] = dict(zip(names, call.arguments, strict=False))
    described: dict[str, Any] = {"name": _name(given.get("value"))}
    for part in _PARTS[1:]:
        if part in given:
            described[part] = _constant(given[part])
    described.setdefault("type", "string")
    return described


def _name(node: tree.Node | None) -> str:
    if isinstance(node, tree.Path | tree.Name):
        return node.name
    return ""


def _constant(node: tree.Node) -> Any:
    match node:
        case tree.Literal():
            return to_data(node.value)
        case tree.ListNode():
            return [_constant(item) for item in node.items]
        case tree.ContextNode():
            return {key: _constant(value) for key, value in node.entries}
        case _:
            return None
