"""What the web needs of the floors beside and below: an engine, and readers of the files that people deploy."""

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Protocol, runtime_checkable

import msgspec

from clearance.model.clearance import Request, Ruling
from clearance.model.commands import Answer, Command, Refusal
from clearance.model.definition import Process
from clearance.model.work import BlobReader, BlobRef


class EnginePort(Protocol):
    """The engine as the web sees it."""

    @property
    def blobs(self) -> BlobReader: ...

    def submit(self, command: Command) -> "Future[Answer | Refusal]":
        """Resolved only once the command is committed, or refused."""
        ...

    def rule(self, request: Request) -> Ruling: ...


class Deployable(msgspec.Struct, frozen=True):
    """One process of a BPMN file, and the XML to keep with it."""

    process: Process
    xml: str
    warnings: tuple[str, ...] = ()
    """What its author should look at; errors are refused by the reader."""


class DecisionName(msgspec.Struct, frozen=True):
    id: str
    name: str


@runtime_checkable
class KnowsDocuments(Protocol):
    """A place for documents that also knows what they were kept as."""

    def about(self, sha256: str) -> BlobRef:
        """Raises KeyError when nothing with that hash is kept."""
        ...


class Readers(Protocol):
    """Reads deployed files; ``compose.py`` supplies it. Both raise ValueError with file, element and remedy."""

    def processes(self, content: bytes, name: str) -> Sequence[Deployable]: ...

    def decisions(self, content: bytes, name: str) -> Sequence[DecisionName]: ...
