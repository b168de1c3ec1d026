"""Deployed processes and decisions: which versions there are, and their compiled graphs."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from clearance.kernel.compile import CompileError, compile_process
from clearance.kernel.shared.correlation import key_of_message
from clearance.ledger.rows import DecisionFile, Definition
from clearance.model.definition import Process, read_process
from clearance.model.graph import Graph
from clearance.model.ports import Decisions, Expressions
from clearance.model.values import Data

_MAY_CONVERSE = re.compile('"correlations":')

DecisionReader = Callable[[list[DecisionFile]], Decisions]
"""Makes one evaluator of all deployed decision files; raises ValueError with a message for the author."""


class Registry:
    """Versions by process, graphs by content hash; graphs are compiled when first needed."""

    def __init__(self, expressions: Expressions, read_decisions: DecisionReader) -> None:
        self._expressions = expressions
        self._read_decisions = read_decisions
        self._by_process: dict[str, list[Definition]] = {}
        self._by_hash: dict[str, Definition] = {}
        self._conversing: dict[str, None] = {}
        """Processes that correlate by properties."""
        self._graphs: dict[str, Graph] = {}
        self._files: dict[str, DecisionFile] = {}
        self.decisions: Decisions | None = None

    def clear(self) -> None:
        """Forget what is deployed; graphs stay, their hash says what they are."""
        self._by_process.clear()
        self._by_hash.clear()
        self._conversing.clear()
        self._files.clear()
        self.decisions = None

    def load(self, definitions: list[Definition], files: list[DecisionFile]) -> None:
        """What a store remembers."""
        for definition in definitions:
            self.add(definition)
        for file in files:
            self._files[file.name] = file
        if self._files:
            self.decisions = self._read_decisions(list(self._files.values()))

    def add(self, definition: Definition) -> None:
        self._by_process.setdefault(definition.process, []).append(definition)
        self._by_hash[definition.hash] = definition
        if _MAY_CONVERSE.search(str(definition.content)):  # whatever a damaged store holds there, verification says
            self._conversing[definition.process] = None

    def conversation_key(self, name: str, variables: Mapping[str, Data], moment: datetime) -> str:
        """What a message without a key says of its conversation, by the latest version of a process that knows it."""
        for process in self._conversing:
            key = key_of_message(self.graph(self._by_process[process][-1].hash), name, variables, moment)
            if key:
                return key
        return ""

    def add_decisions(self, file: DecisionFile) -> None:
        """Replaces the file of the same name; raises ValueError and changes nothing when it cannot be read."""
        files = {**self._files, file.name: file}
        self.decisions = self._read_decisions(list(files.values()))
        self._files = files

    def decision_file(self, name: str) -> DecisionFile | None:
        return self._files.get(name)

    def latest(self, process: str) -> Definition | None:
        versions = self._by_process.get(process)
        return versions[-1] if versions else None

    def version(self, process: str, version: int) -> Definition | None:
        for definition in self._by_process.get(process, ()):
            if definition.version == version:
                return definition
        return None

    def versions(self, process: str) -> list[Definition]:
        """All versions of a process, oldest first."""
        return self._by_process.get(process, [])

    def definition(self, definition: str) -> Definition:
        """By content hash; raises KeyError when nothing with it is deployed."""
        return self._by_hash[definition]

    def processes(self) -> list[str]:
        return sorted(self._by_process)

    def compile(self, process: Process) -> Graph:
        """A graph for a process that is not deployed yet; raises CompileError."""
        return compile_process(process, self._expressions)

    def version_of(self, definition: str) -> Definition:
        """The latest version with that content; raises KeyError when nothing with it is deployed."""
        return self._by_hash[definition]

    def knows(self, definition: str) -> bool:
        """Whether something with that content hash is deployed."""
        return definition in self._by_hash

    def graph(self, definition: str) -> Graph:
        """By content hash; raises KeyError when nothing with it is deployed."""
        graph = self._graphs.get(definition)
        if graph is None:
            content = self._by_hash[definition].content
            process = read_process(content)
            graph = compile_process(process, self._expressions, definition)
            self._graphs[definition] = graph
        return graph


__all__ = ["CompileError", "DecisionReader", "Registry"]
