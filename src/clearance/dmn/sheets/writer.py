"""Decision tables to sheets, in the layout that :mod:`clearance.dmn.sheets.layout` reads.

A decision that is one FEEL expression becomes a table with one rule and no input, which means the same. What no table
can say (contexts, functions, services) is refused by name: a file that silently lost logic would be worse than none.
"""

import re
from collections.abc import Mapping, Sequence

from clearance.dmn.errors import DmnError, Place
from clearance.dmn.model import (
    Decision,
    DecisionTable,
    Definitions,
    Expression,
    ItemDefinition,
    Literal,
    OutputClause,
    Rule,
    UnaryTests,
)
from clearance.dmn.sheets.grid import CellValue, Grid
from clearance.dmn.sheets.reader import free_names
from clearance.dmn.sheets.words import type_of

_SHEET_NAME_MAX = 31
_HEADER_ROWS = 2


def write_sheets(definitions: Definitions, file: str) -> tuple[list[Grid], list[int]]:
    """A grid per decision and the number of its header rows."""
    for node in definitions.functions():
        remedy = "Move its logic into decision tables, or keep the model as DMN."
        raise DmnError("cannot be written as a spreadsheet.", node.where, remedy)
    for imported in definitions.imports:
        raise DmnError("is not part of a spreadsheet.", imported.where, "Convert the imported model by itself.")
    items = {item.name: item for item in definitions.items}
    types = {data.variable.name: data.variable.type_ref for data in definitions.inputs}
    grids, headers, used = [], [], set[str]()
    tables = {decision.name: decision.expression for decision in definitions.decisions}
    for decision in definitions.decisions:
        if _names_an_output(decision, tables):
            continue
        sheet = _sheet_name(decision.name, used)
        uses = _uses(decision, definitions, tables, items)
        grid, rows = _write(decision, _table_of(decision), sheet, file, items, types, uses)
        grids.append(grid)
        headers.append(rows)
    return grids, headers


def _uses(
    decision: Decision,
    definitions: Definitions,
    tables: Mapping[str, Expression | None],
    items: dict[str, ItemDefinition],
) -> list[str]:
    """The inputs that a decision requires and no column of any table is, with their types where they are plain."""
    columns = {clause.expression.text for table in tables.values() for clause in getattr(table, "inputs", ())}
    if not definitions.inputs:
        return sorted(_free(_table_of(decision), set(tables)) - columns - {text.partition(".")[0] for text in columns})
    found = []
    for data in definitions.inputs:
        if f"#{data.id}" in decision.requires and data.variable.name not in columns:
            type_name, _ = _plain_type(data.variable.type_ref, None, items, data.where)
            name = data.variable.name
            found.append(f"{name}: {type_name}" if type_name and type_name != "Any" else name)
    return found


def _free(table: DecisionTable, names: set[str]) -> set[str]:
    """The names that a table reads in a model that declares no inputs."""
    cells = [(entry.text, True) for rule in table.rules for entry in rule.inputs]
    cells += [(entry.text, False) for rule in table.rules for entry in rule.outputs]
    return {name for text, is_test in dict.fromkeys(cells) for name in free_names(text, names, cell=is_test)}


def _names_an_output(decision: Decision, tables: Mapping[str, object]) -> bool:
    """Whether a decision only gives a name to a table's output: reading the sheet makes it again."""
    if not isinstance(decision.expression, Literal) or decision.variable.type_ref:
        return False
    text = decision.expression.text
    for name, table in tables.items():
        if isinstance(table, DecisionTable):
            if len(table.outputs) == 1 and text == name and table.output_label == decision.name:
                return True
            if any(text == f"{name}.{output.name}" and output.name == decision.name for output in table.outputs):
                return True
    return False


def _table_of(decision: Decision) -> DecisionTable:
    if isinstance(decision.expression, DecisionTable):
        return decision.expression
    if isinstance(decision.expression, Literal):
        literal = decision.expression
        return DecisionTable(
            where=literal.where,
            inputs=(),
            outputs=(OutputClause(type_ref=literal.type_ref or decision.variable.type_ref),),
            rules=(Rule(where=literal.where, inputs=(), outputs=(literal,)),),
        )
    kind = "nothing" if decision.expression is None else type(decision.expression).__name__
    remedy = "Only decision tables and single expressions fit; keep the model as DMN."
    raise DmnError(f"holds a {kind}, which cannot be written as a spreadsheet.", decision.where, remedy)


