"""From syntax tree back to text: what is printed parses to the same tree (but for positions).

Parentheses stand where the tree needs them and nowhere else. Used to show expressions that a program made or changed
(spreadsheets, analysis of tables) and to test the parser.
"""

from collections.abc import Callable
from typing import Any

from clearance.feel import syntax as tree
from clearance.feel.data import key_text, to_literal
from clearance.feel.numbers import is_number
from clearance.feel.temporal_text import TEMPORAL_TYPES

_OPEN, _OR, _AND, _COMPARE, _ADD, _MULTIPLY, _POWER, _NEGATE, _INSTANCE, _POSTFIX, _ATOM = range(11)
"""Precedence from lowest to highest."""
_ARITHMETIC = {"+": _ADD, "-": _ADD, "*": _MULTIPLY, "/": _MULTIPLY, "**": _POWER}


def to_source(node: tree.Node) -> str:
    """The text of an expression, of unary tests or of a type."""
    return _WRITERS[type(node)](node)


def _at_least(node: tree.Node, level: int) -> str:
    """The text, in parentheses if its operator binds less tightly than the level."""
    text = to_source(node)
    return text if _level(node) >= level else f"({text})"


def _level(node: tree.Node) -> int:
    if isinstance(node, tree.Junction):
        return _OR if node.operator == "or" else _AND
    if isinstance(node, tree.Arithmetic):
        return _ARITHMETIC[node.operator]
    if isinstance(node, tree.Literal) and _is_negative(node):
        return _INSTANCE
    return _LEVELS.get(type(node), _ATOM)


def _is_negative(node: tree.Literal) -> bool:
    return is_number(node.value) and node.value < 0


_LEVELS: dict[type[tree.Node], int] = {
    tree.If: _OPEN,
    tree.For: _OPEN,
    tree.Quantified: _OPEN,
    tree.FunctionNode: _OPEN,
    tree.UnaryComparison: _OPEN,
    tree.Comparison: _COMPARE,
    tree.Between: _COMPARE,
    tree.In: _COMPARE,
    tree.Negation: _NEGATE,
    tree.InstanceOf: _INSTANCE,
    tree.Path: _POSTFIX,
    tree.Filter: _POSTFIX,
    tree.Invocation: _POSTFIX,
}


def _literal(node: tree.Literal) -> str:
    return f'@"{to_literal(node.value)}"' if isinstance(node.value, TEMPORAL_TYPES) else to_literal(node.value)


def _negation(node: tree.Negation) -> str:
    operand = _at_least(node.operand, _NEGATE)
    return f"-({operand})" if isinstance(node.operand, tree.Literal) or operand[0] in "0123456789." else f"-{operand}"


def _arithmetic(node: tree.Arithmetic) -> str:
    level = _ARITHMETIC[node.operator]
    return f"{_at_least(node.left, level)} {node.operator} {_at_least(node.right, level + 1)}"


def _comparison(node: tree.Comparison) -> str:
    return f"{_at_least(node.left, _COMPARE)} {node.operator} {_at_least(node.right, _ADD)}"


def _junction(node: tree.Junction) -> str:
    level = _OR if node.operator == "or" else _AND
    return f" {node.operator} ".join(_at_least(operand, level + 1) for operand in node.operands)


def _between(node: tree.Between) -> str:
    low, high = _at_least(node.low, _ADD), _at_least(node.high, _ADD)
    return f"{_at_least(node.value, _COMPARE)} between {low} and {high}"


def _in(node: tree.In) -> str:
    value = _at_least(node.value, _COMPARE)
    if len(node.tests) > 1:
        return f"{value} in ({', '.join(map(to_source, node.tests))})"
    only = node.tests[0]
    return f"{value} in {to_source(only) if isinstance(only, tree.UnaryComparison) else _at_least(only, _ADD)}"


def _if(node: tree.If) -> str:
    parts = (to_source(part) for part in (node.condition, node.consequence, node.alternative))
    return "if {} then {} else {}".format(*parts)


def _iterations(iterations: tuple[tree.Iteration, ...]) -> str:
    return ", ".join(
        f"{each.name} in {to_source(each.start)}" + (f"..{to_source(each.end)}" if each.end is not None else "")
        for each in iterations
    )


def _for(node: tree.For) -> str:
    return f"for {_iterations(node.iterations)} return {to_source(node.result)}"


def _quantified(node: tree.Quantified) -> str:
    return f"{node.quantifier} {_iterations(node.iterations)} satisfies {to_source(node.condition)}"


def _instance_of(node: tree.InstanceOf) -> str:
    return f"{_at_least(node.value, _INSTANCE)} instance of {_type(node.type)}"


def _path(node: tree.Path) -> str:
    return f"{_at_least(node.base, _POSTFIX)}.{node.name}"


def _filter(node: tree.Filter) -> str:
    return f"{_at_least(node.base, _POSTFIX)}[{to_source(node.condition)}]"


def _invocation(node: tree.Invocation) -> str:
    arguments = [to_source(argument) for argument in node.arguments]
    if node.names:
        arguments = [f"{name}: {argument}" for name, argument in zip(node.names, arguments, strict=True)]
    return f"{_at_least(node.function, _POSTFIX)}({', '.join(arguments)})"


def _interval(node: tree.Interval) -> str:
    opening, closing = "[" if node.start_included else "(", "]" if node.end_included else ")"
    end = _at_least(node.end, _ADD)
    end = f"({end})" if "[" in end else end  # Without parentheses the bracket of a filter could close the range.
    return f"{opening}{to_source(node.start)}..{end}{closing}"


def _unary_comparison(node: tree.UnaryComparison) -> str:
    return f"{node.operator} {_at_least(node.endpoint, _ADD)}"


def _list(node: tree.ListNode) -> str:
    return f"[{', '.join(map(to_source, node.items))}]"


def _context(node: tree.ContextNode) -> str:
    return "{" + ", ".join(f"{key_text(key)}: {to_source(value)}" for key, value in node.entries) + "}"


def _function(node: tree.FunctionNode) -> str:
    parameters = ", ".join(
        each.name + (f": {_type(each.type)}" if each.type is not None else "") for each in node.parameters
    )
    return f"function({parameters}) {'external ' if node.external else ''}{to_source(node.body)}"


def _type(node: tree.TypeNode) -> str:
    if not node.fields and node.result is None:
        return node.name
    parts = ", ".join((f"{name}: " if name else "") + _type(part) for name, part in node.fields)
    return f"{node.name}<{parts}>" + (f"->{_type(node.result)}" if node.result is not None else "")


def _unary_tests(node: tree.UnaryTestsNode) -> str:
    tests = ", ".join(map(to_source, node.tests))
    if not node.tests:
        return "-"
    return f"not({tests})" if node.negated else tests


_WRITERS: dict[type[tree.Node], Callable[[Any], str]] = {
    tree.Literal: _literal,
    tree.Name: lambda node: node.name,
    tree.Negation: _negation,
    tree.Arithmetic: _arithmetic,
    tree.Comparison: _comparison,
    tree.Junction: _junction,
    tree.Between: _between,
    tree.In: _in,
    tree.If: _if,
    tree.For: _for,
    tree.Quantified: _quantified,
    tree.InstanceOf: _instance_of,
    tree.Path: _path,
    tree.Filter: _filter,
    tree.Invocation: _invocation,
    tree.Interval: _interval,
    tree.UnaryComparison: _unary_comparison,
    tree.ListNode: _list,
    tree.ContextNode: _context,
    tree.FunctionNode: _function,
    tree.TypeNode: _type,
    tree.UnaryTestsNode: _unary_tests,
}
