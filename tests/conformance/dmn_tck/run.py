"""Runs cases and compares: numbers to a relative 1e-8, everything else exactly."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from clearance import dmn
from clearance.feel.operators import equal
from clearance.feel.ranges import Range
from tests.conformance.dmn_tck.cases import Case, Expected

RELATIVE_TOLERANCE = Decimal("1e-8")
NOW = datetime.now(UTC)
"""The kit asks what kind of value now() is, not which."""


class Outcome(msgspec.Struct, frozen=True):
    """What became of a case."""

    case: Case
    status: str
    """SUCCESS, ERROR (a wrong result) or IGNORED (the model could not be read)."""
    detail: str = ""


def run_cases(cases: Iterable[Case]) -> Iterator[Outcome]:
    """Run cases in order; a model is read once for the cases that use it one after the other."""
    path: Path | None = None
    decisions: dmn.Decisions | None = None
    failure = ""
    for case in cases:
        if case.model != path:
            path, decisions, failure = case.model, None, ""
            try:
                others = [each for each in sorted(path.parent.glob("*.dmn")) if each != path]
                decisions = dmn.read(path, imports=others, strict=False)
            except Exception as error:  # noqa: BLE001 (one crash must not hide what the other cases do)
                failure = f"{type(error).__name__}: {error}"
        yield Outcome(case, "IGNORED", failure) if decisions is None else _run(case, decisions)


def _run(case: Case, decisions: dmn.Decisions) -> Outcome:
    for expected in case.expected:
        try:
            result = _result(case, expected, decisions)
        except Exception as error:  # noqa: BLE001 (as above)
            return Outcome(case, "ERROR", f"{type(error).__name__}: {error}")
        wanted = None if expected.is_error else expected.value
        if not agrees(result.value, wanted):
            problems = "; ".join(map(str, result.problems))
            detail = f"{expected.name}: expected {wanted!r}, got {result.value!r}"
            return Outcome(case, "ERROR", f"{detail} ({problems})" if problems else detail)
    return Outcome(case, "SUCCESS")


def _result(case: Case, expected: Expected, decisions: dmn.Decisions) -> dmn.Result:
    if case.kind == "decision" and not case.invocable:
        return decisions.evaluate(expected.name, case.inputs, NOW)
    result = decisions.invoke(case.invocable or expected.name, case.inputs, NOW)
    if len(case.expected) > 1 and isinstance(result.value, dict):
        result.value = result.value.get(expected.name)
    return result


def agrees(actual: Any, expected: Any) -> bool:
    """Whether two FEEL values are the same, but for the last digits of numbers."""
    if isinstance(actual, bool) or isinstance(expected, bool) or actual is None or expected is None:
        return actual is expected
    if isinstance(actual, int | Decimal) and isinstance(expected, int | Decimal):
        return abs(Decimal(actual) - Decimal(expected)) <= RELATIVE_TOLERANCE * abs(Decimal(expected))
    if isinstance(actual, list) and isinstance(expected, list):
        return len(actual) == len(expected) and all(map(agrees, actual, expected))
    if isinstance(actual, dict) and isinstance(expected, dict):
        return actual.keys() == expected.keys() and all(agrees(actual[key], expected[key]) for key in expected)
    if isinstance(actual, Range) and isinstance(expected, str):
        return False
    return type(actual) is type(expected) and equal(actual, expected) is True
