"""Rules on activities: what tasks need, how often they run, what undoes what, how they use data."""

import re
from collections.abc import Iterator
from datetime import date
from zoneinfo import ZoneInfo

from clearance.bpmn.findings import Finding, Scope, error
from clearance.bpmn.rules_events import definitions_of
from clearance.model import definition as model
from clearance.model.definition import Element

_PATH = re.compile(r"[^\W\d][\w ]*(\.[^\W\d][\w ]*)*")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")
_BEHAVIORS = {"None": "none_event", "One": "one_event", "Complex": "complex_behaviors"}


def compensation_is_linked(scope: Scope) -> Iterator[Finding]:
    """10.6.7 and 13.5.5: an event leads to one handler, and what is undone can be."""
    undone: set[str] = set()
    for element in scope.owner.elements:
        if isinstance(element, model.BoundaryEvent) and isinstance(element.definition, model.CompensateDefinition):
            undone.add(element.attached_to)
            if scope.leaving(element):
                yield error(element, "a flow leaves a compensation event", "Draw an association to what undoes instead")
            handlers = [scope.elements.get(target) for target in scope.handlers.get(element.id, [])]
            if len(handlers) != 1:
                yield error(element, f"it has {len(handlers)} handlers", "Draw an association to one activity")
            for handler in handlers:
                if handler is None or not getattr(handler, "for_compensation", False):
                    yield error(element, "what it leads to is no compensation handler", 'Mark it "for compensation"')
    for element in scope.owner.elements:
        if not isinstance(element, model.EndEvent | model.IntermediateThrowEvent):
            continue
        for definition in definitions_of(element):
            if not isinstance(definition, model.CompensateDefinition) or not definition.activity:
                continue
            target = scope.elements.get(definition.activity)
            if target is None and not scope.is_event_sub_process:
                yield error(element, f'it undoes "{definition.activity}", which is not there', "Choose an activity")
            elif target is not None and target.id not in undone and not isinstance(target, model.SubProcess):
                yield error(element, f'"{target.name or target.id}" has no compensation handler', "Attach one to it")


def activities_are_complete(scope: Scope) -> Iterator[Finding]:
    """A task says who does it, a call what it calls."""
    for element in scope.owner.elements:
        match element:
            case model.ServiceTask() if not element.job.type:
                yield error(element, "it has no job type", "Say which actor does it")
            case model.ScriptTask() if not element.expression and element.job is None:
                yield error(element, "it has no script", "Write the script in FEEL")
            case model.BusinessRuleTask() if not element.decision and element.job is None:
                yield error(element, "it names no decision", "Choose a decision")
            case model.BusinessRuleTask() if element.decision and not element.result:
                yield error(element, "its result goes nowhere", "Name a result variable")
            case model.SendTask() if element.message is None and element.job is None:
                yield error(element, "it sends nothing", "Choose a message, or a job type")
            case model.CallActivity():
                yield from _call(element)


def _call(element: model.CallActivity) -> Iterator[Finding]:
    if not element.process:
        yield error(element, "it does not say which process it calls", "Choose a process")
    if element.binding == "versionTag" and not element.version_tag:
        yield error(element, "it is bound to a version tag, but names none", "Name the version tag")
    if element.binding == "version" and element.version < 1:
        yield error(element, "it is bound to a version, but names none", "Give the number of the version, from 1")


def loops_are_complete(scope: Scope) -> Iterator[Finding]:
    """10.3.7: a repeated activity says how often, in one way, and which events it throws meanwhile."""
    for element in scope.owner.elements:
        if not isinstance(element, model.Activity):
            continue
        multi, loop = element.multi_instance, element.loop
        if multi is not None and loop is not None:
            yield error(element, "it is both a loop and multi-instance", "Keep one of the two markers")
        if (multi or loop) and isinstance(element, model.SubProcess) and element.triggered_by_event:
            yield error(element, "an event sub-process cannot be multi-instance or a loop", "Remove the marker")
        if multi is not None:
            yield from _multi_instance(element, multi)
        if loop is not None:
            yield from _standard_loop(element, loop)


def _multi_instance(element: Element, multi: model.MultiInstance) -> Iterator[Finding]:
    if bool(multi.collection) == bool(multi.cardinality):
        yield error(element, "it is not said how often it is done", "Give a collection or a number of instances")
    if bool(multi.output_collection) != bool(multi.output_item):
        yield error(element, "results are collected without saying what or where", "Give both, or neither")
    needed = _BEHAVIORS.get(multi.behavior)
    if needed and not getattr(multi, needed):
        yield error(
            element, f"its behavior {multi.behavior} throws an event that is not there", "Say which event is thrown"
        )


