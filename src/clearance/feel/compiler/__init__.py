"""From syntax tree to closures: one function for each kind of node, found in the file of its theme.

:data:`TABLE` is the whole map; ``core.py`` says how names become slots. No Python text is made and nothing is
evaluated by Python's own compiler: what a user writes is only ever data here.
"""

from collections.abc import Callable, Mapping
from typing import Any

from clearance.feel import syntax as tree
from clearance.feel.compiler import access, arithmetic, comparison, definitions, invocation, iteration, literals, logic
from clearance.feel.compiler.core import Compiler
from clearance.feel.problems import Evaluator

TABLE: Mapping[type[tree.Node], Callable[[Compiler, Any], Evaluator]] = {
    tree.Literal: literals.literal,
    tree.Name: literals.name,
    tree.ListNode: literals.list_,
    tree.ContextNode: literals.context,
    tree.Interval: literals.interval,
    tree.UnaryComparison: literals.unary_comparison,
    tree.FunctionNode: definitions.function,
    tree.Junction: logic.junction,
    tree.If: logic.if_,
    tree.InstanceOf: logic.instance_of,
    tree.Comparison: comparison.comparison,
    tree.Between: comparison.between,
    tree.In: comparison.in_,
    tree.Arithmetic: arithmetic.arithmetic,
    tree.Negation: arithmetic.negation,
    tree.Path: access.path,
    tree.Filter: access.filter_,
    tree.For: iteration.for_,
    tree.Quantified: iteration.quantified,
    tree.Invocation: invocation.invocation,
}
