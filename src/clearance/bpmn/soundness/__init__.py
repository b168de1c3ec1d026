"""What can be known of a process without running it, beyond its structure.

* ``flow.py``: soundness: deadlocks, ways that come together unjoined, elements that are never reached.
"""

from collections.abc import Iterator

from clearance.bpmn.findings import Finding, scopes_of
from clearance.bpmn.soundness import flow
from clearance.bpmn.soundness.places import Places
from clearance.model import definition as model
from clearance.model.definition import Process, SubProcess


def check_flow(process: Process) -> Iterator[Finding]:
    """Soundness of every scope, inner ones first: whether a sub-process can complete matters to the scope around it."""
    places = Places(process)
    completing: dict[str, bool] = {}

    def completes(sub: SubProcess) -> bool:
        if completing[sub.id]:
            return True
        return any(
            completing[inner.id]
            and any(isinstance(each, model.StartEvent) and each.interrupting for each in inner.elements)
            for inner in sub.elements
            if isinstance(inner, SubProcess) and inner.triggered_by_event
        )

    found: list[tuple[Finding, ...]] = []
    for scope in reversed(list(scopes_of(process))):
        verdict = flow.check_scope(scope, places, completes)
        completing[scope.owner.id] = verdict.completes
        found.append(verdict.findings)
    for findings in reversed(found):
        yield from findings
