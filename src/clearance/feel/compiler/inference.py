"""The type of an expression as far as its text tells (10.3.2.9, Table 43), for what a function literal returns.

``instance of function<...>->T`` asks for the type of a body that has not been evaluated. What cannot be told is Any.
"""

from collections.abc import Mapping

from clearance.feel import syntax as tree
from clearance.feel import types
from clearance.feel.types import ANY, BOOLEAN, NULL, NUMBER, STRING, Type

_BOOLEAN = (tree.Comparison, tree.Junction, tree.Between, tree.In, tree.Quantified, tree.InstanceOf)


def infer(node: tree.Node, parameters: Mapping[str, Type]) -> Type:
    """The type of a node in which the given names have known types."""
    if isinstance(node, tree.Literal):
        return types.of_value(node.value)
    if isinstance(node, tree.Name):
        return parameters.get(node.name, ANY)
    if isinstance(node, _BOOLEAN):
        return BOOLEAN
    if isinstance(node, tree.Arithmetic):
        return _arithmetic(node, parameters)
    if isinstance(node, tree.ListNode):
        return types.ListType(_common([infer(item, parameters) for item in node.items]))
    if isinstance(node, tree.For):
        return types.ListType(ANY)
    if isinstance(node, tree.ContextNode):
        return types.ContextType(tuple((key, infer(value, parameters)) for key, value in node.entries))
    if isinstance(node, tree.If):
        return _common([infer(node.consequence, parameters), infer(node.alternative, parameters)])
    if isinstance(node, tree.Interval):
        return types.RangeType(_common([infer(node.start, parameters), infer(node.end, parameters)]))
    return ANY


def _arithmetic(node: tree.Arithmetic, parameters: Mapping[str, Type]) -> Type:
    left, right = infer(node.left, parameters), infer(node.right, parameters)
    return left if left == right and (left == NUMBER or (left == STRING and node.operator == "+")) else ANY


def _common(parts: list[Type]) -> Type:
    """The one type that all have, null aside; otherwise Any."""
    kinds = {part for part in parts if part != NULL}
    return kinds.pop() if len(kinds) == 1 else ANY
