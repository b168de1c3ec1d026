"""The kit's test files as data: which model, which inputs, what is expected."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from lxml import etree

from clearance.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_time

_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


class Expected(msgspec.Struct, frozen=True):
    """One result that a case expects."""

    name: str
    value: Any
    is_error: bool


class Case(msgspec.Struct, frozen=True):
    """One case of a test file."""

    directory: str
    file: str
    id: str
    model: Path
    kind: str
    """decision, bkm or decisionService."""
    invocable: str
    inputs: dict[str, Any]
    expected: tuple[Expected, ...]
    description: str = ""


def find_cases(root: Path) -> Iterator[Case]:
    """All cases below a directory, in the order of the files."""
    for path in sorted(root.rglob("*-test-*.xml")):
        tree = etree.parse(str(path), etree.XMLParser(resolve_entities=False, no_network=True))
        directory = path.parent.relative_to(root).as_posix()
        model = path.parent / _text(tree.getroot(), "modelName")
        for number, element in enumerate(_children(tree.getroot(), "testCase"), start=1):
            yield _case(element, directory, path, model, number)


def _case(element: etree._Element, directory: str, path: Path, model: Path, number: int) -> Case:
    inputs = {}
    for node in _children(element, "inputNode"):
        name = node.get("name", "")
        namespace = node.get("namespace")
        inputs[f"{{{namespace}}}{name}" if namespace else name] = _value(node)
    expected = []
    for node in _children(element, "resultNode"):
        value = next(_children(node, "expected"), None)
        expected.append(
            Expected(
                name=f"{{{node.get('namespace')}}}{node.get('name')}"
                if node.get("namespace")
                else node.get("name", ""),
                value=None if value is None else _value(value),
                is_error=node.get("errorResult") == "true",
            )
        )
    return Case(
        directory=directory,
        file=path.stem,
        id=element.get("id") or str(number),
        model=model,
        kind=element.get("type") or "decision",
        invocable=element.get("invocableName") or "",
        inputs=inputs,
        expected=tuple(expected),
        description=_text(element, "description"),
    )


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    for child in element.iterchildren(tag=etree.Element):
        if etree.QName(child).localname == name:
            yield child


def _text(element: etree._Element, name: str) -> str:
    child = next(_children(element, name), None)
    return "" if child is None else (child.text or "").strip()


def _value(element: etree._Element) -> Any:
    """The FEEL value of an input or expected element: a value, components (a context) or a list."""
    for child in element.iterchildren(tag=etree.Element):
        kind = etree.QName(child).localname
        if kind == "list":
            return None if _is_nil(child) else [_value(item) for item in _children(child, "item")]
        if kind == "value":
            return _simple(child)
        if kind == "component":
            return {item.get("name", ""): _value(item) for item in _children(element, "component")}
    return None


def _is_nil(element: etree._Element) -> bool:
    return element.get(_NIL) in ("true", "1")


def _simple(element: etree._Element) -> Any:
    if _is_nil(element):
        return None
    text = element.text or ""
    kind = (element.get(_TYPE) or "").rpartition(":")[2]
    if kind in ("decimal", "double", "integer", "int", "float", "long"):
        number = Decimal(text.strip())
        return number if number.is_finite() else None
    if kind == "boolean":
        return text.strip() in ("true", "1")
    parsers = {"date": parse_date, "time": parse_time, "dateTime": parse_date_time, "duration": parse_duration}
    if kind in parsers:
        return parsers[kind](text.strip())
    if kind in ("dayTimeDuration", "yearMonthDuration"):
        return parse_duration(text.strip())
    return text
