"""Boxed expressions (chapters 7, 8 and 10): each kind compiled in a file of its own.

:data:`COMPILERS` is the table of them all; :class:`clearance.dmn.compiler.Compiler` looks there.
"""

from clearance.dmn.boxed.conditional import compile_conditional
from clearance.dmn.boxed.context import compile_context
from clearance.dmn.boxed.filter import compile_filter
from clearance.dmn.boxed.function import compile_function
from clearance.dmn.boxed.invocation import compile_invocation
from clearance.dmn.boxed.iteration import compile_iteration
from clearance.dmn.boxed.listing import compile_list
from clearance.dmn.boxed.literal import compile_literal
from clearance.dmn.boxed.registry import Compilers
from clearance.dmn.boxed.relation import compile_relation
from clearance.dmn.boxed.table import compile_table
from clearance.dmn.model import (
    Conditional,
    Context,
    DecisionTable,
    Filter,
    FunctionDefinition,
    Invocation,
    Iteration,
    ListOf,
    Literal,
    Relation,
)

COMPILERS: Compilers = {
    Literal: compile_literal,
    Context: compile_context,
    DecisionTable: compile_table,
    Invocation: compile_invocation,
    FunctionDefinition: compile_function,
    ListOf: compile_list,
    Relation: compile_relation,
    Conditional: compile_conditional,
    Filter: compile_filter,
    Iteration: compile_iteration,
}
