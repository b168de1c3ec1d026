"""A sheet to a decision table: finds the corner, the groups of columns, the rows that describe them, and the rules.

The layout (inputs | outputs | annotations, the hit policy in the corner) is described for authors in docs/dmn.md. Every
element keeps its sheet and cell, so that an error found later, in FEEL or while checking, still names the cell.
"""

import re
from collections.abc import Collection, Mapping

import msgspec

from clearance.dmn.errors import DmnError
from clearance.dmn.model import (
    Aggregation,
    DecisionTable,
    HitPolicy,
    InputClause,
    Literal,
    OutputClause,
    Rule,
    UnaryTests,
)
from clearance.dmn.sheets.grid import Grid, column_letters
from clearance.dmn.sheets.words import TYPE_NAMES, input_text, output_text, type_of

_GROUPS = {
    "inputs": frozenset({"input", "inputs", "in", "when", "if", "condition", "conditions", "given"}),
    "outputs": frozenset({"output", "outputs", "out", "then", "result", "results", "conclusion", "conclusions"}),
    "annotations": frozenset({"annotation", "annotations", "comment", "comments", "note", "notes"}),
}
_DESCRIPTIONS = {
    "type": "type",
    "types": "type",
    "values": "values",
    "allowed": "values",
    "allowed values": "values",
    "default": "default",
    "defaults": "default",
    "label": "label",
    "labels": "label",
}
_AGGREGATION_WORDS = {"sum": "+", "count": "#", "min": "<", "max": ">", "+": "+", "#": "#", "<": "<", ">": ">"}


class Column(msgspec.Struct, frozen=True):
    """A column of the table: its group, its name and what the rows above the rules say of it."""

    number: int
    group: str
    name: str
    type: str = ""
    label: str = ""


class Layout(msgspec.Struct, frozen=True):
    """Where a sheet's table is: what has to be known before its cells can be read."""

    grid: Grid
    decision: str
    uses: tuple[tuple[str, str], ...]
    """Inputs that no column tests, with their types: the rows ``uses`` above the table."""
    hit_policy: HitPolicy
    aggregation: Aggregation | None
    corner: tuple[int, int]
    names_row: int
    columns: tuple[Column, ...]
    rule_rows: tuple[int, ...]
    description_rows: Mapping[str, int]

    def of(self, group: str) -> tuple[Column, ...]:
        """The columns of a group, from left to right."""
        return tuple(column for column in self.columns if column.group == group)


def find_layout(grid: Grid) -> Layout | None:
    """The table on a sheet; None when the sheet is no table at all (notes, for example)."""
    group_row = _group_row(grid)
    if group_row is None:
        return None
    groups, corner_column = _groups(grid, group_row)
    policy, aggregation = _hit_policy(grid, group_row, corner_column)
    names_row = next((row for row in range(group_row + 1, grid.rows + 1) if not grid.row_is_empty(row)), 0)
    if not names_row:
        remedy = "Write the names of inputs and outputs into the row below it."
        raise DmnError("the table has no row of names.", grid.place(group_row, 1), remedy)
    descriptions: dict[str, int] = {}
    rule_rows: list[int] = []
    for row in range(names_row + 1, grid.rows + 1):
        key = grid.words(row, corner_column).lower().rstrip(":") if corner_column else ""
        if key in _DESCRIPTIONS and not rule_rows:
            descriptions[_DESCRIPTIONS[key]] = row
        elif any(grid.words(row, number) for number in groups):
            rule_rows.append(row)
    columns = _columns(grid, groups, names_row, descriptions, rule_rows)
    return Layout(
        grid=grid,
        decision=_decision_name(grid, group_row),
        uses=_uses(grid, group_row),
        hit_policy=policy,
        aggregation=aggregation,
        corner=(group_row, corner_column or 1),
        names_row=names_row,
        columns=columns,
        rule_rows=tuple(rule_rows),
        description_rows=descriptions,
    )


def _group_of(words: str) -> str:
    word = words.lower().rstrip(":")
    return next((group for group, known in _GROUPS.items() if word in known), "")