def _sheet_name(name: str, used: set[str]) -> str:
    base = re.sub(r"[\[\]:*?/\\]", " ", name).strip("' ")[:_SHEET_NAME_MAX] or "Decision"
    candidate, count = base, 1
    while candidate.lower() in used:
        count += 1
        candidate = f"{base[: _SHEET_NAME_MAX - 4]} {count}"
    used.add(candidate.lower())
    return candidate


def _write(
    decision: Decision,
    table: DecisionTable,
    sheet: str,
    file: str,
    items: dict[str, ItemDefinition],
    types: dict[str, str],
    uses: Sequence[str],
) -> tuple[Grid, int]:
    cells: dict[tuple[int, int], CellValue] = {}
    row = 1
    if sheet != decision.name:
        cells.update({(row, 1): "decision", (row, 2): decision.name})
        row += 1
    if uses:
        cells[row, 1] = "uses"
        cells.update({(row, column): name for column, name in enumerate(uses, start=2)})
        row += 1
    row += row > 1  # an empty row before the table
    first_output = 2 + len(table.inputs)
    first_annotation = first_output + len(table.outputs)
    cells[row, 1] = table.hit_policy.value + (table.aggregation.value if table.aggregation else "")
    starts = {2: "inputs" if table.inputs else "", first_output: "outputs"}
    if table.annotations:
        starts[first_annotation] = "annotations"
    cells.update({(row, column): words for column, words in starts.items() if words})
    described = _descriptions(decision, table, items, types)
    names = [clause.expression.text for clause in table.inputs] + _output_names(decision, table)
    for column, name in enumerate([*names, *table.annotations], start=2):
        cells[row + 1, column] = name
    row += _HEADER_ROWS
    for key in ("label", "type", "values", "default"):
        if any(described[key]):
            cells[row, 1] = key
            cells.update({(row, column): text for column, text in enumerate(described[key], start=2) if text})
            row += 1
    header_rows = row - 1
    for number, rule in enumerate(table.rules, start=1):
        texts = [entry.text for entry in rule.inputs] + [entry.text or "null" for entry in rule.outputs]
        cells[row, 1] = number
        cells.update({(row, column): text for column, text in enumerate([*texts, *rule.annotations], start=2) if text})
        row += 1
    return Grid(file=file, sheet=sheet, cells=cells), header_rows


def _output_names(decision: Decision, table: DecisionTable) -> list[str]:
    if len(table.outputs) == 1:
        output = table.outputs[0]
        return [table.output_label or output.name or output.label or decision.name]
    return [output.name for output in table.outputs]


def _descriptions(
    decision: Decision, table: DecisionTable, items: dict[str, ItemDefinition], types: dict[str, str]
) -> dict[str, list[str]]:
    """The rows between the names and the rules: labels, types, allowed values and defaults, one text per column."""
    columns: list[tuple[str, str, UnaryTests | None, str]] = []
    for clause in table.inputs:
        label = clause.label if clause.label != clause.expression.text else ""
        declared = clause.expression.type_ref or types.get(clause.expression.text, "")
        columns.append((label, *_plain_type(declared, clause.allowed, items, clause.where), ""))
    for output, name in zip(table.outputs, _output_names(decision, table), strict=True):
        label = output.label if output.label != name else ""
        declared = output.type_ref or (decision.variable.type_ref if len(table.outputs) == 1 else "")
        default = output.default.text if output.default else ""
        columns.append((label, *_plain_type(declared, output.allowed, items, output.where), default))
    return {
        "label": [column[0] for column in columns],
        "type": [column[1] for column in columns],
        "values": [column[2].text if column[2] else "" for column in columns],
        "default": [column[3] for column in columns],
    }


def _plain_type(
    declared: str, allowed: UnaryTests | None, items: dict[str, ItemDefinition], where: Place
) -> tuple[str, UnaryTests | None]:
    """FEEL's own type below a defined one, with the definition's allowed values where the clause has none."""
    seen: set[str] = set()
    while declared in items and declared not in seen:
        seen.add(declared)
        item = items[declared]
        if item.is_collection or item.components or item.parameters is not None:
            return "Any", allowed
        allowed = allowed or item.allowed_values or item.type_constraint
        declared = item.type_ref
    if declared and type_of(declared) is None:
        raise DmnError(f"has the type {declared}, which is not defined.", where, "Define the type, or remove it.")
    return ("" if declared == "Any" else declared), allowed


def only_sheet(grids: Sequence[Grid], file: str) -> Grid:
    """The one grid that a CSV file can hold."""
    if len(grids) == 1:
        return grids[0]
    names = ", ".join(grid.sheet for grid in grids) or "none"
    message = f"a CSV file holds one table, but the model has {len(grids)} ({names})."
    raise DmnError(message, Place(file=file), "Convert to an Excel workbook (.xlsx).")
