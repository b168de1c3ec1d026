"""Decisions from one kind of file to another: DMN, Excel and CSV, both ways, with the same meaning."""

import os
from pathlib import Path

from clearance.dmn.decisions import Decisions
from clearance.dmn.errors import DmnError, Place
from clearance.dmn.loading import find_imports, read_definitions
from clearance.dmn.model import DecisionTable, Definitions
from clearance.dmn.sheets.files import write_csv, write_excel
from clearance.dmn.sheets.reader import read_sheets
from clearance.dmn.sheets.writer import only_sheet, write_sheets
from clearance.dmn.xml.writer import write_xml


def convert(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> None:
    """Read one file and write the other; the target's ending (.dmn, .xlsx, .csv) says what to write.

    DMN of any version becomes DMN 1.5. Raises DmnError for what is wrong in the source, and for what the target cannot
    say.
    """
    definitions = read_definitions(source)
    # compiled so that a mistake is told here, and not by whoever reads the result
    Decisions(definitions, find_imports(definitions, (), Path(source).parent))
    path = Path(target)
    content = write(definitions, path.suffix.lower(), path.name)
    try:
        path.write_bytes(content)
    except OSError as error:
        message = f"cannot be written: {error.strerror or error}."
        raise DmnError(message, Place(file=str(path)), "Give a path that can be written.") from None


def write(definitions: Definitions, suffix: str, file: str = "") -> bytes:
    """The content of a file of that kind (.dmn, .xml, .xlsx or .csv)."""
    if suffix in (".dmn", ".xml"):
        return write_xml(definitions)
    if suffix not in (".xlsx", ".csv"):
        raise DmnError(f'"{suffix}" is not a kind of decision file.', Place(file=file), "Use .dmn, .xlsx or .csv.")
    grids, headers = write_sheets(definitions, file)
    if suffix == ".csv":
        grids = [only_sheet(grids, file)]
    _verify(definitions, read_sheets(grids, file, definitions.name))
    return write_excel(grids, headers) if suffix == ".xlsx" else write_csv(grids[0])


def _verify(written: Definitions, read: Definitions) -> None:
    """Refuse a table that would be read differently: a sheet's cells are forgiving, and so could be misunderstood."""
    tables = {decision.name: decision.expression for decision in read.decisions}
    for decision in written.decisions:
        table, again = decision.expression, tables.get(decision.name)
        if not isinstance(table, DecisionTable) or not isinstance(again, DecisionTable):
            continue
        for rule, other in zip(table.rules, again.rules, strict=True):
            texts = [
                (cell.where, cell.text or "-", seen.text) for cell, seen in zip(rule.inputs, other.inputs, strict=True)
            ]
            texts += [
                (cell.where, cell.text or "null", seen.text)
                for cell, seen in zip(rule.outputs, other.outputs, strict=True)
            ]
            for where, meant, seen_text in texts:
                if meant != seen_text:
                    message = f"{meant} would be read from a spreadsheet as {seen_text}."
                    raise DmnError(message, where, "Write it in another way, or keep the model as DMN.")
