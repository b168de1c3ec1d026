"""Decisions from one kind of file to another: DMN, Excel and CSV, both ways, with the same meaning."""

import os
from pathlib import Path

from clearance.dmn.decisions import Decisions
from clearance.dmn.errors import DmnError, Place
from clearance.dmn.loading import find_imports, read_definitions
from clearance.dmn.model import Definitions
from clearance.dmn.sheets.files import write_csv, write_excel
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
    return write_excel(grids, headers) if suffix == ".xlsx" else write_csv(only_sheet(grids, file))
