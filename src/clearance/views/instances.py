"""One row an instance: its state, its subject, whether it waits, has an incident, or was touched by a person.

Of which tenant, process and version there are instances in which state is kept beside, so that lists can be read group
by group, each in the order of an index (``clearance.views.lists``).
"""

from clearance.model.events import (
    ApprovalGiven,
    ApprovalRequested,
    ElementCompleted,
    ElementTerminated,
    IncidentRaised,
    IncidentResolved,
    InstanceCanceled,
    InstanceCreated,
    InstanceMigrated,
    InstanceModified,
    InstanceResumed,
    InstanceSuspended,
    SubjectSet,
    TaskCompleted,
    TaskCreated,
)
from clearance.views.scene import Scene, View

SCHEMA = """
CREATE TABLE instances (
    key INTEGER PRIMARY KEY, definition INTEGER NOT NULL, process TEXT NOT NULL, tenant TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'ACTIVE', subject TEXT NOT NULL DEFAULT '', started INTEGER NOT NULL,
    ended INTEGER NOT NULL DEFAULT 0, incidents INTEGER NOT NULL DEFAULT 0, waiting INTEGER NOT NULL DEFAULT 0,
    needed INTEGER NOT NULL DEFAULT 0, acted INTEGER NOT NULL DEFAULT 0, suspended INTEGER NOT NULL DEFAULT 0,
    parent INTEGER NOT NULL DEFAULT 0, parent_element INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX instances_by_key ON instances (tenant, process, state, key);
CREATE INDEX instances_by_start ON instances (tenant, process, state, started, key);
CREATE INDEX instances_by_end ON instances (tenant, process, state, ended, key);
CREATE INDEX instances_by_subject ON instances (tenant, process, state, subject, key);
CREATE INDEX instances_by_definition ON instances (tenant, definition, state, started, key);
CREATE INDEX instances_with_incidents ON instances (tenant, process, state, key) WHERE incidents > 0;
CREATE INDEX instances_by_parent ON instances (parent) WHERE parent > 0;

CREATE TABLE instance_groups (
    tenant TEXT NOT NULL, process TEXT NOT NULL, definition INTEGER NOT NULL, state TEXT NOT NULL,
    PRIMARY KEY (tenant, process, definition, state)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER group_instance AFTER INSERT ON instances BEGIN
    INSERT OR IGNORE INTO instance_groups VALUES (new.tenant, new.process, new.definition, new.state);
END;
CREATE TRIGGER group_instance_again AFTER UPDATE OF tenant, process, definition, state ON instances BEGIN
    INSERT OR IGNORE INTO instance_groups VALUES (new.tenant, new.process, new.definition, new.state);
END;
"""


def _created(scene: Scene, event: InstanceCreated) -> None:
    scene.execute(
        "INSERT INTO instances (key, definition, process, tenant, started, parent, parent_element)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            event.key,
            _definition(scene, event),
            event.process,
            event.tenant,
            scene.at,
            event.parent,
            event.parent_element,
        ),
    )
    scene.topics.update(("instances", "overview"))


def _definition(scene: Scene, event: InstanceCreated | InstanceMigrated) -> int:
    """The latest version with that content that the instance's shard knows by now."""
    row = scene.execute(
        "SELECT key FROM definitions JOIN adopted ON adopted.shard = ? AND adopted.definition = key"
        " WHERE hash = ? ORDER BY (process = ?) DESC, key DESC LIMIT 1",
        (scene.shard, event.definition, event.process),
    ).fetchone()
    return row[0] if row else 0


def _migrated(scene: Scene, event: InstanceMigrated) -> None:
    scene.execute(
        "UPDATE instances SET definition = ?, process = ?, acted = 1 WHERE key = ?",
        (_definition(scene, event), event.process, scene.instance),
    )
    scene.moved()
    scene.topics.update(("instances", "overview"))


def _suspended(scene: Scene, event: InstanceSuspended | InstanceResumed) -> None:
    suspended = isinstance(event, InstanceSuspended)
    scene.execute("UPDATE instances SET suspended = ?, acted = 1 WHERE key = ?", (suspended, scene.instance))
    scene.topics.add("instances")


def _subject(scene: Scene, event: SubjectSet) -> None:
    scene.execute("UPDATE instances SET subject = ? WHERE key = ?", (event.text, scene.instance))
    scene.topics.add("instances")


def _ended(scene: Scene, event: ElementCompleted | ElementTerminated) -> None:
    """The process itself is node 0; with it the instance ends."""
    if scene.place(event.key).type == "PROCESS":
        state = "COMPLETED" if isinstance(event, ElementCompleted) else "TERMINATED"
        scene.execute("UPDATE instances SET state = ?, ended = ? WHERE key = ?", (state, scene.at, scene.instance))
        scene.topics.update(("instances", "overview"))


def _needed(scene: Scene, event: object) -> None:
    scene.execute("UPDATE instances SET needed = 1 WHERE key = ? AND needed = 0", (scene.instance,))
    scene.topics.add("overview")


def _acted(scene: Scene, event: object) -> None:
    scene.execute("UPDATE instances SET acted = 1 WHERE key = ? AND acted = 0", (scene.instance,))


def _resolved(scene: Scene, event: IncidentResolved) -> None:
    if event.by:
        _acted(scene, event)


VIEW = View(
    "instances",
    SCHEMA,
    {
        InstanceCreated: _created,
        SubjectSet: _subject,
        ElementCompleted: _ended,
        ElementTerminated: _ended,
        TaskCreated: _needed,
        ApprovalRequested: _needed,
        IncidentRaised: _needed,
        TaskCompleted: _acted,
        ApprovalGiven: _acted,
        InstanceCanceled: _acted,
        InstanceModified: _acted,
        InstanceMigrated: _migrated,
        InstanceSuspended: _suspended,
        InstanceResumed: _suspended,
        IncidentResolved: _resolved,
    },
)
