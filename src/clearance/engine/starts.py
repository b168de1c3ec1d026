"""Deploying, and what starts an instance: a command, a message or signal that a start event waits for, a start timer.

The start events of the latest version wait; those of earlier versions do so no longer.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from clearance.engine.state.registry import Registry
from clearance.kernel.compile import CompileError
from clearance.kernel.shared import times
from clearance.kernel.working import Fault
from clearance.ledger.command_summary import summary
from clearance.ledger.rows import Batch, DecisionFile, Definition, SubscriptionRow, TimerRow
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.model.definition import (
    ConditionalDefinition,
    EventBasedGateway,
    MessageDefinition,
    SignalDefinition,
    StartEvent,
    TimerDefinition,
)
from clearance.model.events import ConditionsEvaluated, DecisionsDeployed, ProcessDeployed, StartTimerFired
from clearance.model.graph import PROCESS, Graph, Node, Trigger
from clearance.model.parcels import DecisionVersion, Parcel, ProcessVersion
from clearance.model.values import Data, from_json, to_json

if TYPE_CHECKING:
    from clearance.engine.shard import Shard


class StartTimer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is kept of a start timer."""

    definition: str
    node: int
    repetitions: int
    interval: str
    calendar: str = ""
    seal: str = ""
    """Over all of it, with key and time."""


_read_timer = msgspec.json.Decoder(StartTimer).decode


def deploy(shard: Shard, command: commands.DeployProcess) -> Answer | Refusal:
    """A new version of a process, unless its content is that of the latest."""
    process = command.process
    latest = shard.registry.latest(process.id)
    digest = process.content_hash()
    next_key = shard.next_key
    if latest is not None and latest.hash == digest:
        return Answer(latest.key, shard.position, latest.version)
    try:
        graph = shard.registry.compile(process)
        key = shard.new_key(len(graph.nodes) + 1 + sum(len(node.triggers) for node in graph.nodes))
        subscriptions, timers = start_rows(graph, digest, key, shard.now)
    except (CompileError, Fault) as error:
        shard.next_key = next_key
        return Refusal("invalid", str(error))
    version = latest.version + 1 if latest else 1
    content = msgspec.json.encode(process)
    definition = Definition(key, process.id, process.name, version, digest, content, command.xml)
    if latest is not None:
        close_starts(shard.batch, latest.key, shard.registry.graph(latest.hash))
    shard.batch.subscriptions_set.update(subscriptions)
    shard.batch.timers_set.update(timers)
    shard.registry.add(definition)
    shard.batch.definitions.append(definition)
    event = ProcessDeployed(key, process.id, process.name, version, digest, content.decode(), command.xml)
    shard.write_shard({"type": "deploy-process"}, [event])
    _tell_others(
        shard,
        ProcessVersion(
            key=key,
            process=process.id,
            name=process.name,
            version=version,
            definition=digest,
            content=event.content,
            xml=command.xml,
            at=shard.now,
        ),
    )
    return Answer(key, shard.position, version)


def _adopt(shard: Shard, parcel: ProcessVersion) -> None:
    """A version that the first shard has deployed: the same here, without its schedule, which is the first shard's."""
    latest = shard.registry.latest(parcel.process)
    if latest is not None:
        close_starts(shard.batch, latest.key, shard.registry.graph(latest.hash))
    definition = Definition(
        parcel.key,
        parcel.process,
        parcel.name,
        parcel.version,
        parcel.definition,
        parcel.content.encode(),
        parcel.xml,
    )
    shard.registry.add(definition)
    graph = shard.registry.graph(definition.hash)
    subscriptions, _ = start_rows(graph, definition.hash, definition.key, parcel.at)
    shard.batch.subscriptions_set.update(subscriptions)
    shard.batch.definitions.append(definition)
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
    shard.write_shard({"type": "deploy-process"}, [event])


