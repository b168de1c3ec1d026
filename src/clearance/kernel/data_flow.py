"""Data associations and correlations, ready to be carried out: ids resolved, expressions compiled (10.4.2, 8.4.2)."""

from collections.abc import Callable, Iterable, Mapping

from clearance.model.definition import DataAssociation, DataObject, Process, SubProcess, walk
from clearance.model.graph import Compiled, CompiledMapping, Conversation, Copy, Property

_PLACEHOLDER = "__targetRef_placeholder"
"""What some modellers write where the standard wants a target and they have none."""


def names_of(process: Process) -> dict[str, str]:
    """The variable that each piece of data in the process is, by its id; a reference is what it stands for."""
    items: list[DataObject] = list(process.data)
    for element, _ in walk(process):
        items += getattr(element, "data", ())
    names = {item.id: item.name or item.id for item in items if not item.refers_to}
    for item in items:
        if item.refers_to:
            names[item.id] = names.get(item.refers_to, item.name or item.id)
    return names


def copies(
    associations: Iterable[DataAssociation], names: Mapping[str, str], compile_text: Callable[[str], Compiled]
) -> tuple[Copy, ...]:
    """What the associations copy; those that say nothing, or lead nowhere, copy nothing."""
    made = []
    for association in associations:
        sources = tuple(names.get(source, source) for source in association.sources)
        target = names.get(association.target, association.target)
        assigned = tuple(
            CompiledMapping(compile_text(_feel(text)), tuple(_path(place, names)))
            for text, place in association.assignments
        )
        transformed = compile_text(_feel(association.transformation)) if association.transformation else None
        whole = bool(target) and target != _PLACEHOLDER and not assigned and (bool(sources) or transformed is not None)
        if whole or assigned:
            made.append(Copy(sources, target if whole else "", transformed, assigned))
    return tuple(made)


def conversations_of(process: Process, compile_text: Callable[[str], Compiled]) -> dict[str, tuple[Conversation, ...]]:
    """By message, the correlation keys all of whose properties it states."""
    found: dict[str, tuple[Conversation, ...]] = {}
    for key in process.correlations:
        for name in dict.fromkeys(name for item in key.properties for name, _ in item.retrievals):
            stated = [(dict(item.retrievals).get(name), item.binding) for item in key.properties]
            if all(retrieval for retrieval, _ in stated):
                properties = tuple(
                    Property(compile_text(_feel(str(retrieval))), compile_text(_feel(binding)) if binding else None)
                    for retrieval, binding in stated
                )
                found[name] = (*found.get(name, ()), Conversation(key.id, properties))
    return found


def objects_of(scope: SubProcess) -> tuple[str, ...]:
    """Variables that a sub-process has of its own from its beginning on."""
    return tuple(item.name or item.id for item in scope.data if item.kind in ("dataObject", "property"))


def _feel(text: str) -> str:
    return text if text.startswith("=") else f"={text}"


def _path(place: str, names: Mapping[str, str]) -> list[str]:
    first, *rest = place.removeprefix("=").strip().split(".")
    return [names.get(first, first), *rest]
