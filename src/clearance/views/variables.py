"""The latest value of every variable in its scope, and which documents an instance refers to.

A document is anything with a ``sha256`` beside it (``clearance.model.work.BlobRef`` as data); a name that ends in
``_sha256`` refers to plain text that was read from one.
"""

from collections.abc import Iterator

import msgspec

from clearance.model.events import TaskCreated, VariablesSet
from clearance.model.values import Data, to_json
from clearance.views.scene import Scene, View

SCHEMA = """
CREATE TABLE variables (
    instance INTEGER NOT NULL, scope INTEGER NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, label TEXT NOT NULL,
    class TEXT NOT NULL, source INTEGER NOT NULL, PRIMARY KEY (instance, scope, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE documents (
    sha256 TEXT NOT NULL, instance INTEGER NOT NULL, name TEXT NOT NULL, media_type TEXT NOT NULL,
    size INTEGER NOT NULL, PRIMARY KEY (sha256, instance)
) STRICT, WITHOUT ROWID;
CREATE INDEX documents_by_instance ON documents (instance);
"""

_NAMES_A_DOCUMENT = "ha256"
"""In the text of every value that refers to a document: the end of ``sha256`` and ``textSha256``."""
DEPTH_MAX = 12
"""How deep in a value a document is looked for."""


class Document(msgspec.Struct, frozen=True):
    """A document that a value refers to."""

    sha256: str
    name: str
    media_type: str
    size: int


def documents_in(value: Data, depth: int = 0) -> Iterator[Document]:
    """Every document that the value refers to, in its order."""
    if isinstance(value, dict):
        sha256 = value.get("sha256")
        if isinstance(sha256, str) and is_sha256(sha256):
            media_type = value.get("media_type") or value.get("mediaType")
            size = value.get("size")
            yield Document(
                sha256,
                _text(value.get("name")),
                _text(media_type) or "application/octet-stream",
                size if isinstance(size, int) else 0,
            )
        for key, item in value.items():
            if key in ("text_sha256", "textSha256") and is_sha256(item):
                yield Document(item, "", "text/plain; charset=utf-8", 0)
            elif depth < DEPTH_MAX and isinstance(item, dict | list):
                yield from documents_in(item, depth + 1)
    elif isinstance(value, list) and depth < DEPTH_MAX:
        for item in value:
            if isinstance(item, dict | list):
                yield from documents_in(item, depth + 1)


def is_sha256(value: object) -> bool:
    return isinstance(value, str) and len(value) == 64 and all(letter in "0123456789abcdef" for letter in value)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _set(scene: Scene, event: VariablesSet) -> None:
    for name, value in event.values.items():
        text = to_json(value.data).decode()
        scene.execute(
            "INSERT OR REPLACE INTO variables VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                scene.instance,
                event.scope,
                name,
                text,
                value.label,
                value.classification,
                value.source,
            ),
        )
        if _NAMES_A_DOCUMENT in text:
            _keep_documents(scene, value.data)
    scene.topics.add("instances")


def _brief(scene: Scene, event: TaskCreated) -> None:
    _keep_documents(scene, event.brief)


def _keep_documents(scene: Scene, value: Data) -> None:
    for document in documents_in(value):
        scene.execute(
            "INSERT OR IGNORE INTO documents VALUES (?, ?, ?, ?, ?)",
            (document.sha256, scene.instance, document.name, document.media_type, document.size),
        )


VIEW = View("variables", SCHEMA, {VariablesSet: _set, TaskCreated: _brief})
