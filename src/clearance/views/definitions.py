"""The deployed versions of each process, with the elements that events name by index."""

import msgspec

from clearance.model.definition import Process, UserTask, is_expression, read_process, walk
from clearance.model.events import ProcessDeployed
from clearance.views.scene import Scene, View, places_of

SCHEMA = """
CREATE TABLE definitions (
    key INTEGER PRIMARY KEY, process TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, tag TEXT NOT NULL,
    hash TEXT NOT NULL, xml TEXT NOT NULL, places TEXT NOT NULL, roles TEXT NOT NULL, deployed INTEGER NOT NULL
) STRICT;
CREATE INDEX definitions_by_hash ON definitions (hash, key);
CREATE INDEX definitions_by_process ON definitions (process, version);
CREATE TABLE adopted (
    shard INTEGER NOT NULL, definition INTEGER NOT NULL, PRIMARY KEY (shard, definition)
) STRICT, WITHOUT ROWID;
"""


def _deployed(scene: Scene, event: ProcessDeployed) -> None:
    process = read_process(event.content)
    scene.execute(
        "INSERT OR IGNORE INTO definitions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            event.key,
            event.process,
            event.name or process.name or event.process,
            event.version,
            process.version_tag,
            event.definition,
            event.xml,
            msgspec.json.encode(places_of(process)).decode(),
            msgspec.json.encode(_roles(process)).decode(),
            event.at or scene.at,
        ),
    )
    scene.execute("INSERT OR IGNORE INTO adopted VALUES (?, ?)", (scene.shard, event.key))
    scene.execute("INSERT OR IGNORE INTO totals (definition) VALUES (?)", (event.key,))
    scene.topics.add("overview")


def _roles(process: Process) -> list[str]:
    """Candidate groups in plain text, in order, once each; those that an expression yields are not known yet."""
    texts = [element.assignment.candidate_groups for element, _ in walk(process) if isinstance(element, UserTask)]
    groups = [group.strip() for text in texts if not is_expression(text) for group in text.split(",")]
    return [group for group in dict.fromkeys(groups) if group]


VIEW = View("definitions", SCHEMA, {ProcessDeployed: _deployed})
