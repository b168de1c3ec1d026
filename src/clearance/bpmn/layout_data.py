"""Where data objects and stores stand in a drawing of ours: in a row above their process, over the steps that use them.

Their associations go straight down to a step that nothing stands above, and else to its upper left corner.
"""

from collections.abc import Iterable, Iterator

from clearance.model.definition import Activity, Bounds, DataAssociation, Edge, Process, Shape

LETTER = 6.5
"""How wide a letter of a name is."""
_WIDTH, _HEIGHT = 36.0, 50.0
_STORE = 50.0
_STEP = 140.0
"""Between two of them: their names stand at their right."""
_RISE = 46.0
"""Between the row and the process."""
_NAME_MAX = 84.0
_TRACK = 8.0


def data_row(process: Process, shapes: tuple[Shape, ...]) -> tuple[tuple[Shape, ...], tuple[Edge, ...]]:
    """The shapes and edges of what the process's own steps read and write."""
    shown = [item for item in process.data if item.kind in ("dataObjectReference", "dataStoreReference")]
    places = {shape.element: shape.bounds for shape in shapes}
    if not shown or not places:
        return (), ()
    uses = list(_uses(process))
    bottom = min(place.y for place in places.values()) - _RISE
    names = {item.id: item.name for item in shown}
    row: dict[str, Bounds] = {}
    free = min(place.x for place in places.values())
    for item in sorted(shown, key=lambda item: _wished(item.id, uses, places)):
        width = _STORE if item.kind == "dataStoreReference" else _WIDTH
        left = max(free, _wished(item.id, uses, places) - width / 2)
        row[item.id] = Bounds(x=left, y=bottom - _HEIGHT, width=width, height=_HEIGHT)
        free = left + _STEP
    drawn = tuple(Shape(element=name, bounds=place, label=_beside(place, names[name])) for name, place in row.items())
    return drawn, tuple(_edges(uses, row, places, bottom))


def _uses(process: Process) -> Iterator[tuple[DataAssociation, str, str, bool]]:
    """Associations with the data, the step, and whether the step reads."""
    known = {item.id for item in process.data}
    for element in process.elements:
        if not isinstance(element, Activity):
            continue
        for link in element.data_inputs:
            yield from ((link, data, element.id, True) for data in link.sources[:1] if data in known and link.id)
        for link in element.data_outputs:
            if link.target in known and link.id:
                yield link, link.target, element.id, False


def _wished(data: str, uses: Iterable[tuple[DataAssociation, str, str, bool]], places: dict[str, Bounds]) -> float:
    """The middle of the steps that use it."""
    middles = [_middle(places[step]) for _, used, step, _ in uses if used == data and step in places]
    return sum(middles) / len(middles) if middles else 0.0


def _edges(
    uses: list[tuple[DataAssociation, str, str, bool]],
    row: dict[str, Bounds],
    places: dict[str, Bounds],
    bottom: float,
) -> Iterator[Edge]:
    for number, (link, data, step, reads) in enumerate(uses):
        if data not in row or step not in places:
            continue
        lane = bottom + _TRACK + (number * _TRACK) % (_RISE - 2 * _TRACK)
        place, x = places[step], _middle(row[data])
        shift = -_TRACK if reads else _TRACK
        across = _middle(place) + shift
        if _blocked(across, place, places.values()):
            across = place.x - _TRACK
            end = [(across, place.y + _TRACK), (place.x, place.y + _TRACK)]
        else:
            end = [(across, place.y)]
        x += _TRACK if across > x else -_TRACK
        points = [(x, bottom), (x, lane), (across, lane), *end]
        yield Edge(element=link.id, waypoints=tuple(points if reads else reversed(points)))


def _blocked(x: float, target: Bounds, places: Iterable[Bounds]) -> bool:
    return any(place.x <= x <= place.x + place.width and place.y < target.y for place in places)


def _middle(bounds: Bounds) -> float:
    return bounds.x + bounds.width / 2


def _beside(place: Bounds, name: str) -> Bounds:
    width = min(len(name) * LETTER, _NAME_MAX)
    return Bounds(x=place.x + place.width + 6, y=place.y + 8, width=width, height=28)
