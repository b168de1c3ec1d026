"""Evaluating conditions: an instance for each conditional start event whose condition holds for given variables."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from clearance.engine.commands.start_events import create, starting
from clearance.engine.commands.steps import Steps
from clearance.engine.state.shard_state import ShardState
from clearance.ledger.command_summary import summary
from clearance.ledger.rows import Definition
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.model.definition import ConditionalDefinition
from clearance.model.events import ConditionsEvaluated
from clearance.model.graph import Graph, Node
from clearance.model.values import Data, from_json, to_json


def evaluate(state: ShardState, command: commands.EvaluateConditions) -> Steps[Answer | Refusal]:
    """An instance for each conditional start event whose condition holds for the variables."""
    variables = to_json(command.variables)
    if len(variables) > state.settings.payload_max:
        return Refusal("invalid", f"the variables are larger than {state.settings.payload_max} bytes: use a document")
    if command.process and state.registry.latest(command.process) is None:
        return Refusal("not-found", f"process {command.process} is not deployed")
    given = from_json(variables)
    moment = datetime.fromtimestamp(state.now / 1000, UTC)
    holding = [
        (definition, node, number)
        for definition in _waiting_versions(state, command)
        for node, number in _holding(state.registry.graph(definition.hash), given, moment)
    ]
    for definition, _, _ in holding:
        if command.may_start is not None and definition.process not in command.may_start:
            return Refusal("denied", f"process {definition.process} would start, which you may not start")
    key = state.new_key()
    state.record_own(summary(command), [ConditionsEvaluated(key, given)])
    position = state.position
    started: list[Data] = []
    for definition, node, number in holding:
        begun = yield create(state, definition.hash, node.index, given, command.tenant, key, number)
        if isinstance(begun, Answer):
            position = begun.position
            started.append({"process": definition.process, "definition": definition.key, "instance": begun.key})
    return Answer(key, position, report=started)


def _waiting_versions(state: ShardState, command: commands.EvaluateConditions) -> Iterator[Definition]:
    """The latest version of each process in question: earlier ones wait no longer."""
    for process in [command.process] if command.process else state.registry.processes():
        latest = state.registry.latest(process)
        if latest is not None and command.version in (0, latest.version):
            yield latest


def _holding(graph: Graph, given: Mapping[str, Data], moment: datetime) -> Iterator[tuple[Node, int]]:
    """Start events whose condition holds, with which of their triggers that is.

    One that names variables is looked at only when one of these is given.
    """
    for node in starting(graph):
        for number, trigger in enumerate(node.triggers):
            definition = trigger.definition
            if not isinstance(definition, ConditionalDefinition):
                continue
            named = definition.variable_names
            if named and not any(name in given for name in named):
                continue
            if trigger.texts["conditional.condition"].evaluate(given, moment) is True:
                yield node, number