def _tell_others(shard: Shard, parcel: Parcel) -> None:
    if shard.neighbours is not None:
        for other in shard.neighbours.others:
            shard.neighbours.post(other, parcel)


def deploy_decisions(shard: Shard, command: commands.DeployDecisions) -> Answer | Refusal:
    """A decision file under its name; the latest of each name counts."""
    digest = hashlib.sha256(command.content).hexdigest()
    present = shard.registry.decision_file(command.name)
    if present is not None and present.sha256 == digest:
        return Answer(present.key, shard.position)
    file = DecisionFile(shard.new_key(), command.name, digest, command.content)
    try:
        shard.registry.add_decisions(file)
    except ValueError as error:
        return Refusal("invalid", f"{command.name}: {error}")
    _keep_decisions(shard, file)
    content = base64.b64encode(command.content).decode()
    _tell_others(shard, DecisionVersion(key=file.key, name=file.name, sha256=digest, content=content))
    return Answer(file.key, shard.position)


def _keep_decisions(shard: Shard, file: DecisionFile) -> None:
    shard.batch.decisions.append(file)
    event = DecisionsDeployed(file.key, file.name, file.sha256, base64.b64encode(file.content).decode())
    shard.write_shard({"type": "deploy-decisions", "name": file.name}, [event])


def _adopt_decisions(shard: Shard, parcel: DecisionVersion) -> None:
    file = DecisionFile(parcel.key, parcel.name, parcel.sha256, base64.b64decode(parcel.content))
    shard.registry.add_decisions(file)
    _keep_decisions(shard, file)


TAKERS: dict[type, Callable[[Shard, Any], None]] = {ProcessVersion: _adopt, DecisionVersion: _adopt_decisions}
"""What a deployment of the first shard leads to here."""


def start(shard: Shard, command: commands.StartInstance) -> Answer | Refusal:
    """An instance through the process's none start event."""
    if command.version:
        definition = shard.registry.version(command.process, command.version)
    else:
        definition = shard.registry.latest(command.process)
    if definition is None:
        which = f"version {command.version} of process" if command.version else "process"
        known = ", ".join(shard.registry.processes()) or "none"
        return Refusal("not-found", f"{which} {command.process} is not deployed (deployed: {known})")
    variables = to_json(command.variables)
    if len(variables) > shard.settings.payload_max:
        return Refusal("invalid", f"the variables are larger than {shard.settings.payload_max} bytes: use a document")
    graph = shard.registry.graph(definition.hash)
    node = _plain_start(graph)
    if node is None:
        return Refusal("invalid", f"process {command.process} has no none start event: send what it starts on")
    return _begin(shard, definition.hash, node, from_json(variables), command.tenant)


def _plain_start(graph: Graph) -> int | None:
    """The none start event; the process itself when it has no start event and begins at what nothing leads to."""
    begins: int | None = PROCESS
    for index in graph.nodes[PROCESS].starts:
        node = graph.nodes[index]
        if isinstance(node.element, StartEvent):
            if not node.triggers:
                return index
            begins = None
        elif _instantiates(node):
            begins = None
    return begins


def _instantiates(node: Node) -> bool:
    return bool(getattr(node.element, "instantiate", False))


def start_on_message(
    shard: Shard, row: SubscriptionRow, key: int, variables: Mapping[str, Data], tenant: str, label: str
) -> Answer | Refusal:
    """An instance through a message or signal start event."""
    number = _number(shard, row.definition, row.key)
    return _begin(shard, row.definition, row.node, variables, tenant, key, label, number)


