"""What waits for a person: user tasks, approvals and incidents as items of one list, with their briefs and answers.

Who may be shown an item depends on its *audience*: kind, process, element, roles, users and assignee. There are few
audiences and many items, so each audience is kept once; a list is filtered by ruling on audiences instead of on items.
"""

import hashlib

import msgspec

from clearance.model.events import (
    ApprovalClosed,
    ApprovalGiven,
    ApprovalRequested,
    ElementCompleted,
    ElementTerminated,
    IncidentRaised,
    IncidentResolved,
    InstanceCanceled,
    TaskAssigned,
    TaskCanceled,
    TaskChanged,
    TaskCompleted,
    TaskCreated,
)
from clearance.model.values import to_json
from clearance.views.brief import Brief, of_approval, of_incident, of_task
from clearance.views.scene import Place, Scene, View

SCHEMA = """
CREATE TABLE audiences (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, process TEXT NOT NULL, element TEXT NOT NULL, roles TEXT NOT NULL,
    users TEXT NOT NULL, assignee TEXT NOT NULL, UNIQUE (kind, process, element, roles, users, assignee)
) STRICT;
CREATE TABLE inbox (
    key INTEGER PRIMARY KEY, kind TEXT NOT NULL, instance INTEGER NOT NULL, definition INTEGER NOT NULL,
    element_key INTEGER NOT NULL, job INTEGER NOT NULL, title TEXT NOT NULL, reason TEXT NOT NULL,
    audience INTEGER NOT NULL, tenant TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'CREATED', created INTEGER NOT NULL,
    ended INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL, follow_up INTEGER NOT NULL, priority INTEGER NOT NULL,
    form TEXT NOT NULL, brief TEXT NOT NULL, detail TEXT NOT NULL, approvals INTEGER NOT NULL DEFAULT 0,
    option TEXT NOT NULL DEFAULT '', comment TEXT NOT NULL DEFAULT '', answered_by TEXT NOT NULL DEFAULT '',
    answered INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX inbox_by_creation ON inbox (audience, tenant, state, created, key);
CREATE INDEX inbox_by_due ON inbox (audience, tenant, state, due = 0, due, key);
CREATE INDEX inbox_by_end ON inbox (audience, tenant, state, ended, key);
CREATE INDEX inbox_by_priority ON inbox (audience, tenant, state, priority, key);
CREATE INDEX inbox_by_instance ON inbox (instance, element_key);

CREATE TABLE inbox_groups (
    audience INTEGER NOT NULL, tenant TEXT NOT NULL, state TEXT NOT NULL, PRIMARY KEY (audience, tenant, state)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER group_item AFTER INSERT ON inbox BEGIN
    INSERT OR IGNORE INTO inbox_groups VALUES (new.audience, new.tenant, new.state);
END;
CREATE TRIGGER group_item_again AFTER UPDATE OF audience, state ON inbox BEGIN
    INSERT OR IGNORE INTO inbox_groups VALUES (new.audience, new.tenant, new.state);
END;
"""

PRIORITY_DEFAULT = 50
ADMIN = "admin"


class _Item(msgspec.Struct, kw_only=True):
    """What the three kinds have in common when they come up."""

    key: int
    kind: str
    element_key: int
    title: str
    brief: Brief
    roles: tuple[str, ...]
    users: tuple[str, ...] = ()
    assignee: str = ""
    job: int = 0
    due: int = 0
    follow_up: int = 0
    priority: int = PRIORITY_DEFAULT
    form: str = ""
    detail: str = ""
    """Kind of failure of an incident; how many approvals an approval needs."""


def _task(scene: Scene, event: TaskCreated) -> None:
    place = scene.place(event.element)
    _add(
        scene,
        place,
        _Item(
            key=event.key,
            kind="task",
            element_key=event.element,
            title=place.title,
            brief=of_task(event.brief),
            roles=event.groups,
            users=event.users,
            assignee=event.assignee,
            due=event.due,
            follow_up=event.follow_up,
            priority=event.priority,
            form=event.form,
        ),
    )


def _approval(scene: Scene, event: ApprovalRequested) -> None:
    element, operation = scene.job(event.job)
    place = scene.place(element)
    rule = event.ruling.approval
    _add(
        scene,
        place,
        _Item(
            key=event.key,
            kind="approval",
            element_key=element,
            title=f"Approve: {place.title}",
            brief=of_approval(event.ruling, operation, place.title, event.parameters),
            roles=rule.roles if rule else (),
            job=event.job,
            detail=str(rule.count if rule else 1),
        ),
    )


def _incident(scene: Scene, event: IncidentRaised) -> None:
    place = scene.place(event.element)
    _add(
        scene,
        place,
        _Item(
            key=event.key,
            kind="incident",
            element_key=event.element,
            title=f"Failed: {place.title}",
            brief=of_incident(event.kind, event.message),
            roles=tuple(dict.fromkeys((ADMIN, *scene.graph().roles))),
            job=event.job,
            detail=event.kind,
        ),
    )


def _add(scene: Scene, place: Place, item: _Item) -> None:
    graph = scene.graph()
    audience = _audience(
        scene, (item.kind, graph.process, place.id, _json(item.roles), _json(item.users), item.assignee)
    )
    scene.execute(
        "INSERT INTO inbox (key, kind, instance, definition, element_key, job, title, reason, audience, tenant,"
        " created, due, follow_up, priority, form, brief, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?,"
        " coalesce((SELECT tenant FROM instances WHERE key = ?), ''), ?, ?, ?, ?, ?, ?, ?)",
        (
            item.key,
            item.kind,
            scene.instance,
            graph.key,
            item.element_key,
            item.job,
            item.title,
            " ".join(item.brief.reasons),
            audience,
            scene.instance,
            scene.at,
            item.due,
            item.follow_up,
            item.priority,
            item.form,
            to_json(item.brief).decode(),
            item.detail,
        ),
    )
    scene.topics.update(("inbox", "overview"))


