"""Small BPMN files for tests: the XML around one element, and where the third-party files lie."""

import os
from pathlib import Path

from clearance import bpmn
from clearance.model.definition import Definitions, Element, Process

SHARED = Path(os.environ.get("SHARED_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))

NAMESPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:acme="urn:acme"'
)


def file_with(content: str, roots: str = "", attributes: str = "") -> bytes:
    """A file with one process that holds the content."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<definitions {NAMESPACES} id="d" targetNamespace="urn:test" '
        f'{attributes}>\n{roots}\n<process id="p" isExecutable="true">\n{content}\n</process>\n</definitions>'
    ).encode()


def read_process(content: str, roots: str = "") -> Process:
    """The process that holds the content."""
    return read_twice(file_with(content, roots)).processes[0]


def read_element(content: str, roots: str = "") -> Element:
    """The first element of a process that holds the content."""
    return read_process(content, roots).elements[0]


def read_twice(content: bytes) -> Definitions:
    """What the content says; writing and reading it again must not change that."""
    definitions = bpmn.read(content)
    again = bpmn.read(bpmn.write(definitions))
    assert without_diagrams(again) == without_diagrams(definitions)
    return definitions


def without_diagrams(definitions: Definitions) -> dict[str, object]:
    """Everything but the drawing."""
    fields = {name: getattr(definitions, name) for name in definitions.__struct_fields__}
    return {name: value for name, value in fields.items() if name not in ("diagram", "further_diagrams")}
