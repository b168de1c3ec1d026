"""Sheets to the decision model: one decision per sheet, and inputs for the names that no sheet decides.

A sheet may use what another sheet decides: by the sheet's name, or by the name of one of its outputs. For the latter
each output with a name of its own becomes a small decision (``Routing.Approver``), so that cells can say just
``Approver``.
"""

import re
from collections.abc import Collection, Iterable, Sequence

from clearance.dmn.errors import DmnError, Place
from clearance.dmn.model import Decision, DecisionTable, Definitions, InputData, Literal, Variable
from clearance.dmn.sheets.grid import Grid
from clearance.dmn.sheets.layout import Layout, find_layout, read_table
from clearance.dmn.sheets.words import mentioned
from clearance.feel import FeelSyntaxError, compile_unary_tests
from clearance.feel import compile as compile_expression
from clearance.feel.builtins import BUILTINS

_NAME = re.compile(r"[^\W\d](?:[\w ]|(?<=\w)[-'’](?=\w))*")
"""What a header is a name by: words, and ``follow-up`` too; a subtraction has spaces around its minus."""
_CALL = re.compile(r"\s*([\w ]*\w)\s*\(")
_CONSTANT = re.compile(r'-|null|"[^"\\]*"|[-\d.]+')
"""Cells that certainly name nothing."""


def read_sheets(grids: Sequence[Grid], file: str, name: str) -> Definitions:
    """The decisions of a workbook or CSV file; raises DmnError with sheet and cell."""
    layouts = [layout for layout in map(find_layout, grids) if layout is not None]
    if not layouts:
        remedy = 'Write "inputs" and "outputs" above the columns, and the hit policy to the left of them.'
        raise DmnError("holds no decision table.", Place(file=file), remedy)
    sheets = _by_decision(layouts)
    outputs = _outputs_by_name(layouts)
    decided = set(sheets) | set(outputs)
    inputs = _inputs(layouts, decided)
    tables = {decision: read_table(layout, decided | set(inputs)) for decision, layout in sheets.items()}
    inputs.update(_undeclared(tables.values(), decided | set(inputs)))
    names = decided | set(inputs)
    ids = _ids(names)
    decisions = [
        Decision(
            where=table.where,
            id=ids[decision],
            name=decision,
            variable=Variable(where=table.where, name=decision),
            requires=tuple(f"#{ids[used]}" for used in _used_names(table, names) if used != decision),
            expression=table,
        )
        for decision, table in tables.items()
    ]
    for output, layout in outputs.items():
        alone = len(layout.of("outputs")) == 1
        where = layout.grid.place(layout.names_row, layout.of("outputs")[0].number, f'output "{output}"')
        text = layout.decision if alone else f"{layout.decision}.{output}"
        decisions.append(
            Decision(
                where=where,
                id=ids[output],
                name=output,
                variable=Variable(where=where, name=output),
                requires=(f"#{ids[layout.decision]}",),
                expression=Literal(where=where, text=text),
            )
        )
    return Definitions(
        where=Place(file=file),
        id="definitions",
        name=name,
        namespace=f"urn:clearance:decisions:{re.sub(r'[^A-Za-z0-9._-]+', '-', name)}",
        inputs=tuple(
            InputData(where=variable.where, id=ids[input_name], name=input_name, variable=variable)
            for input_name, variable in inputs.items()
        ),
        decisions=tuple(decisions),
    )


def _by_decision(layouts: Sequence[Layout]) -> dict[str, Layout]:
    sheets: dict[str, Layout] = {}
    for layout in layouts:
        if layout.decision in sheets:
            other = sheets[layout.decision].grid.sheet
            message = f'decides "{layout.decision}", as does sheet "{other}".'
            raise DmnError(message, layout.grid.place(*layout.corner), "Rename one of them.")
        sheets[layout.decision] = layout
    return sheets


def _outputs_by_name(layouts: Sequence[Layout]) -> dict[str, Layout]:
    """The outputs that can be meant by their name alone: of one sheet only, and no decision or input of that name."""
    taken = {layout.decision for layout in layouts}
    for layout in layouts:
        own = {column.name for column in layout.of("outputs")}
        taken |= {column.name for column in layout.of("inputs") if column.name in own}
    found: dict[str, Layout] = {}
    for layout in layouts:
        for column in layout.of("outputs"):
            if column.name in found:
                taken.add(column.name)
            found[column.name] = layout
    return {name: layout for name, layout in found.items() if name not in taken and _NAME.fullmatch(name)}


