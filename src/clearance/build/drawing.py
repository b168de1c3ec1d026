"""What all parts of the builder share: the canvas, and how a step gets onto it."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from clearance.build.canvas import Canvas
from clearance.build.contracts import Contract, schema_of
from clearance.build.data import Data, reading, writing
from clearance.build.errors import AuthorError
from clearance.build.loops import Each, Repeat, multi_instance, standard_loop
from clearance.build.step import Step
from clearance.build.texts import listeners, mappings, stale
from clearance.model import definition as model
from clearance.model.definition import Mapping as VariableMapping


class Doing(TypedDict, total=False):
    """What can be said of every step and group."""

    inputs: Mapping[str, str]
    """Variables of its own: ``{"name": "FEEL"}``."""
    saves: Mapping[str, str]
    """What is kept of its result: ``{"variable": "FEEL"}``; without any, everything."""
    reads: Sequence[Data]
    """Data objects and stores that go in."""
    writes: Sequence[Data]
    """Data objects and stores that come out."""
    for_each: Each | str
    """Once for every item: ``"line in invoice.lines"``, ``each(…)`` or ``times(…)``."""
    repeat: Repeat
    """Again and again: ``until(…)`` or ``as_long_as(…)``."""
    when_stale: str
    """When data that it has read changes after it was done: ``redo`` it, ``ask`` a person, or ``leave`` it."""
    asks_first: Sequence[str] | str
    """Actors, by job type, that are asked before it begins; it waits for them, one after the other."""
    asks_last: Sequence[str] | str
    """Actors that are asked before it is left."""
    note: str
    """Documentation."""


class Common(TypedDict):
    """The same as attributes of an activity."""

    id: str
    name: str
    documentation: str
    inputs: tuple[VariableMapping, ...]
    outputs: tuple[VariableMapping, ...]
    data: tuple[model.DataObject, ...]
    data_inputs: tuple[model.DataAssociation, ...]
    data_outputs: tuple[model.DataAssociation, ...]
    multi_instance: model.MultiInstance | None
    loop: model.StandardLoop | None
    new_evidence: str
    listeners: tuple[model.Listener, ...]


class Drawing:
    """The part of a process that is being written; the themes of the builder extend it."""

    _canvas: Canvas
    _contracts: dict[str, Contract]

    def _common(self, name: str, otherwise: str, doing: Doing) -> Common:
        if doing.get("for_each") is not None and doing.get("repeat") is not None:
            raise AuthorError(f'"{name}" has both for_each and repeat', "Keep one, or put one into a group around it")
        identifier = self._canvas.id_for(name, otherwise)
        given, read = reading(self._canvas, identifier, doing.get("reads", ()))
        kept, written = writing(self._canvas, identifier, doing.get("writes", ()))
        return Common(
            id=identifier,
            name=name,
            documentation=doing.get("note", ""),
            inputs=mappings(doing.get("inputs") or {}),
            outputs=mappings(doing.get("saves") or {}),
            data=given + kept,
            data_inputs=read,
            data_outputs=written,
            multi_instance=multi_instance(doing.get("for_each")),
            loop=standard_loop(doing.get("repeat")),
            new_evidence=stale(doing.get("when_stale", "")),
            listeners=listeners(doing.get("asks_first", ()), doing.get("asks_last", ())),
        )

    def _step(self, task: model.Element) -> Step:
        self._canvas.place(task)
        return Step(self._canvas, task.id, task.name)

    def _throw(self, name: str, definition: model.EventDefinition | None, otherwise: str = "event") -> str:
        identifier = self._canvas.id_for(name, otherwise)
        self._canvas.place(model.IntermediateThrowEvent(id=identifier, name=name, definition=definition))
        return identifier

    def _contract(self, work: str, does: object, takes: type | None, gives: type | None) -> Contract:
        contract = Contract(
            work,
            schema_of(takes) or getattr(does, "input_schema", {}),
            schema_of(gives) or getattr(does, "output_schema", {}),
        )
        known = self._contracts.get(work)
        if known is not None and (takes or gives) and known != contract:
            raise AuthorError(
                f'two steps use "{work}" with different types', "Give both the same takes and gives, or split the actor"
            )
        if known is None and (contract.input_schema or contract.output_schema):
            self._contracts[work] = contract
        return self._contracts.get(work, contract)
