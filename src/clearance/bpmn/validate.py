"""Whether a process can run: the structural rules of BPMN 2.0.2 and the syntax of its expressions.

Findings are data for a person. Errors stop a deployment, warnings do not. Rules are functions in the tables of
``rules_flow.py``, ``rules_events.py`` and ``rules_elements.py``; expressions are checked by the compiler that the
caller passes, so that this package needs no FEEL of its own.
"""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from clearance.bpmn import rules_elements, rules_events, rules_flow
from clearance.bpmn.expressions import expressions_of, expressions_of_process
from clearance.bpmn.findings import Finding, Severity, error, scopes_of
from clearance.model.definition import Element, Flow, Process, is_expression, walk

RULES = (*rules_flow.RULES, *rules_events.RULES, *rules_elements.RULES)

EXPRESSIONS = "expressions"
"""The rule that every expression is valid FEEL."""

CompileExpression = Callable[[str], object]
"""Compiles FEEL without the leading ``=``; raises a ValueError that says what is wrong."""


def validate(
    process: Process,
    compile_expression: CompileExpression | None = None,
    lines: Mapping[str, int] | None = None,
) -> tuple[Finding, ...]:
    """All findings, errors first; ``lines`` (see ``read.lines``) says where each element stands in its file."""
    findings = [*_of_rule("ids", _duplicate_ids(process))]
    for scope in scopes_of(process):
        for rule in RULES:
            findings.extend(_of_rule(rule.__name__.replace("_", "-"), rule(scope)))
    if compile_expression is not None:
        findings.extend(_of_rule(EXPRESSIONS, _expressions(process, compile_expression)))
    if lines:
        findings = [msgspec.structs.replace(finding, line=lines.get(finding.element, 0)) for finding in findings]
    return tuple(sorted(findings, key=lambda finding: finding.severity != Severity.ERROR))


def _of_rule(name: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    return (msgspec.structs.replace(finding, rule=name) for finding in findings)


def _duplicate_ids(process: Process) -> Iterator[Finding]:
    seen: set[str] = set()
    parts: list[Element | Flow] = [element for element, _ in walk(process)]
    for scope in scopes_of(process):
        parts.extend(scope.owner.flows)
    for part in parts:
        if part.id in seen or part.id == process.id:
            yield error(part, f'the id "{part.id}" is used twice', "Give each element its own id")
        seen.add(part.id)


def _expressions(process: Process, compile_expression: CompileExpression) -> Iterator[Finding]:
    places: list[tuple[Element | Flow | Process, str, str]]
    places = [(process, *place) for place in expressions_of_process(process)]
    places += [(element, *place) for element, _ in walk(process) for place in expressions_of(element)]
    places += [(flow, "the condition", flow.condition) for scope in scopes_of(process) for flow in scope.owner.flows]
    for element, place, text in places:
        if not is_expression(text):
            continue
        try:
            compile_expression(text[1:].strip())
        except ValueError as wrong:
            yield error(element, f"{place} is not valid FEEL: {wrong}", f"Mend the expression: {text[1:].strip()}")
