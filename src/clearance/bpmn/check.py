"""All that can be said of a process before it runs: structure, soundness, conditions, variables, circles.

What follows the flow is only looked at once the structure is right; the author would otherwise hear of every mistake
twice.
"""

from collections.abc import Iterator, Mapping

import msgspec

from clearance import feel
from clearance.bpmn.findings import Finding, Severity, scopes_of
from clearance.bpmn.soundness import check_flow
from clearance.bpmn.soundness.circles import check_circles
from clearance.bpmn.soundness.conditions import check_conditions
from clearance.bpmn.soundness.variables import check_variables
from clearance.bpmn.validate import EXPRESSIONS, validate
from clearance.model.definition import Process

_NO_DEFAULT = "splits-are-complete"


def check(
    process: Process, lines: Mapping[str, int] | None = None, given: frozenset[str] = frozenset()
) -> tuple[Finding, ...]:
    """All findings, errors first, then by line; ``given`` are variables that the start is known to give."""
    found = list(validate(process, feel.compile))
    for scope in scopes_of(process):
        conditions, decided = check_conditions(scope)
        found = [each for each in found if not _said_better(each, decided)] + conditions
    if not any(each.severity == Severity.ERROR and each.rule != EXPRESSIONS for each in found):
        found.extend(_along_the_flow(process, given))
    lines = lines or {}
    found = [msgspec.structs.replace(each, line=lines.get(each.element, 0)) for each in found]
    return tuple(sorted(found, key=lambda each: (each.severity != Severity.ERROR, each.line)))


def _said_better(finding: Finding, decided: set[str]) -> bool:
    """A missing default matters little when every value has its way, and a value without one says more."""
    return finding.rule == _NO_DEFAULT and finding.severity == Severity.WARNING and finding.element in decided


def _along_the_flow(process: Process, given: frozenset[str]) -> Iterator[Finding]:
    circles = [finding for scope in scopes_of(process) for finding in check_circles(scope)]
    endless = {step.element for each in circles if each.severity == Severity.ERROR for step in each.trace}
    for finding in check_flow(process):
        if finding.rule != "endless" or finding.element not in endless:
            yield finding
    yield from circles
    yield from check_variables(process, given)
