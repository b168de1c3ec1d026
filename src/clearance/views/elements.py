"""Element instances with their states and times, and what kind of job each has."""

from clearance.model.events import (
    ElementActivating,
    ElementCompleted,
    ElementTerminated,
    InstanceMigrated,
    JobCreated,
)
from clearance.views.scene import Job, Scene, View

SCHEMA = """
CREATE TABLE elements (
    key INTEGER PRIMARY KEY, instance INTEGER NOT NULL, scope INTEGER NOT NULL, node INTEGER NOT NULL,
    loop INTEGER NOT NULL, definition INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'ACTIVE', started INTEGER NOT NULL,
    ended INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX elements_by_instance ON elements (instance, key);
CREATE INDEX elements_active ON elements (instance, key) WHERE state = 'ACTIVE';
CREATE TABLE jobs (
    key INTEGER PRIMARY KEY, instance INTEGER NOT NULL, element INTEGER NOT NULL, type TEXT NOT NULL
) STRICT;
"""


def _activating(scene: Scene, event: ElementActivating) -> None:
    scene.execute(
        "INSERT INTO elements (key, instance, scope, node, loop, definition, started) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (event.key, scene.instance, event.scope, event.node, event.loop_counter, scene.graph().key, scene.at),
    )
    scene.noted(event.key, event.node)
    scene.topics.add("instances")


def _completed(scene: Scene, event: ElementCompleted) -> None:
    scene.execute("UPDATE elements SET state = 'COMPLETED', ended = ? WHERE key = ?", (scene.at, event.key))
    scene.topics.add("instances")


def _terminated(scene: Scene, event: ElementTerminated) -> None:
    scene.execute("UPDATE elements SET state = 'TERMINATED', ended = ? WHERE key = ?", (scene.at, event.key))
    scene.topics.add("instances")


def _migrated(scene: Scene, event: InstanceMigrated) -> None:
    """What is active goes on by the new definition; what has ended keeps its place in the one that it ended in."""
    definition = scene.graph().key
    rows = scene.execute(
        "SELECT key, node FROM elements WHERE instance = ? AND state = 'ACTIVE'", (scene.instance,)
    ).fetchall()
    for key, node in rows:
        scene.execute(
            "UPDATE elements SET node = ?, definition = ? WHERE key = ?", (event.nodes.get(node, node), definition, key)
        )
    scene.topics.add("instances")


def _job(scene: Scene, event: JobCreated) -> None:
    scene.execute("INSERT INTO jobs VALUES (?, ?, ?, ?)", (event.key, scene.instance, event.element, event.type))
    scene.noted_job(event.key, Job(event.element, event.type))


VIEW = View(
    "elements",
    SCHEMA,
    {
        ElementActivating: _activating,
        ElementCompleted: _completed,
        ElementTerminated: _terminated,
        InstanceMigrated: _migrated,
        JobCreated: _job,
    },
)
