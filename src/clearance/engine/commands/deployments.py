"""Deploying processes and decisions. The first shard decides version and key; the others adopt exactly that."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import msgspec

from clearance.engine.commands.start_events import close_starts, start_rows
from clearance.engine.state.shard_state import ShardState
from clearance.kernel.compile import CompileError
from clearance.kernel.working import Fault
from clearance.ledger.rows import DecisionFile, Definition
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.model.events import DecisionsDeployed, ProcessDeployed
from clearance.model.parcels import DecisionVersion, Parcel, ProcessVersion


def deploy(state: ShardState, command: commands.DeployProcess) -> Answer | Refusal:
    """A new version of a process, unless its content is that of the latest."""
    process = command.process
    latest = state.registry.latest(process.id)
    digest = process.content_hash()
    if latest is not None and latest.hash == digest:
        return Answer(latest.key, state.position, latest.version)
    try:
        graph = state.registry.compile(process)
        subscriptions, timers = start_rows(graph, digest, state.next_key, state.now)
    except (CompileError, Fault) as error:
        return Refusal("invalid", str(error))
    key = state.new_key(len(graph.nodes) + 1 + sum(len(node.triggers) for node in graph.nodes))
    version = latest.version + 1 if latest else 1
    content = msgspec.json.encode(process)
    definition = Definition(key, process.id, process.name, version, digest, content, command.xml)
    if latest is not None:
        close_starts(state.batch, latest.key, state.registry.graph(latest.hash))
    state.batch.deploy(definition, subscriptions, timers)
    state.registry.add(definition)
    event = ProcessDeployed(key, process.id, process.name, version, digest, content.decode(), command.xml)
    state.record_own({"type": "deploy-process"}, [event])
    _post_to_all(
        state,
        ProcessVersion(
            key=key,
            process=process.id,
            name=process.name,
            version=version,
            definition=digest,
            content=event.content,
            xml=command.xml,
            at=state.now,
        ),
    )
    return Answer(key, state.position, version)


def deploy_decisions(state: ShardState, command: commands.DeployDecisions) -> Answer | Refusal:
    """A decision file under its name; the latest of each name counts."""
    digest = hashlib.sha256(command.content).hexdigest()
    present = state.registry.decision_file(command.name)
    if present is not None and present.sha256 == digest:
        return Answer(present.key, state.position)
    file = DecisionFile(state.new_key(), command.name, digest, command.content)
    try:
        state.registry.add_decisions(file)
    except ValueError as error:
        return Refusal("invalid", f"{command.name}: {error}")
    _keep_decisions(state, file)
    content = base64.b64encode(command.content).decode()
    _post_to_all(state, DecisionVersion(key=file.key, name=file.name, sha256=digest, content=content))
    return Answer(file.key, state.position)


def _adopt_process(state: ShardState, parcel: ProcessVersion) -> None:
    """A version that the first shard has deployed: the same here, without its schedule, which is the first shard's."""
    latest = state.registry.latest(parcel.process)
    if latest is not None:
        close_starts(state.batch, latest.key, state.registry.graph(latest.hash))
    definition = Definition(
        parcel.key,
        parcel.process,
        parcel.name,
        parcel.version,
        parcel.definition,
        parcel.content.encode(),
        parcel.xml,
    )
    state.registry.add(definition)
    graph = state.registry.graph(definition.hash)
    subscriptions, _ = start_rows(graph, definition.hash, definition.key, parcel.at)
    state.batch.deploy(definition, subscriptions, {})
    event = ProcessDeployed(
        parcel.key,
        parcel.process,
        parcel.name,
        parcel.version,
        parcel.definition,
        parcel.content,
        parcel.xml,
        parcel.at,
    )
    state.record_own({"type": "deploy-process"}, [event])


def _adopt_decisions(state: ShardState, parcel: DecisionVersion) -> None:
    file = DecisionFile(parcel.key, parcel.name, parcel.sha256, base64.b64decode(parcel.content))
    state.registry.add_decisions(file)
    _keep_decisions(state, file)


def _keep_decisions(state: ShardState, file: DecisionFile) -> None:
    state.batch.decisions.append(file)
    event = DecisionsDeployed(file.key, file.name, file.sha256, base64.b64encode(file.content).decode())
    state.record_own({"type": "deploy-decisions", "name": file.name}, [event])


def _post_to_all(state: ShardState, parcel: Parcel) -> None:
    if state.neighbours is not None:
        for other in state.neighbours.others:
            state.neighbours.post(other, parcel)


ON_ARRIVAL: dict[type, Callable[[ShardState, Any], None]] = {
    ProcessVersion: _adopt_process,
    DecisionVersion: _adopt_decisions,
}
"""What a deployment of the first shard leads to where it arrives."""