def _group_row(grid: Grid) -> int | None:
    """The first row that names a group of outputs; a row of inputs alone is a mistake worth telling."""
    for row in range(1, grid.rows + 1):
        found = {_group_of(grid.words(row, column)) for column in range(1, grid.columns + 1)}
        if "outputs" in found:
            return row
        if "inputs" in found and "annotations" in found:
            remedy = 'Write "outputs" above the first output column.'
            raise DmnError("the table has no outputs.", grid.place(row, 1), remedy)
    return None


def _groups(grid: Grid, row: int) -> tuple[dict[int, str], int]:
    """The group of each column, and the number of the corner's column (0: there is none)."""
    groups: dict[int, str] = {}
    current, first = "", 0
    for column in range(1, grid.columns + 1):
        words = grid.words(row, column)
        group = _group_of(words)
        if group:
            current, first = group, first or column
        elif words and current:
            remedy = "Write inputs, outputs or annotations, or leave the cell empty to go on with the group before."
            raise DmnError(f'"{words}" is not a group of columns.', grid.place(row, column), remedy)
        if current:
            groups[column] = current
    return groups, first - 1


def _hit_policy(grid: Grid, row: int, column: int) -> tuple[HitPolicy, Aggregation | None]:
    """The corner: a letter or name, and for collect an operator; an empty corner means unique."""
    words = grid.words(row, column) if column else ""
    compact = " ".join(words.upper().replace("_", " ").split())
    match = re.fullmatch(r"(C|COLLECT)\s*\(?\s*(\+|#|<|>|SUM|COUNT|MIN|MAX)\s*\)?", compact)
    if match:
        return HitPolicy.COLLECT, Aggregation(_AGGREGATION_WORDS[match[2].lower()])
    if not compact:
        return HitPolicy.UNIQUE, None
    for policy in HitPolicy:
        if compact in (policy.value, policy.name.replace("_", " ")):
            return policy, None
    known = ", ".join(f"{policy.value} ({policy.name.replace('_', ' ').lower()})" for policy in HitPolicy)
    remedy = f"Write one of {known}, or C+, C#, C<, C>."
    raise DmnError(f'"{words}" is not a hit policy.', grid.place(row, column), remedy)


def _decision_name(grid: Grid, group_row: int) -> str:
    """What the row ``decision | name`` above the table says, otherwise the sheet's name."""
    for row in range(1, group_row):
        for column in range(1, grid.columns):
            if grid.words(row, column).lower().rstrip(":") == "decision":
                following = (grid.words(row, later) for later in range(column + 1, grid.columns + 1))
                name = next((words for words in following if words), "")
                if name:
                    return " ".join(name.split())
    return " ".join(grid.sheet.split())


def _uses(grid: Grid, group_row: int) -> tuple[tuple[str, str], ...]:
    """``uses | limit: number | rate`` above the table."""
    found = []
    for row in range(1, group_row):
        if grid.words(row, 1).lower().rstrip(":") == "uses":
            for column in range(2, grid.columns + 1):
                name, _, words = grid.words(row, column).partition(":")
                type_name = type_of(words) if words.strip() else ""
                if type_name is None:
                    remedy = f"Use one of {', '.join(TYPE_NAMES)}."
                    raise DmnError(f'"{words.strip()}" is not a type.', grid.place(row, column), remedy)
                if name.strip():
                    found.append((" ".join(name.split()), type_name))
    return tuple(found)


def _columns(
    grid: Grid,
    groups: Mapping[int, str],
    names_row: int,
    descriptions: Mapping[str, int],
    rule_rows: list[int],
) -> tuple[Column, ...]:
    columns = []
    for number, group in groups.items():
        name = " ".join(grid.words(names_row, number).split())
        if not name:
            if any(grid.words(row, number) for row in rule_rows):
                remedy = "Write its name, or clear the cells below it."
                raise DmnError(f"column {column_letters(number)} has no name.", grid.place(names_row, number), remedy)
            continue
        columns.append(
            Column(
                number=number,
                group=group,
                name=name,
                type=_type(grid, descriptions.get("type", 0), number),
                label=grid.words(descriptions.get("label", 0), number),
            )
        )
    seen: set[str] = set()
    for column in columns:
        if column.group == "outputs" and column.name in seen:
            place = grid.place(names_row, column.number)
            raise DmnError(f'there are two outputs named "{column.name}".', place, "Rename one of them.")
        if column.group == "outputs":
            seen.add(column.name)
    if not seen:
        raise DmnError("the table has no outputs.", grid.place(names_row, 1), "Name at least one output column.")
    return tuple(columns)


