"""One readable line for each ledger entry: what happened, where, by whom, and under which hash it is recorded.

An entry holds many small events. Its line is made of those that mean something to a person, the weightiest first; the
rulings of the entry are found under the same position in ``clearances``.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from clearance.model import events as happened
from clearance.model.events import Event
from clearance.views.scene import NO_JOB, UNKNOWN, Place, Scene, View

SCHEMA = """
CREATE TABLE history (
    position INTEGER PRIMARY KEY, instance INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL,
    element TEXT NOT NULL, element_name TEXT NOT NULL, summary TEXT NOT NULL, actor TEXT NOT NULL, hash BLOB NOT NULL
) STRICT;
CREATE INDEX history_by_instance ON history (instance, position);
"""

SENTENCES_MAX = 6


class Line(NamedTuple):
    """What one event says."""

    weight: int
    text: str
    place: Place = UNKNOWN
    actor: str = ""


def _entry(scene: Scene) -> None:
    lines = [line for event in scene.transition.events if (line := _line(scene, event))]
    lines.sort(key=lambda line: -line.weight)
    first = next((line for line in lines if line.place is not UNKNOWN), None)
    place = first.place if first else UNKNOWN
    shown = [line.text for line in lines[:SENTENCES_MAX]]
    more = len(lines) - len(shown)
    kind = str(scene.transition.command.get("type", ""))
    scene.execute(
        "INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            scene.position,
            scene.instance,
            scene.at,
            kind,
            place.id,
            place.name or place.id,
            "; ".join(shown) + (f"; and {more} more" if more else "") or kind,
            next((line.actor for line in lines if line.actor), ""),
            scene.hash,
        ),
    )


def _line(scene: Scene, event: Event) -> Line | None:
    say = _SAY.get(type(event))
    return say(scene, event) if say else None


def _created(scene: Scene, event: happened.InstanceCreated) -> Line:
    return Line(90, f"Started {scene.graph().places[0].title if scene.graph().places else event.process}")


def _activating(scene: Scene, event: happened.ElementActivating) -> Line | None:
    place = scene.place_at(event.node)
    return None if event.node == 0 else Line(10, f"{place.title} started", place)


def _completed(scene: Scene, event: happened.ElementCompleted) -> Line:
    place = scene.place(event.key)
    if place.type == "PROCESS":
        return Line(80, f"{place.title} completed")
    return Line(20, f"{place.title} completed", place)


def _terminated(scene: Scene, event: happened.ElementTerminated) -> Line:
    place = scene.place(event.key)
    return Line(30, f"{place.title} ended early", place)


def _decided(scene: Scene, event: happened.DecisionEvaluated) -> Line:
    rules = f": {'; '.join(event.rules)}" if event.rules else ", no rule matched"
    return Line(25, f"Decided {event.decision}{rules}", scene.place(event.element))


def _job(scene: Scene, key: int) -> tuple[Place, str]:
    job = scene.job(key)
    return (scene.place(job.element), job.type) if job is not NO_JOB else (UNKNOWN, "")


def _job_cleared(scene: Scene, event: happened.JobCleared) -> Line:
    place, kind = _job(scene, event.key)
    return Line(15, f"{place.title} cleared", place, kind)


def _job_denied(scene: Scene, event: happened.JobDenied) -> Line:
    place, kind = _job(scene, event.key)
    return Line(70, f"{place.title} denied: {'; '.join(event.ruling.reasons) or 'no policy permits it'}", place, kind)


def _job_completed(scene: Scene, event: happened.JobCompleted) -> Line:
    place, kind = _job(scene, event.key)
    reasons = f": {'; '.join(event.evidence.reasons)}" if event.evidence and event.evidence.reasons else ""
    return Line(50, f"{kind} did its work{reasons}", place, kind)


def _job_failed(scene: Scene, event: happened.JobFailed) -> Line:
    place, kind = _job(scene, event.key)
    after = f", {event.attempts_left} attempts left" if event.attempts_left else ", no attempts left"
    return Line(55, f"{kind} failed: {event.error}{after}", place, kind)


def _job_retried(scene: Scene, event: happened.JobRetried) -> Line:
    place, kind = _job(scene, event.key)
    return Line(40, f"{place.title} is tried again", place, kind)


def _job_raised(scene: Scene, event: happened.JobRaised) -> Line:
    place, kind = _job(scene, event.key)
    return Line(
        55,
        f"{kind} reported {event.code}: {event.message}" if event.message else f"{kind} reported {event.code}",
        place,
        kind,
    )


def _approval_requested(scene: Scene, event: happened.ApprovalRequested) -> Line:
    place, _ = _job(scene, event.job)
    rule = event.ruling.approval
    wanted = f" by {rule.count} of {', '.join(rule.roles)}" if rule else ""
    return Line(60, f"{place.title} needs approval{wanted}", place)


def _approval_given(scene: Scene, event: happened.ApprovalGiven) -> Line:
    verb = "approved" if event.approved else "rejected"
    comment = f": {event.comment}" if event.comment else ""
    return Line(75, f"{event.person} {verb} it{comment}", _item(scene, event.key), event.person)


def _approval_closed(scene: Scene, event: happened.ApprovalClosed) -> Line:
    return Line(45, f"Approval {event.outcome}", _item(scene, event.key))


def _task_created(scene: Scene, event: happened.TaskCreated) -> Line:
    place = scene.place(event.element)
    whom = event.assignee or ", ".join((*event.groups, *event.users))
    return Line(60, f"{place.title} waits for {whom or 'a person'}", place)


def _task_assigned(scene: Scene, event: happened.TaskAssigned) -> Line:
    place = _item(scene, event.key)
    text = f"{event.by} gave it to {event.assignee}" if event.assignee else f"{event.by} released it"
    return Line(65, f"{event.by} took it" if event.assignee == event.by else text, place, event.by)


def _task_completed(scene: Scene, event: happened.TaskCompleted) -> Line:
    chosen = f" chose {event.option}" if event.option else " completed it"
    return Line(
        75, f"{event.by}{chosen}{f': {event.comment}' if event.comment else ''}", _item(scene, event.key), event.by
    )


def _task_canceled(scene: Scene, event: happened.TaskCanceled) -> Line:
    return Line(35, "No person is needed any longer", _item(scene, event.key))


def _item(scene: Scene, key: int) -> Place:
    row = scene.execute("SELECT element_key FROM inbox WHERE key = ?", (key,)).fetchone()
    return scene.place(row[0]) if row else UNKNOWN


def _timer_set(scene: Scene, event: happened.TimerSet) -> Line:
    return Line(12, f"{scene.place_at(event.node).title} set", scene.place_at(event.node))


def _timer_fired(scene: Scene, event: happened.TimerFired) -> Line:
    return Line(42, "Time is up")


def _subscribed(scene: Scene, event: happened.Subscribed) -> Line:
    return Line(12, f"Waits for {event.kind} {event.name}", scene.place_at(event.node))


def _correlated(scene: Scene, event: happened.Correlated) -> Line:
    return Line(48, "What it waited for arrived")


def _thrown(scene: Scene, event: happened.MessageThrown | happened.SignalThrown) -> Line:
    kind = "message" if isinstance(event, happened.MessageThrown) else "signal"
    return Line(44, f"Sent {kind} {event.name}", scene.place(event.element))


def _error(scene: Scene, event: happened.ErrorThrown) -> Line:
    caught = f", caught by {scene.place_at(event.caught_by).title}" if event.caught_by >= 0 else ", caught by nothing"
    return Line(58, f"{event.kind.capitalize()} {event.code}{caught}", scene.place(event.element))


def _compensating(scene: Scene, event: happened.CompensationStarted) -> Line:
    return Line(52, f"{scene.place(event.element).title} is undone", scene.place(event.element))


def _incident(scene: Scene, event: happened.IncidentRaised) -> Line:
    place = scene.place(event.element)
    return Line(72, f"{place.title} needs help: {event.message}", place)


def _incident_resolved(scene: Scene, event: happened.IncidentResolved) -> Line:
    if event.by or scene.transition.command.get("type") == "resolve-incident":
        return Line(68, f"{event.by or 'The engine'} had it tried again", _item(scene, event.key), event.by)
    return Line(8, "Its incident is closed", _item(scene, event.key))


def _refused(scene: Scene, event: happened.CommandRefused) -> Line:
    by = scene.transition.command.get("by")
    name = str(by.get("name") or "") if isinstance(by, dict) else str(by or "")
    return Line(85, f"Refused: {event.reason}", actor=name)


def _canceled(scene: Scene, event: happened.InstanceCanceled) -> Line:
    reason = f": {event.reason}" if event.reason else ""
    return Line(88, f"{event.by or 'The engine'} canceled it{reason}", actor=event.by)


def _changed(scene: Scene, event: Any) -> Line:
    verb = _CHANGES[type(event)]
    reason = f": {event.reason}" if event.reason else ""
    return Line(88, f"{event.by or 'The engine'} {verb}{reason}", actor=event.by)


def _held(scene: Scene, event: happened.CommandHeld) -> Line:
    return Line(46, "What came is kept until it is resumed")


_CHANGES: dict[type, str] = {
    happened.InstanceSuspended: "suspended it",
    happened.InstanceResumed: "resumed it",
    happened.InstanceModified: "moved where it stands",
    happened.InstanceMigrated: "had it go on by another version",
}


def _deployed(scene: Scene, event: happened.ProcessDeployed) -> Line:
    return Line(50, f"Deployed {event.name or event.process}, version {event.version}")


def _decisions(scene: Scene, event: happened.DecisionsDeployed) -> Line:
    return Line(50, f"Deployed decisions {event.name}")


def _message(scene: Scene, event: happened.MessagePublished) -> Line:
    key = f" for {event.correlation_key}" if event.correlation_key else ""
    return Line(50, f"Message {event.name}{key} published")


def _message_correlated(scene: Scene, event: happened.MessageCorrelated) -> Line:
    return Line(30, f"Reached {event.process} instance {event.instance}")


def _message_expired(scene: Scene, event: happened.MessageExpired) -> Line:
    return Line(5, "A message expired")


def _signal(scene: Scene, event: happened.SignalBroadcast) -> Line:
    return Line(50, f"Signal {event.name} broadcast")


def _task_turned(scene: Scene, event: happened.TaskTurned) -> Line | None:
    why = f": {event.reason}" if event.reason else ""
    return Line(70, f"A listener of the task denied it{why}") if event.denied else None


def _conditions(scene: Scene, event: happened.ConditionsEvaluated) -> Line:
    return Line(50, "Conditions that processes start on looked at")


_SAY: dict[type, Callable[[Scene, Any], Line | None]] = {
    happened.InstanceCreated: _created,
    happened.ElementActivating: _activating,
    happened.ElementCompleted: _completed,
    happened.ElementTerminated: _terminated,
    happened.DecisionEvaluated: _decided,
    happened.JobCleared: _job_cleared,
    happened.JobDenied: _job_denied,
    happened.JobCompleted: _job_completed,
    happened.JobFailed: _job_failed,
    happened.JobRetried: _job_retried,
    happened.JobRaised: _job_raised,
    happened.ApprovalRequested: _approval_requested,
    happened.ApprovalGiven: _approval_given,
    happened.ApprovalClosed: _approval_closed,
    happened.TaskCreated: _task_created,
    happened.TaskAssigned: _task_assigned,
    happened.TaskCompleted: _task_completed,
    happened.TaskCanceled: _task_canceled,
    happened.TaskTurned: _task_turned,
    happened.TimerSet: _timer_set,
    happened.TimerFired: _timer_fired,
    happened.Subscribed: _subscribed,
    happened.Correlated: _correlated,
    happened.MessageThrown: _thrown,
    happened.SignalThrown: _thrown,
    happened.ErrorThrown: _error,
    happened.CompensationStarted: _compensating,
    happened.IncidentRaised: _incident,
    happened.IncidentResolved: _incident_resolved,
    happened.CommandRefused: _refused,
    happened.InstanceCanceled: _canceled,
    happened.CommandHeld: _held,
    **dict.fromkeys(_CHANGES, _changed),
    happened.ProcessDeployed: _deployed,
    happened.DecisionsDeployed: _decisions,
    happened.MessagePublished: _message,
    happened.MessageCorrelated: _message_correlated,
    happened.MessageExpired: _message_expired,
    happened.SignalBroadcast: _signal,
    happened.ConditionsEvaluated: _conditions,
}

VIEW = View("history", SCHEMA, entry=_entry)
