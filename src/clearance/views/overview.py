"""How many run, are done, went without a person, wait: counted as the rows of other views change.

The counting is done by triggers on those rows, so that no path that changes one can forget to count. ``automated`` is
completed without any person having acted; ``escalated`` is that a person was needed (a task, an approval, an incident).
"""

from clearance.model.events import ElementCompleted, InstanceCreated
from clearance.views.scene import Scene, View

MINUTE_MS = 60_000

SCHEMA = """
CREATE TABLE totals (
    definition INTEGER PRIMARY KEY, active INTEGER NOT NULL DEFAULT 0, completed INTEGER NOT NULL DEFAULT 0,
    terminated INTEGER NOT NULL DEFAULT 0, automated INTEGER NOT NULL DEFAULT 0, escalated INTEGER NOT NULL DEFAULT 0,
    waiting INTEGER NOT NULL DEFAULT 0, incidents INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE minutes (
    minute INTEGER PRIMARY KEY, started INTEGER NOT NULL DEFAULT 0, completed INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TRIGGER count_started AFTER INSERT ON instances BEGIN
    INSERT OR IGNORE INTO totals (definition) VALUES (new.definition);
    UPDATE totals SET active = active + 1 WHERE definition = new.definition;
END;
CREATE TRIGGER count_ended AFTER UPDATE OF state ON instances WHEN old.state = 'ACTIVE' AND new.state <> 'ACTIVE' BEGIN
    UPDATE totals SET
        active = active - 1,
        completed = completed + (new.state = 'COMPLETED'),
        terminated = terminated + (new.state = 'TERMINATED'),
        automated = automated + (new.state = 'COMPLETED' AND new.acted = 0)
    WHERE definition = new.definition;
END;
CREATE TRIGGER count_needed AFTER UPDATE OF needed ON instances WHEN new.needed <> old.needed BEGIN
    UPDATE totals SET escalated = escalated + 1 WHERE definition = new.definition;
END;
CREATE TRIGGER count_waiting AFTER UPDATE OF waiting, incidents ON instances BEGIN
    UPDATE totals SET
        waiting = waiting + (new.waiting > 0) - (old.waiting > 0),
        incidents = incidents + new.incidents - old.incidents
    WHERE definition = new.definition;
END;
CREATE TRIGGER count_item AFTER INSERT ON inbox BEGIN
    UPDATE instances SET waiting = waiting + 1, incidents = incidents + (new.kind = 'incident')
    WHERE key = new.instance;
END;
CREATE TRIGGER count_item_done AFTER UPDATE OF state ON inbox WHEN old.state = 'CREATED' AND new.state <> old.state
BEGIN
    UPDATE instances SET waiting = waiting - 1, incidents = incidents - (new.kind = 'incident')
    WHERE key = new.instance;
END;
"""


def _started(scene: Scene, event: InstanceCreated) -> None:
    scene.execute(
        "INSERT INTO minutes VALUES (?, 1, 0) ON CONFLICT DO UPDATE SET started = started + 1",
        (scene.at // MINUTE_MS * MINUTE_MS,),
    )


def _completed(scene: Scene, event: ElementCompleted) -> None:
    if scene.place(event.key).type == "PROCESS":
        scene.execute(
            "INSERT INTO minutes VALUES (?, 0, 1) ON CONFLICT DO UPDATE SET completed = completed + 1",
            (scene.at // MINUTE_MS * MINUTE_MS,),
        )


VIEW = View("overview", SCHEMA, {InstanceCreated: _started, ElementCompleted: _completed})