def evaluate(shard: Shard, command: commands.EvaluateConditions) -> Answer | Refusal:
    """An instance for each conditional start event whose condition holds for the variables."""
    variables = to_json(command.variables)
    if len(variables) > shard.settings.payload_max:
        return Refusal("invalid", f"the variables are larger than {shard.settings.payload_max} bytes: use a document")
    if command.process and shard.registry.latest(command.process) is None:
        return Refusal("not-found", f"process {command.process} is not deployed")
    given = from_json(variables)
    moment = datetime.fromtimestamp(shard.now / 1000, UTC)
    holding = [
        (definition, node, number)
        for definition in _waiting_versions(shard, command)
        for node, number in _holding(shard.registry.graph(definition.hash), given, moment)
    ]
    for definition, _, _ in holding:
        if command.may_start is not None and definition.process not in command.may_start:
            return Refusal("denied", f"process {definition.process} would start, which you may not start")
    key = shard.new_key()
    shard.write_shard(summary(command), [ConditionsEvaluated(key, given)])
    position = shard.position
    started: list[Data] = []
    for definition, node, number in holding:
        begun = _begin(shard, definition.hash, node.index, given, command.tenant, key, trigger=number)
        if isinstance(begun, Answer):
            position = begun.position
            started.append({"process": definition.process, "definition": definition.key, "instance": begun.key})
    return Answer(key, position, report=started)


def _waiting_versions(shard: Shard, command: commands.EvaluateConditions) -> Iterator[Definition]:
    """The latest version of each process in question: earlier ones wait no longer."""
    for process in [command.process] if command.process else shard.registry.processes():
        latest = shard.registry.latest(process)
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


def fire(shard: Shard, command: commands.FireStart) -> Answer | Refusal:
    """A start timer is due: an instance, and the next time of a cycle."""
    timer = _read_timer(command.detail)
    row = shard.indexes.timer(command.key)
    if row is None or row.due != command.due:
        return Refusal("not-found", "the start timer is not set any longer")
    fired = next_firing(shard.registry, row, shard.now)
    shard.write_shard({"type": "fire-start"}, [fired])
    set_again(shard.batch, row, fired)
    return _begin(
        shard, timer.definition, timer.node, {}, "<default>", trigger=_number(shard, timer.definition, command.key)
    )


def next_firing(registry: Registry, row: TimerRow, now: int) -> StartTimerFired:
    """A start timer that is due, with when it will be due again."""
    timer = msgspec.json.decode(row.detail, type=StartTimer)
    left = timer.repetitions - 1 if timer.repetitions > 0 else timer.repetitions
    due = None
    if timer.interval and left:
        base = datetime.fromtimestamp(row.due / 1000, UTC)
        calendars = registry.graph(timer.definition).calendars
        moment = datetime.fromtimestamp(now / 1000, UTC)
        due = times.next_time(base, moment, timer.interval, calendars.get(timer.calendar), "start timer")
    return StartTimerFired(row.key, row.due, due or 0, left if due is not None else 0)


def set_again(batch: Batch, row: TimerRow, fired: StartTimerFired) -> None:
    """The timer's row as it is once it has fired."""
    batch.timers_set.pop(row.key, None)
    batch.timers_gone.add(row.key)
    if fired.again:
        timer = msgspec.json.decode(row.detail, type=StartTimer)
        again = msgspec.structs.replace(timer, repetitions=fired.repetitions)
        batch.timers_set[row.key] = _set(TimerRow(fired.again, row.key, 0, "start"), again)


def _begin(
    shard: Shard,
    definition: str,
    node: int,
    variables: Mapping[str, Data],
    tenant: str,
    message: int = 0,
    label: str = "",
    trigger: int = 0,
) -> Answer | Refusal:
    return shard.advance(
        commands.Create(
            key=shard.new_key(),
            definition=definition,
            node=node,
            trigger=trigger,
            variables=variables,
            tenant=tenant,
            message=message,
            label=label,
        )
    )


def _number(shard: Shard, definition: str, own: int) -> int:
    """Which trigger of its event has happened; it matters only where all of them must."""
    version = shard.registry.version_of(definition)
    for key, node, trigger in waits(shard.registry.graph(definition), version.key):
        if key == own and node.parallel:
            return node.triggers.index(trigger)
    return 0


