"""Data of a process: objects and stores, conversations that messages belong to, business calendars."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from clearance.build.canvas import Canvas
from clearance.build.errors import AuthorError
from clearance.build.texts import feel
from clearance.model.definition import (
    Calendar,
    Correlation,
    CorrelationProperty,
    DataAssociation,
    DataObject,
    WorkingHours,
)

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?\s+(.+)")
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(([01]\d|2[0-3]):([0-5]\d)|24:00)")
_HOLIDAY = re.compile(r"(\d{4}|-)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


class Data(msgspec.Struct, frozen=True):
    """A data object or store, for ``reads`` and ``writes`` of steps."""

    id: str
    name: str


def data_object(canvas: Canvas, name: str, *, many: bool, structure: str, note: str) -> Data:
    """A variable of the scope, drawn as a document."""
    identifier = canvas.id_for(name, "data")
    canvas.scope.data.append(
        DataObject(id=identifier, name=name, collection=many, structure=structure, documentation=note)
    )
    shown = canvas.id_for(f"{name} shown", "data")
    canvas.scope.data.append(DataObject(id=shown, name=name, kind="dataObjectReference", refers_to=identifier))
    return Data(shown, name)


def data_store(canvas: Canvas, name: str, *, store: str, note: str) -> Data:
    """What outlives the process, drawn as a drum."""
    identifier = canvas.id_for(name, "store")
    canvas.scope.data.append(
        DataObject(id=identifier, name=name, kind="dataStoreReference", refers_to=store, documentation=note)
    )
    return Data(identifier, name)


Associations = tuple[tuple[DataObject, ...], tuple[DataAssociation, ...]]


def reading(canvas: Canvas, step: str, sources: Sequence[Data]) -> Associations:
    """Data inputs of a step, and the associations that fill them."""
    inputs = [(_part(canvas, step, source, "dataInput"), source) for source in sources]
    links = [
        DataAssociation(id=canvas.id_for(f"{source.id} into {step}", "link"), sources=(source.id,), target=part.id)
        for part, source in inputs
    ]
    return tuple(part for part, _ in inputs), tuple(links)


def writing(canvas: Canvas, step: str, targets: Sequence[Data]) -> Associations:
    """Data outputs of a step, and the associations that take from them."""
    outputs = [(_part(canvas, step, target, "dataOutput"), target) for target in targets]
    links = [
        DataAssociation(id=canvas.id_for(f"{step} into {target.id}", "link"), sources=(part.id,), target=target.id)
        for part, target in outputs
    ]
    return tuple(part for part, _ in outputs), tuple(links)


def _part(canvas: Canvas, step: str, data: Data, kind: str) -> DataObject:
    word = "input" if kind == "dataInput" else "output"
    return DataObject(id=canvas.id_for(f"{step} {word} {data.name}", "data"), name=data.name, kind=kind)


def correlation(
    canvas: Canvas, name: str, properties: Mapping[str, Mapping[str, str]], known: Mapping[str, str]
) -> Correlation:
    """A key of several properties, each with the FEEL expression by which each message states it."""
    if not properties:
        raise AuthorError(f'the conversation "{name}" has no properties', 'Give {"number": {"order": "order.number"}}')
    if unknown := sorted(set(known) - set(properties)):
        raise AuthorError(f"known names {unknown}, which are no properties", f"There are {sorted(properties)}")
    parts = [
        CorrelationProperty(
            id=canvas.id_for(f"{name} {part}", "property"),
            name=part,
            retrievals=tuple((message, feel(source)) for message, source in retrievals.items()),
            binding=feel(known[part]) if part in known else "",
        )
        for part, retrievals in properties.items()
    ]
    return Correlation(id=canvas.id_for(name, "conversation"), name=name, properties=tuple(parts))


def calendar(name: str, *, zone: str, hours: str, holidays: Sequence[str]) -> Calendar:
    """When time counts; ``hours`` reads ``mon-fri 09:00-12:00 13:00-17:00, sat 09:00-12:00``."""
    for day in holidays:
        if not _HOLIDAY.fullmatch(day):
            raise AuthorError(f'"{day}" is not a day', "Write 2026-12-25, or --12-25 for every year")
    open_hours = [part for text in filter(str.strip, hours.split(",")) for part in _working_hours(text.strip().lower())]
    return Calendar(name=name, time_zone=zone, hours=tuple(open_hours), holidays=tuple(holidays))


def _working_hours(text: str) -> list[WorkingHours]:
    found = _HOURS.fullmatch(text)
    remedy = 'Write e.g. hours="mon-fri 09:00-17:00, sat 09:00-12:00"'
    if found is None or any(day and day not in _DAYS for day in (found[1], found[2])):
        raise AuthorError(f'the hours "{text}" are not understood', remedy)
    first, last = _DAYS.index(found[1]), _DAYS.index(found[2] or found[1])
    spans = [_SPAN.fullmatch(span) for span in found[3].split()]
    if last < first or not all(spans):
        raise AuthorError(f'the hours "{text}" are not understood', remedy)
    return [
        WorkingHours(day=day + 1, start=start, end=end)
        for day in range(first, last + 1)
        for start, _, end in (span[0].partition("-") for span in spans if span is not None)
    ]
