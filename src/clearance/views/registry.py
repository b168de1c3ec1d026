"""All views, in the order in which an event is shown to them: what others read comes first."""

from clearance.views import (
    clearances,
    definitions,
    elements,
    history,
    inbox,
    instances,
    messages,
    overview,
    people,
    variables,
)
from clearance.views.scene import Handler, Scene, View

VIEWS: tuple[View, ...] = (
    definitions.VIEW,
    instances.VIEW,
    elements.VIEW,
    variables.VIEW,
    inbox.VIEW,
    people.VIEW,
    clearances.VIEW,
    messages.VIEW,
    overview.VIEW,
    history.VIEW,
)

SCHEMA = """
CREATE TABLE projected (
    shard INTEGER PRIMARY KEY, position INTEGER NOT NULL, hash BLOB NOT NULL, fingerprint TEXT NOT NULL
) STRICT;
""" + "".join(view.schema for view in VIEWS)


_ENTRIES = tuple(view.entry for view in VIEWS if view.entry is not None)


def handlers() -> dict[type, tuple[Handler, ...]]:
    """By event, every handler in the order of :data:`VIEWS`."""
    kinds = {kind for view in VIEWS for kind in view.handlers}
    return {kind: tuple(view.handlers[kind] for view in VIEWS if kind in view.handlers) for kind in kinds}


def project(scene: Scene, table: dict[type, tuple[Handler, ...]]) -> None:
    """Show the scene's entry to every view."""
    for event in scene.transition.events:
        for handle in table.get(type(event), ()):
            handle(scene, event)
    for entry in _ENTRIES:
        entry(scene)