def _inputs(layouts: Sequence[Layout], decided: set[str]) -> dict[str, Variable]:
    """The inputs that the columns test: names, the roots of paths, and the names inside expressions."""
    inputs: dict[str, Variable] = {}
    columns = [(layout, column) for layout in layouts for column in layout.of("inputs")]
    for layout, column in columns:
        root = column.name.partition(".")[0]
        if not _NAME.fullmatch(root) or column.name in decided or root in decided:
            continue
        where = layout.grid.place(layout.names_row, column.number, f'input "{column.name}"')
        variable = Variable(where=where, name=root, type_ref=column.type if root == column.name else "")
        known = inputs.get(root)
        if known is not None and known.type_ref and variable.type_ref not in ("", known.type_ref):
            message = f'"{root}" is {variable.type_ref} here and {known.type_ref} in {known.where}.'
            raise DmnError(message, where, "Give it the same type in both places.")
        if known is None or not known.type_ref:
            inputs[root] = variable
    for layout in layouts:
        for name, type_ref in layout.uses:
            if name not in decided:
                where = layout.grid.place(*layout.corner, f'use of "{name}"')
                inputs.setdefault(name, Variable(where=where, name=name, type_ref=type_ref))
    for layout, column in columns:
        if not _NAME.fullmatch(column.name.partition(".")[0]):
            where = layout.grid.place(layout.names_row, column.number, f'input "{column.name}"')
            call = _CALL.match(column.name)
            if call is not None and call[1] not in BUILTINS:
                remedy = "A name cannot hold brackets: leave them out, or put the long name into a label row."
                raise DmnError(f'"{column.name}" is neither a name nor an expression.', where, remedy)
            for name in sorted(free_names(column.name, decided | set(inputs), cell=False)):
                inputs[name] = Variable(where=where, name=name)
    return inputs


def _undeclared(tables: Iterable[DecisionTable], names: Collection[str]) -> dict[str, Variable]:
    """Inputs that no column tests and that only cells name, as in ``> limit``."""
    found: dict[str, Variable] = {}
    seen: set[str] = set()
    for table in tables:
        cells = [(entry.text, entry.where, True) for rule in table.rules for entry in rule.inputs]
        cells += [(entry.text, entry.where, False) for rule in table.rules for entry in rule.outputs]
        for text, where, is_test in cells:
            if text not in seen and not _CONSTANT.fullmatch(text):
                seen.add(text)
                for name in sorted(free_names(text, names, cell=is_test)):
                    found.setdefault(name, Variable(where=where, name=name))
    return found


def free_names(text: str, known: Collection[str], *, cell: bool) -> frozenset[str]:
    """The names in a FEEL text that nothing explains; a text that is no FEEL is reported when it is compiled."""
    try:
        compiled = compile_unary_tests(text, names=known) if cell else compile_expression(text, names=known)
    except FeelSyntaxError:
        return frozenset()
    return compiled.reads - frozenset(known) - BUILTINS.keys()


def _used_names(table: DecisionTable, names: set[str]) -> tuple[str, ...]:
    texts = [clause.expression.text for clause in table.inputs]
    texts += [clause.allowed.text for clause in table.inputs if clause.allowed]
    texts += [clause.allowed.text for clause in table.outputs if clause.allowed]
    texts += [clause.default.text for clause in table.outputs if clause.default]
    texts += [entry.text for rule in table.rules for entry in rule.inputs]
    texts += [entry.text for rule in table.rules for entry in rule.outputs]
    used = {name for text in dict.fromkeys(texts) for name in mentioned(text, names)}
    return tuple(sorted(used))


def _ids(names: set[str]) -> dict[str, str]:
    """XML identifiers: the names with other characters made to underscores, numbered where two would be the same."""
    ids: dict[str, str] = {}
    used: set[str] = set()
    for name in sorted(names):
        base = "_" + re.sub(r"[^A-Za-z0-9]+", "_", name).strip("_")
        candidate, count = base, 1
        while candidate in used:
            count += 1
            candidate = f"{base}_{count}"
        used.add(candidate)
        ids[name] = candidate
    return ids
