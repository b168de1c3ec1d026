"""Who has acted in an instance: what segregation of duties rests on."""

from clearance.model.events import ApprovalGiven, IncidentResolved, InstanceCanceled, TaskCompleted
from clearance.views.scene import Scene, View

SCHEMA = """
CREATE TABLE people (
    instance INTEGER NOT NULL, person TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (instance, person)
) STRICT, WITHOUT ROWID;
"""


def _by(scene: Scene, event: TaskCompleted | IncidentResolved | InstanceCanceled) -> None:
    _note(scene, event.by)


def _approver(scene: Scene, event: ApprovalGiven) -> None:
    _note(scene, event.person)


def _note(scene: Scene, person: str) -> None:
    if person:
        scene.execute("INSERT OR IGNORE INTO people VALUES (?, ?, ?)", (scene.instance, person, scene.position))


VIEW = View(
    "people",
    SCHEMA,
    {TaskCompleted: _by, IncidentResolved: _by, InstanceCanceled: _by, ApprovalGiven: _approver},
)