def _standard_loop(element: Element, loop: model.StandardLoop) -> Iterator[Finding]:
    if not loop.condition and not loop.maximum:
        yield error(element, "its loop would never end", "Give a condition or a maximum")
    if loop.maximum and not model.is_expression(loop.maximum) and not re.fullmatch(r"\+?0*[1-9]\d*", loop.maximum):
        yield error(element, f'its loop\'s maximum "{loop.maximum}" is no whole number from 1', "Write a number")


def data_is_there(scope: Scope) -> Iterator[Finding]:
    """10.4.2: associations join data of the process, one to one unless a transformation says how."""
    if isinstance(scope.owner, model.Process):
        known = _known_data(scope.owner)
        for element, _ in model.walk(scope.owner):
            for association in _associations(element):
                for identifier in (*association.sources, *filter(None, (association.target,))):
                    if identifier not in known:
                        yield error(
                            element,
                            f'it copies data from or to "{identifier}", which is not there',
                            "Connect it to a data object, or remove the association",
                        )
                yield from _association(element, association)


def _association(element: Element, association: model.DataAssociation) -> Iterator[Finding]:
    copies = not association.transformation and not association.assignments
    if copies and association.target and len(association.sources) > 1:
        yield error(element, "it copies several data objects into one", "Say how, in a transformation")
    for _, target in association.assignments:
        if not _PATH.fullmatch(target):
            yield error(
                element, f'it assigns to "{target}", which is no variable or path into one', "Write e.g. invoice.total"
            )


def _associations(element: Element) -> Iterator[model.DataAssociation]:
    for name in ("data_inputs", "data_outputs", "data_associations"):
        yield from getattr(element, name, ())


def _known_data(process: model.Process) -> set[str]:
    known = {item.id for item in process.data}
    for element, _ in model.walk(process):
        known.update(item.id for item in getattr(element, "data", ()))
        if isinstance(element, model.Activity) and element.multi_instance is not None:
            loop = element.multi_instance
            known.update((loop.item, loop.output_item.removeprefix("=")))
    return known


def references_refer(scope: Scope) -> Iterator[Finding]:
    """10.4.1: a reference to a data object stands for one of the process."""
    if not isinstance(scope.owner, model.Process):
        return
    known = _known_data(scope.owner)
    inner = [item for element, _ in model.walk(scope.owner) for item in getattr(element, "data", ())]
    for item in (*scope.owner.data, *inner):
        if item.kind == "dataObjectReference" and item.refers_to not in known:
            yield error(item, f'it refers to the data object "{item.refers_to}", which is not there', "Choose another")


def correlations_are_complete(scope: Scope) -> Iterator[Finding]:
    """8.4.2: a key has properties, and every property says how a message states it."""
    if not isinstance(scope.owner, model.Process):
        return
    for key in scope.owner.correlations:
        if not key.properties:
            yield error(key, "the correlation key has no properties", "Give it one, or remove it")
        for item in key.properties:
            if not item.retrievals:
                yield error(item, "it is not said how a message states the property", "Give a retrieval expression")


def calendars_are_right(scope: Scope) -> Iterator[Finding]:
    """A calendar has a time zone that exists, hours that end after they start, holidays that are dates."""
    if not isinstance(scope.owner, model.Process):
        return
    names = [calendar.name for calendar in scope.owner.calendars]
    for calendar in scope.owner.calendars:
        place = f'the calendar "{calendar.name}"'
        if names.count(calendar.name) > 1:
            yield error(scope.owner, f"{place} is defined twice", "Give each its own name")
        if not _zone_exists(calendar.time_zone):
            yield error(
                scope.owner, f'{place} has the unknown time zone "{calendar.time_zone}"', "Write e.g. Europe/Berlin"
            )
        for hours in calendar.hours:
            right = _TIME.fullmatch(hours.start) and _TIME.fullmatch(hours.end) and hours.start < hours.end
            if not right or not 1 <= hours.day <= 7:
                opening = f"{hours.day} {hours.start} to {hours.end}"
                yield error(scope.owner, f"{place} opens on day {opening}", "Write days 1 to 7 and times as 09:00")
        for holiday in calendar.holidays:
            if not _is_date(holiday):
                yield error(scope.owner, f'{place} has the holiday "{holiday}"', "Write 2027-04-02 or --12-25")


def _zone_exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return False
    return True


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text.replace("--", "2000-", 1) if text.startswith("--") else text)
    except ValueError:
        return False
    return True


def listeners_can_be_heard(scope: Scope) -> Iterator[Finding]:
    """Listeners stand where there is something to hear."""
    owner = [scope.owner] if isinstance(scope.owner, model.Process) else []
    for element in (*owner, *scope.owner.elements):
        for problem, remedy in model.listener_problems(element):
            yield error(element, problem, remedy)


RULES = (
    compensation_is_linked,
    activities_are_complete,
    loops_are_complete,
    data_is_there,
    references_refer,
    correlations_are_complete,
    calendars_are_right,
    listeners_can_be_heard,
)