def starting(graph: Graph) -> Iterator[Node]:
    """Events that start an instance: start events, receive tasks that instantiate, events after such a gateway."""
    for index in graph.nodes[PROCESS].starts:
        node = graph.nodes[index]
        if isinstance(node.element, EventBasedGateway) and _instantiates(node):
            yield from (graph.nodes[edge.target] for edge in node.outgoing)
        elif isinstance(node.element, StartEvent) or _instantiates(node):
            yield node


def waits(graph: Graph, first: int) -> Iterator[tuple[int, Node, Trigger]]:
    """What the version's start events wait for, with the keys that follow from the version's own.

    The first trigger of an event has the version's key plus the event's index; further ones follow after all of these.
    """
    further = first + len(graph.nodes)
    for node in starting(graph):
        for number, trigger in enumerate(node.triggers):
            further += number > 0
            yield (further if number else first + node.index), node, trigger


def start_rows(
    graph: Graph, definition: str, key: int, now: int
) -> tuple[dict[int, SubscriptionRow], dict[int, TimerRow]]:
    """What the start events of a version with this key wait for."""
    subscriptions: dict[int, SubscriptionRow] = {}
    timers: dict[int, TimerRow] = {}
    for own, node, trigger in waits(graph, key):
        if isinstance(trigger.definition, MessageDefinition | SignalDefinition):
            kind = "message" if isinstance(trigger.definition, MessageDefinition) else "signal"
            name = _constant(node, trigger, f"{kind}.name", now)
            row = SubscriptionRow(f"start-{kind}", name, "", own, 0, graph.process.id, definition, node.index)
            subscriptions[own] = row
        elif isinstance(trigger.definition, TimerDefinition):
            due, repetitions, interval = _schedule(graph, node, trigger, now)
            start = StartTimer(definition, node.index, repetitions, interval, trigger.definition.calendar)
            timers[own] = _set(TimerRow(due, own, 0, "start"), start)
    return subscriptions, timers


def _set(row: TimerRow, timer: StartTimer) -> TimerRow:
    """The row, with what it is set to under a seal: nothing in the ledger says when a start timer fires next."""
    sealed = msgspec.structs.replace(timer, seal=_seal(row, timer))
    return msgspec.structs.replace(row, detail=msgspec.json.encode(sealed).decode())


def sealed(row: TimerRow) -> bool:
    """Whether a start timer is what it was set to; those of earlier releases have no seal."""
    try:
        timer = _read_timer(row.detail)
    except ValueError:
        return False
    return timer.seal in ("", _seal(row, timer))


def _seal(row: TimerRow, timer: StartTimer) -> str:
    said = msgspec.json.encode((row.key, row.due, msgspec.structs.replace(timer, seal="")))
    return hashlib.sha256(said).hexdigest()[:16]


def close_starts(batch: Batch, key: int, graph: Graph) -> None:
    """What the start events of a version with this key waited for is not waited for any longer."""
    for own, _, trigger in waits(graph, key):
        if isinstance(trigger.definition, MessageDefinition | SignalDefinition):
            batch.subscriptions_set.pop(own, None)
            batch.subscriptions_gone.add(own)
        elif isinstance(trigger.definition, TimerDefinition):
            batch.timers_set.pop(own, None)
            batch.timers_gone.add(own)


def _constant(node: Node, trigger: Trigger, name: str, now: int) -> str:
    """A text that may not depend on variables: there is no instance yet."""
    data = trigger.texts[name].evaluate({}, datetime.fromtimestamp(now / 1000, UTC))
    if not isinstance(data, str) or not data:
        raise Fault("expression", f"{node.label}: {name.replace('.', ' ')} of a start event must be a constant text")
    return data


def _schedule(graph: Graph, node: Node, trigger: Trigger, now: int) -> times.Schedule:
    written = {name: _constant(node, trigger, name, now) for name in trigger.texts}
    return times.schedule(datetime.fromtimestamp(now / 1000, UTC), written, graph.calendars, f"timer of {node.label}")