def _type(grid: Grid, row: int, number: int) -> str:
    words = grid.words(row, number) if row else ""
    if not words:
        return ""
    found = type_of(words)
    if found is None:
        remedy = f"Use one of {', '.join(TYPE_NAMES)}."
        raise DmnError(f'"{words}" is not a type.', grid.place(row, number), remedy)
    return found


def read_table(layout: Layout, names: Collection[str]) -> DecisionTable:
    """The decision table of a layout; ``names`` are the inputs, decisions and outputs that its cells may refer to."""
    grid = layout.grid
    if not layout.rule_rows:
        raise DmnError("the table has no rules.", grid.place(*layout.corner), "Write a row for each rule.")
    inputs, outputs, annotations = (layout.of(group) for group in ("inputs", "outputs", "annotations"))
    return DecisionTable(
        where=grid.place(*layout.corner, f'decision table "{layout.decision}"'),
        inputs=tuple(_input_clause(layout, column, names) for column in inputs),
        outputs=tuple(_output_clause(layout, column, names, alone=len(outputs) == 1) for column in outputs),
        annotations=tuple(column.name for column in annotations),
        rules=tuple(_rule(layout, number, row, names) for number, row in enumerate(layout.rule_rows, start=1)),
        hit_policy=layout.hit_policy,
        aggregation=layout.aggregation,
        output_label=outputs[0].name if len(outputs) == 1 else "",
    )


def _allowed(layout: Layout, column: Column, names: Collection[str]) -> UnaryTests | None:
    row = layout.description_rows.get("values", 0)
    value = layout.grid.cells.get((row, column.number))
    if value is None:
        return None
    place = layout.grid.place(row, column.number, f'allowed values of "{column.name}"')
    return UnaryTests(where=place, text=input_text(value, column.type, names))


def _input_clause(layout: Layout, column: Column, names: Collection[str]) -> InputClause:
    place = layout.grid.place(layout.names_row, column.number, f'input "{column.name}"')
    return InputClause(
        where=place,
        label=column.label or column.name,
        expression=Literal(where=place, type_ref=column.type, text=column.name),
        allowed=_allowed(layout, column, names),
    )


def _output_clause(layout: Layout, column: Column, names: Collection[str], *, alone: bool) -> OutputClause:
    grid = layout.grid
    default_row = layout.description_rows.get("default", 0)
    default = grid.cells.get((default_row, column.number))
    default_place = grid.place(default_row, column.number, f'default of "{column.name}"')
    default_text = output_text(default, column.type, names)
    return OutputClause(
        where=grid.place(layout.names_row, column.number, f'output "{column.name}"'),
        label=column.label or column.name,
        name="" if alone else column.name,
        type_ref=column.type,
        allowed=_allowed(layout, column, names),
        default=None if default is None else Literal(where=default_place, text=default_text),
    )


def _rule(layout: Layout, number: int, row: int, names: Collection[str]) -> Rule:
    grid = layout.grid
    outputs = layout.of("outputs")
    if not any(grid.words(row, column.number) for column in outputs):
        remedy = "Write the result of the rule, or null."
        raise DmnError(f"rule {number} has no output.", grid.place(row, outputs[0].number), remedy)
    return Rule(
        where=grid.place(row, layout.columns[0].number, f"rule {number}"),
        inputs=tuple(
            UnaryTests(
                where=grid.place(row, column.number, f"rule {number}"),
                text=input_text(grid.cells.get((row, column.number)), column.type, names),
            )
            for column in layout.of("inputs")
        ),
        outputs=tuple(
            Literal(
                where=grid.place(row, column.number, f"rule {number}"),
                text=output_text(grid.cells.get((row, column.number)), column.type, names),
            )
            for column in outputs
        ),
        annotations=tuple(grid.words(row, column.number) for column in layout.of("annotations")),
    )
