"""Where elements stand among the scopes of a process: who catches what is thrown, and what may be cancelled."""

import re
from collections.abc import Iterator

from clearance.model import definition as model
from clearance.model.definition import EventDefinition, Process, SubProcess, is_expression, walk

_COUNT = re.compile(r"=?\s*activationCount\s*(>=|=|>)\s*(\d+)\s*$")


def definitions_of(definition: EventDefinition | None) -> Iterator[EventDefinition]:
    """What an event waits for or throws; several when it is a multiple event."""
    if isinstance(definition, model.MultipleDefinition):
        for part in definition.definitions:
            yield from definitions_of(part)
    elif definition is not None:
        yield definition


def activation_count(condition: str) -> int:
    """How many ways in a complex gateway surely needs; 1 when its condition does not simply count them."""
    found = _COUNT.match(condition)
    if found is None:
        return 1
    return max(int(found[2]) + (found[1] == ">"), 1)


class Places:
    """The scopes of a process, seen from the inside out."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self._around: dict[str, Process | SubProcess] = {}
        for element, scope in walk(process):
            if isinstance(element, SubProcess):
                self._around[element.id] = scope

    def escalation(self, scope: Process | SubProcess, code: str) -> bool | None:
        """Whether an escalation that is thrown in the scope ends it; None when that depends on its code."""
        inner: SubProcess | None = None
        open_end = False
        current: Process | SubProcess | None = scope
        while current is not None:
            for event in _catchers(current, inner):
                for definition in definitions_of(event.definition):
                    if not isinstance(definition, model.EscalationDefinition):
                        continue
                    if not definition.code or definition.code == code:
                        return None if open_end and event.interrupting else event.interrupting
                    if is_expression(code) or is_expression(definition.code):
                        open_end = open_end or event.interrupting
            inner = current if isinstance(current, SubProcess) else None
            current = self._around.get(current.id) if inner is not None else None
        return None if open_end else False

    def cancels(self, transaction: SubProcess) -> bool:
        """Whether a cancel end event stands in the transaction."""
        return any(
            isinstance(part, model.CancelDefinition)
            for element, _ in walk(transaction)
            if isinstance(element, model.EndEvent)
            for part in definitions_of(element.definition)
        )


def _catchers(
    scope: Process | SubProcess, inner: SubProcess | None
) -> Iterator[model.BoundaryEvent | model.StartEvent]:
    """Who may catch in the scope: events on the sub-process that the throw comes out of, then event sub-processes."""
    if inner is not None:
        for element in scope.elements:
            if isinstance(element, model.BoundaryEvent) and element.attached_to == inner.id:
                yield element
    for element in scope.elements:
        if isinstance(element, SubProcess) and element.triggered_by_event and element is not inner:
            yield from (start for start in element.elements if isinstance(start, model.StartEvent))
