"""From files to decisions: what kind of file it is, and where the models are that it imports."""

import os
from collections.abc import Sequence
from pathlib import Path

from clearance.dmn.decisions import Decisions
from clearance.dmn.errors import DmnError, Place
from clearance.dmn.model import Definitions
from clearance.dmn.sheets.files import read_csv, read_excel
from clearance.dmn.sheets.reader import read_sheets
from clearance.dmn.xml.reader import read_xml
from clearance.feel.bounds import DEFAULT, Bounds

Source = str | os.PathLike[str] | bytes
IMPORTS_MAX = 200
"""Files looked at beside a model for those that it imports."""


def read(
    source: Source,
    *,
    imports: Sequence[Source | Definitions] = (),
    name: str = "",
    strict: bool = True,
    bounds: Bounds = DEFAULT,
) -> Decisions:
    """The decisions in a DMN file (1.1 to 1.5), an Excel workbook or a CSV file, given by path or content.

    Imported models are taken from ``imports``, else from the place that the file gives (``locationURI``), else from
    the other DMN files in its directory; never from a network. ``name`` stands for the file's name in messages, and
    names the decision of a CSV file, when content is given. Raises DmnError. With ``strict=False`` an expression that
    is no FEEL is null, with a problem, instead of an error for the whole file.
    """
    main = read_definitions(source, name)
    given = [each if isinstance(each, Definitions) else read_definitions(each) for each in imports]
    directory = None if isinstance(source, bytes) else Path(source).parent
    return Decisions(main, find_imports(main, given, directory), strict=strict, bounds=bounds)


def read_definitions(source: Source, name: str = "") -> Definitions:
    """The model in a file, as it was written, without what it imports."""
    if isinstance(source, bytes):
        content, file = source, name
    else:
        path = Path(source)
        file = path.name
        try:
            content = path.read_bytes()
        except OSError as error:
            remedy = "Give the path of a .dmn, .xlsx or .csv file that can be read."
            raise DmnError(f"cannot be read: {error.strerror or error}.", Place(file=str(path)), remedy) from None
    return _definitions(content, file)


def _definitions(content: bytes, file: str) -> Definitions:
    if not content.strip():
        raise DmnError("the file is empty.", Place(file=file), "Give a .dmn, .xlsx or .csv file with decisions.")
    stem = Path(file).stem or "decisions"
    if content.startswith(b"PK\x03\x04"):
        return read_sheets(read_excel(content, file), file, stem)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise DmnError("is a workbook of the old format (.xls).", Place(file=file), "Save it as .xlsx.")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return read_xml(content, file)
    return read_sheets((read_csv(content, file, stem),), file, stem)


def find_imports(main: Definitions, given: Sequence[Definitions], directory: Path | None) -> list[Definitions]:
    """All models that the main one needs, directly or not; which are missing is told where they are imported."""
    known = {model.namespace: model for model in given}
    found: dict[str, Definitions] = {}
    waiting = [main]
    beside: dict[str, Definitions] | None = None
    while waiting:
        for item in waiting.pop().imports:
            if item.namespace in found or item.namespace == main.namespace:
                continue
            model = known.get(item.namespace) or _located(item.location, item.namespace, directory)
            if model is None and directory is not None:
                beside = _beside(directory) if beside is None else beside
                model = beside.get(item.namespace)
            if model is not None:
                found[item.namespace] = model
                waiting.append(model)
    return list(found.values())


def _located(location: str, namespace: str, directory: Path | None) -> Definitions | None:
    """The file that an import names, if it is in the importing file's directory or below."""
    if not location or directory is None or "://" in location:
        return None
    path = (directory / location).resolve()
    if not path.is_relative_to(directory.resolve()) or not path.is_file():
        return None
    model = read_definitions(path)
    return model if model.namespace == namespace else None


def _beside(directory: Path) -> dict[str, Definitions]:
    """The models in a directory by namespace; files that cannot be read are none of ours."""
    found: dict[str, Definitions] = {}
    for path in sorted(directory.glob("*.dmn"))[:IMPORTS_MAX]:
        try:
            model = read_definitions(path)
        except DmnError:
            continue
        found.setdefault(model.namespace, model)
    return found
