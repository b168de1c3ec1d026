"""A first look at the DMN Technology Compatibility Kit: its decisions that are one FEEL expression without inputs.

``python -m tests.feel.smoke [word]`` prints what fails, per directory, and a total. Not a test: the whole kit, with its
boxed expressions and models, is run by ``tests/conformance/dmn_tck``.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from lxml import etree

from clearance import feel
from clearance.feel import temporal_text

SHARED_DATA = Path(os.environ.get("SHARED_DATA", "../shared/data"))
LEVEL_3 = SHARED_DATA / "dmn-tck" / "TestCases" / "compliance-level-3"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
KIND = "{http://www.w3.org/2001/XMLSchema-instance}type"


def expected(element: etree._Element) -> Any:
    """The value that a result, list item or component states."""
    components = element.findall("{*}component")
    if components:
        return {component.get("name"): expected(component) for component in components}
    for child in element.iterchildren("{*}value", "{*}list"):
        if child.tag.endswith("}list"):
            return [expected(item) for item in child.iterchildren("{*}item")]
        if child.get(NIL) == "true":
            return None
        return scalar(child.text or "", (child.get(KIND) or "xsd:string").split(":")[1])
    return None


def scalar(text: str, kind: str) -> Any:
    """A value of an XML Schema type."""
    if kind in ("decimal", "double", "integer"):
        return Decimal(text)
    if kind == "boolean":
        return text == "true"
    parsers: dict[str, Any] = {
        "date": temporal_text.parse_date,
        "time": temporal_text.parse_time,
        "dateTime": temporal_text.parse_date_time,
        "duration": temporal_text.parse_duration,
    }
    return parsers[kind](text) if kind in parsers else text


def alike(left: Any, right: Any) -> bool:
    """Equal, numbers within a relative 1e-8."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(alike, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(alike(left[key], right[key]) for key in left)
    if isinstance(left, int | Decimal) and isinstance(right, Decimal) and not isinstance(left, bool):
        return abs(left - right) <= abs(right) * Decimal("1e-8") + Decimal("1e-12")
    return type(left) is type(right) and left == right


def cases(directory: Path) -> Iterator[tuple[str, str, Any]]:
    """Case, expression and expected value of each decision that needs nothing else."""
    for file in sorted(directory.glob("*-test-*.xml")):
        tests = etree.parse(file)
        model = etree.parse(directory / (tests.findtext("{*}modelName") or "")).getroot()
        texts = {
            decision.get("name"): decision.findtext("{*}literalExpression/{*}text")
            for decision in model.iter("{*}decision")
            if decision.find("{*}informationRequirement") is None and decision.find("{*}knowledgeRequirement") is None
        }
        for case in tests.iter("{*}testCase"):
            for result in case.iter("{*}resultNode"):
                text = texts.get(result.get("name"))
                wanted = result.find("{*}expected")
                if text is not None and wanted is not None:
                    yield f"{file.stem} {case.get('id')} {result.get('name')}", text, expected(wanted)


def main(word: str = "") -> None:
    """Print failures and totals."""
    totals: Counter[str] = Counter()
    for directory in sorted(LEVEL_3.glob(f"*{word}*")):
        for name, text, wanted in cases(directory):
            try:
                got = feel.evaluate(text)
            except feel.FeelSyntaxError as error:
                got = error if wanted is not None else None
            passed = alike(got, wanted)
            totals["passed" if passed else "failed"] += 1
            if not passed:
                print(f"{name}: {text.strip()} gave {feel.to_literal(got)}, expected {feel.to_literal(wanted)}")
    print(dict(totals))


if __name__ == "__main__":
    main(*sys.argv[1:])
