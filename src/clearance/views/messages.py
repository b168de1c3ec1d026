"""Messages that came in, and which instances they reached."""

from clearance.model.events import MessageCorrelated, MessagePublished
from clearance.views.scene import Scene, View

SCHEMA = """
CREATE TABLE messages (
    key INTEGER PRIMARY KEY, name TEXT NOT NULL, correlation_key TEXT NOT NULL, message_id TEXT NOT NULL,
    published INTEGER NOT NULL, expires INTEGER NOT NULL
) STRICT;
CREATE TABLE correlations (
    message INTEGER NOT NULL, process TEXT NOT NULL, instance INTEGER NOT NULL, position INTEGER NOT NULL,
    PRIMARY KEY (message, process, instance)
) STRICT, WITHOUT ROWID;
"""


def _published(scene: Scene, event: MessagePublished) -> None:
    scene.execute(
        "INSERT OR IGNORE INTO messages VALUES (?, ?, ?, ?, ?, ?)",
        (event.key, event.name, event.correlation_key, event.message_id, scene.at, event.expires),
    )


def _correlated(scene: Scene, event: MessageCorrelated) -> None:
    scene.execute(
        "INSERT OR IGNORE INTO correlations VALUES (?, ?, ?, ?)",
        (event.key, event.process, event.instance, scene.position),
    )


VIEW = View("messages", SCHEMA, {MessagePublished: _published, MessageCorrelated: _correlated})
