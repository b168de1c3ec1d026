"""Messages that came in, which instances they reached, and which they are on their way to."""

from clearance.model.events import MessageCorrelated, MessageDeclined, MessageOffered, MessagePublished
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
CREATE TABLE offers (
    message INTEGER NOT NULL, process TEXT NOT NULL, PRIMARY KEY (message, process)
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
    _answered(scene, event)


def _offered(scene: Scene, event: MessageOffered) -> None:
    scene.execute("INSERT INTO offers VALUES (?, ?)", (event.key, event.process))


def _answered(scene: Scene, event: MessageCorrelated | MessageDeclined) -> None:
    scene.execute("DELETE FROM offers WHERE message = ? AND process = ?", (event.key, event.process))


VIEW = View(
    "messages",
    SCHEMA,
    {
        MessagePublished: _published,
        MessageOffered: _offered,
        MessageCorrelated: _correlated,
        MessageDeclined: _answered,
    },
)
