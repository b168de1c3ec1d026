"""A boxed relation: a list of contexts that share their columns (10.5.3)."""

from clearance.dmn.boxed.registry import Help
from clearance.dmn.model import Relation
from clearance.dmn.run import Step
from clearance.dmn.scope import Scope


def compile_relation(relation: Relation, scope: Scope, help_: Help) -> Step:
    """One context per row; each cell is converted to its column's type."""
    columns = [(column.name, help_.type(column.type_ref, scope, column.where)) for column in relation.columns]
    rows = [
        [
            (name, help_.converted(help_.expression(cell, scope), type_, cell.where))
            for (name, type_), cell in zip(columns, row.items, strict=True)
        ]
        for row in relation.rows
    ]
    return lambda context, run: [{name: step(context, run) for name, step in row} for row in rows]
