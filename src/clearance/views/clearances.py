"""Every ruling that the ledger holds, with the policies that determined it."""

import msgspec

from clearance.model.clearance import Ruling
from clearance.model.events import (
    ApprovalGiven,
    ApprovalRequested,
    CommandRefused,
    JobCleared,
    JobDenied,
    TaskAssigned,
    TaskCompleted,
)
from clearance.views.scene import Place, Scene, View

SCHEMA = """
CREATE TABLE clearances (
    position INTEGER NOT NULL, part INTEGER NOT NULL, instance INTEGER NOT NULL, at INTEGER NOT NULL,
    principal TEXT NOT NULL, action TEXT NOT NULL, element TEXT NOT NULL, element_name TEXT NOT NULL,
    decision TEXT NOT NULL, policies TEXT NOT NULL, reasons TEXT NOT NULL, mask TEXT NOT NULL, sha256 TEXT NOT NULL,
    PRIMARY KEY (position, part)
) STRICT, WITHOUT ROWID;
CREATE INDEX clearances_by_instance ON clearances (instance, position);
CREATE INDEX clearances_not_permitted ON clearances (decision, position, part) WHERE decision <> 'permit';
"""


def _job(scene: Scene, event: JobCleared | JobDenied) -> None:
    element, kind = scene.job(event.key)
    _note(scene, event.ruling, kind, "run", scene.place(element))


def _approval(scene: Scene, event: ApprovalRequested) -> None:
    element, kind = scene.job(event.job)
    _note(scene, event.ruling, kind, "run", scene.place(element))


def _given(scene: Scene, event: ApprovalGiven) -> None:
    _note(scene, event.ruling, event.person, "approve", _place_of_item(scene, event.key))


def _task(scene: Scene, event: TaskAssigned | TaskCompleted) -> None:
    action = "complete" if isinstance(event, TaskCompleted) else "assign"
    _note(scene, event.ruling, event.by, action, _place_of_item(scene, event.key))


def _refused(scene: Scene, event: CommandRefused) -> None:
    by = scene.transition.command.get("by")
    name = by.get("name") if isinstance(by, dict) else by
    element = _place_of_item(scene, _whole(scene.transition.command))
    _note(scene, event.ruling, str(name or ""), str(scene.transition.command.get("type", "")), element)


def _whole(command: dict[str, object]) -> int:
    key = command.get("task") or command.get("approval") or command.get("incident")
    return key if isinstance(key, int) else 0


def _place_of_item(scene: Scene, key: int) -> Place:
    row = scene.execute("SELECT element_key FROM inbox WHERE key = ?", (key,)).fetchone()
    return scene.place(row[0] if row else 0)


def _note(scene: Scene, ruling: Ruling | None, principal: str, action: str, place: Place) -> None:
    if ruling is None:
        return
    scene.execute(
        "INSERT INTO clearances VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            scene.position,
            scene.rulings,
            scene.instance,
            scene.at,
            principal,
            action,
            place.id,
            place.title,
            ruling.decision,
            *(msgspec.json.encode(texts).decode() for texts in (ruling.policies, ruling.reasons, ruling.mask)),
            ruling.action_sha256,
        ),
    )
    scene.rulings += 1


VIEW = View(
    "clearances",
    SCHEMA,
    {
        JobCleared: _job,
        JobDenied: _job,
        ApprovalRequested: _approval,
        ApprovalGiven: _given,
        TaskAssigned: _task,
        TaskCompleted: _task,
        CommandRefused: _refused,
    },
)
