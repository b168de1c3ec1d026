"""A file or definitions to SVG: which page, with which tokens, on light or dark paper."""

from pathlib import Path

from clearance.bpmn.drawing.page import Picture
from clearance.bpmn.drawing.source import Page, Source, source_of
from clearance.bpmn.drawing.standing import Tokens
from clearance.bpmn.read import lines, read
from clearance.bpmn.write import write
from clearance.model.definition import Definitions

Drawable = str | Path | bytes | Definitions
"""A path, the content of a file, or definitions."""


class PageError(ValueError):
    """The file has no such diagram."""


def draw(source: Drawable, *, page: int | str = 1, tokens: Tokens | None = None, dark: bool = False) -> str:
    """One diagram as SVG.

    ``page`` is its number from 1, or the name or id of what it draws. Raises :class:`PageError`, and
    :class:`~clearance.bpmn.errors.BpmnFileError` for a file that cannot be read.
    """
    prepared = prepare(source)
    return Picture(prepared, _chosen(list(prepared.pages()), page), tokens, dark=dark).svg()


def page_names(source: Drawable) -> tuple[str, ...]:
    """The names of what the diagrams of a file draw, in their order."""
    return tuple(page.name for page in prepare(source).pages())


def prepare(source: Drawable) -> Source:
    """The source of a picture, laid out when nothing has been drawn."""
    if isinstance(source, Definitions):
        return source_of(write(source))
    lines(source)  # refuses what is not safe to read
    content = source if isinstance(source, bytes) else Path(source).read_bytes()
    found = source_of(content)
    if any(page.nodes for page in found.pages()):
        return found
    return source_of(write(_without_diagram(read(source))))


def _without_diagram(definitions: Definitions) -> Definitions:
    return Definitions(
        id=definitions.id,
        name=definitions.name,
        processes=definitions.processes,
        global_tasks=definitions.global_tasks,
        carried=definitions.carried,
    )


def _chosen(pages: list[Page], wanted: int | str) -> Page:
    shown = [page for page in pages if page.nodes]
    if isinstance(wanted, str) and wanted.isdigit():
        wanted = int(wanted)
    if isinstance(wanted, int):
        if 1 <= wanted <= len(shown):
            return shown[wanted - 1]
    else:
        for page in shown:
            if wanted in (page.name, "" if page.plane is None else page.plane.get("id")):
                return page
    names = ", ".join(f'{number} "{page.name}"' for number, page in enumerate(shown, start=1))
    raise PageError(f"there is no diagram {wanted!r}. The diagrams are: {names or 'none'}.")