def _audience(scene: Scene, row: tuple[str, ...]) -> int:
    """Its number follows from what it is, so that it is the same in whatever order the shards are read."""
    number = int.from_bytes(hashlib.sha256(_json(row).encode()).digest()[:7], "big")
    scene.execute("INSERT OR IGNORE INTO audiences VALUES (?, ?, ?, ?, ?, ?, ?)", (number, *row))
    return number


def _assigned(scene: Scene, event: TaskAssigned) -> None:
    row = scene.execute(
        "SELECT kind, process, element, roles, users FROM audiences"
        " WHERE id = (SELECT audience FROM inbox WHERE key = ?)",
        (event.key,),
    ).fetchone()
    if row:
        audience = _audience(scene, (*row, event.assignee))
        scene.execute("UPDATE inbox SET audience = ? WHERE key = ?", (audience, event.key))
    scene.topics.add("inbox")


def _changed(scene: Scene, event: TaskChanged) -> None:
    row = scene.execute(
        "SELECT kind, process, element FROM audiences WHERE id = (SELECT audience FROM inbox WHERE key = ?)",
        (event.key,),
    ).fetchone()
    if row:
        audience = _audience(scene, (*row, _json(event.groups), _json(event.users), event.assignee))
        scene.execute(
            "UPDATE inbox SET audience = ?, due = ?, follow_up = ?, priority = ? WHERE key = ?",
            (audience, event.due, event.follow_up, event.priority, event.key),
        )
    scene.topics.add("inbox")


def _completed(scene: Scene, event: TaskCompleted) -> None:
    _answer(scene, event.key, event.option, event.comment, event.by)
    _end(scene, event.key, "COMPLETED")


def _canceled(scene: Scene, event: TaskCanceled) -> None:
    _end(scene, event.key, "CANCELED")


def _given(scene: Scene, event: ApprovalGiven) -> None:
    _answer(scene, event.key, "approve" if event.approved else "reject", event.comment, event.person)
    scene.execute("UPDATE inbox SET approvals = approvals + ? WHERE key = ?", (int(event.approved), event.key))
    scene.topics.add("inbox")


def _closed(scene: Scene, event: ApprovalClosed) -> None:
    _end(scene, event.key, "CANCELED" if event.outcome == "canceled" else "COMPLETED")


def _resolved(scene: Scene, event: IncidentResolved) -> None:
    """Somebody had it tried again; otherwise the engine closed it because its element has ended."""
    if event.by or scene.transition.command.get("type") == "resolve-incident":
        told = scene.transition.command
        _answer(scene, event.key, "keep" if told.get("keep") else "retry", str(told.get("reason") or ""), event.by)
        _end(scene, event.key, "COMPLETED")
    else:
        _end(scene, event.key, "CANCELED")


def _instance_canceled(scene: Scene, event: InstanceCanceled) -> None:
    """Whoever cancels an instance answers its open incidents."""
    keys = scene.execute(
        "SELECT key FROM inbox WHERE instance = ? AND kind = 'incident' AND state = 'CREATED'", (scene.instance,)
    ).fetchall()
    for (key,) in keys:
        _answer(scene, key, "cancel", event.reason, event.by)
        _end(scene, key, "COMPLETED")


def _element_ended(scene: Scene, event: ElementCompleted | ElementTerminated) -> None:
    """An incident ends with its element, and whatever is still open with its instance."""
    values: tuple[int, ...]
    if scene.place(event.key).type == "PROCESS":
        where, values = "instance = ?", (scene.instance,)
    elif isinstance(event, ElementTerminated):
        where, values = "instance = ? AND kind = 'incident' AND element_key = ?", (scene.instance, event.key)
    else:
        return
    ended = scene.execute(
        f"UPDATE inbox SET state = 'CANCELED', ended = ? WHERE state = 'CREATED' AND {where}", (scene.at, *values)
    )
    if ended.rowcount:
        scene.topics.update(("inbox", "overview"))


def _answer(scene: Scene, key: int, option: str, comment: str, by: str) -> None:
    scene.execute(
        "UPDATE inbox SET option = ?, comment = ?, answered_by = ?, answered = ? WHERE key = ?",
        (option, comment, by, scene.at, key),
    )


def _end(scene: Scene, key: int, state: str) -> None:
    scene.execute("UPDATE inbox SET state = ?, ended = ? WHERE key = ? AND state = 'CREATED'", (state, scene.at, key))
    scene.topics.update(("inbox", "overview"))


def _json(value: tuple[str, ...]) -> str:
    return msgspec.json.encode(value).decode()


VIEW = View(
    "inbox",
    SCHEMA,
    {
        TaskCreated: _task,
        ApprovalRequested: _approval,
        IncidentRaised: _incident,
        TaskAssigned: _assigned,
        TaskChanged: _changed,
        TaskCompleted: _completed,
        TaskCanceled: _canceled,
        ApprovalGiven: _given,
        ApprovalClosed: _closed,
        IncidentResolved: _resolved,
        InstanceCanceled: _instance_canceled,
        ElementCompleted: _element_ended,
        ElementTerminated: _element_ended,
    },
)
