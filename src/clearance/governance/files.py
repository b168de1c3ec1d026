"""Reads folders of policies: all ``*.cedar`` and ``*.cedarschema`` files in them, checked before any is used.

All mistakes are found in one pass, each with file, line and policy. A policy's id is its ``@id``, else its file and
line. A schema may be in any of the folders.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cedarpy
import msgspec

from clearance.governance import obligations, schema
from clearance.governance.errors import Finding, PolicyError
from clearance.governance.obligations import ObligationError, Obligations
from clearance.governance.schema import ConflictError
from clearance.governance.schema_text import SchemaError, read_schema
from clearance.governance.statements import statements
from clearance.governance.types import Action

SHIPPED = Path(__file__).with_name("policies")
FILE_BYTES_MAX = 1_000_000
POLICIES_MAX = 5_000


class Policy(msgspec.Struct, frozen=True):
    """One policy of a file."""

    id: str
    effect: str
    """permit or forbid."""
    obligations: Obligations
    content: Mapping[str, Any]
    """Cedar's JSON form."""
    text: str
    file: str
    line: int


class PolicyFiles(msgspec.Struct, frozen=True):
    """Everything that was read, in order, and found without fault."""

    policies: tuple[Policy, ...]
    actions: Mapping[str, Action]
    schema: str


def read_folders(folders: Iterable[Path]) -> PolicyFiles:
    """The shipped policies and those of the folders; raises :class:`PolicyError`."""
    reader = _Reader()
    reader.folder(SHIPPED)
    reader.shipped = dict(reader.actions)
    for folder in folders:
        reader.folder(folder)
    files = reader.checked()
    if reader.findings:
        raise PolicyError(reader.findings)
    return files


class _Reader:
    """Collects what the files say, and what is wrong with them."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.actions: dict[str, Action] = {}
        self.shipped: dict[str, Action] = {}
        self._policies: dict[str, Policy] = {}

    def folder(self, folder: Path) -> None:
        """The schemas of a folder, then its policies."""
        if not folder.is_dir():
            self._found(folder.name, f"there is no folder {folder}: name one that holds .cedar files")
            return
        for path in _sorted(folder, "*.cedarschema"):
            self._schema(path)
        for path in _sorted(folder, "*.cedar"):
            self._file(path)

    def checked(self) -> PolicyFiles:
        """All policies against the whole schema."""
        text = schema.text(self.actions.values())
        try:
            parsed = cedarpy.Schema.from_str(text)
        except ValueError as problem:
            self._found("schema", f"{problem}: declare the groups that actions are in as well")
            return PolicyFiles((), {}, text)
        for policy in self._policies.values():
            for error in cedarpy.validate_policies(policy.text, parsed).errors:
                message = error.error.removeprefix("for policy `policy0`, ")
                self._found(policy.file, message + _remedy(message), policy.line, policy.id)
        if len(self._policies) > POLICIES_MAX:
            self._found("policies", f"{len(self._policies)} policies; {POLICIES_MAX} are the most that can be used")
        return PolicyFiles(tuple(self._policies.values()), self.actions, text)

    def _schema(self, path: Path) -> None:
        source = self._source(path)
        try:
            self.actions = schema.extended(self.actions, read_schema(source), self.shipped)
        except (SchemaError, ConflictError) as error:
            self._found(path.name, str(error))

    def _file(self, path: Path) -> None:
        for statement in statements(self._source(path)):
            line = statement.line
            try:
                parsed = json.loads(cedarpy.policies_to_json_str(statement.text))
            except ValueError as error:
                self._found(path.name, f"{error}: this is not a Cedar policy", line)
                continue
            if parsed["templates"]:
                self._found(path.name, "a template with ? slots is never used: name the principal and resource", line)
            for content in parsed["staticPolicies"].values():
                self._policy(path.name, line, content, statement.text)

    def _policy(self, file: str, line: int, content: Mapping[str, Any], text: str) -> None:
        annotations = content.get("annotations", {})
        name = (annotations.get("id") or "").strip() or f"{file}:{line}"
        try:
            read = obligations.read(annotations, content["effect"])
        except ObligationError as error:
            self._found(file, str(error), line, name)
            return
        other = self._policies.get(name)
        if other is not None:
            place = f"{other.file}:{other.line}"
            self._found(file, f"{place} has the same @id: give each policy one of its own", line, name)
            return
        self._policies[name] = Policy(name, content["effect"], read, content, text, file, line)

    def _source(self, path: Path) -> str:
        """The text of a file; empty, and a finding, when it cannot be read."""
        try:
            content = path.read_bytes()
        except OSError as error:
            self._found(path.name, f"it cannot be read: {error.strerror}")
            return ""
        if len(content) > FILE_BYTES_MAX:
            self._found(path.name, f"it has more than {FILE_BYTES_MAX} bytes: split it into several files")
            return ""
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            self._found(path.name, "it is not UTF-8: save it with that encoding", line)
            return ""

    def _found(self, file: str, message: str, line: int = 0, policy: str = "") -> None:
        self.findings.append(Finding(file, message, line, policy))


def _sorted(folder: Path, pattern: str) -> Sequence[Path]:
    return sorted(folder.glob(pattern), key=lambda path: path.name)


def _remedy(message: str) -> str:
    """What to do about a message of Cedar's validator."""
    if "unrecognized action" in message:
        return ": declare the action in a .cedarschema file, or correct its name"
    if "unrecognized entity type" in message:
        return ": entity types are Actor, Person, Role, Process and Element"
    if "attribute" in message and "not found" in message:
        return ": name the action in the policy's head, and declare in a .cedarschema file the parameters that it reads"
    if "optional" in message or "unable to guarantee safety" in message:
        return ": ask first with has, as in context.parameters has iban && context.parameters.iban ..."
    return ""
