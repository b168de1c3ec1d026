"""What starts an instance: a command, a message or signal that a start event waits for, a start timer.

The start events of the latest version wait; those of earlier versions do so no longer.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import msgspec

from clearance.engine.commands.steps import Steps
from clearance.engine.state.registry import Registry
from clearance.engine.state.shard_state import ShardState
from clearance.kernel.shared import times
from clearance.kernel.working import Fault
from clearance.ledger.rows import Batch, SubscriptionRow, TimerRow
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.model.definition import (
    EventBasedGateway,
    MessageDefinition,
    SignalDefinition,
    StartEvent,
    TimerDefinition,
)
from clearance.model.events import StartTimerFired
from clearance.model.graph import PROCESS, Graph, Node, Trigger
from clearance.model.values import Data, from_json, to_json


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


def start(state: ShardState, command: commands.StartInstance) -> Steps[Answer | Refusal]:
    """An instance through the process's none start event."""
    if command.version:
        definition = state.registry.version(command.process, command.version)
    else:
        definition = state.registry.latest(command.process)
    if definition is None:
        which = f"version {command.version} of process" if command.version else "process"
        known = ", ".join(state.registry.processes()) or "none"
        return Refusal("not-found", f"{which} {command.process} is not deployed (deployed: {known})")
    variables = to_json(command.variables)
    if len(variables) > state.settings.payload_max:
        return Refusal("invalid", f"the variables are larger than {state.settings.payload_max} bytes: use a document")
    graph = state.registry.graph(definition.hash)
    node = _plain_start(graph)
    if node is None:
        return Refusal("invalid", f"process {command.process} has no none start event: send what it starts on")
    return (yield create(state, definition.hash, node, from_json(variables), command.tenant))


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


def on_message(
    state: ShardState, row: SubscriptionRow, key: int, variables: Mapping[str, Data], tenant: str
) -> commands.Create:
    """An instance through a message or signal start event."""
    number = _number(state, row.definition, row.key)
    return create(state, row.definition, row.node, variables, tenant, key, number)


def create(
    state: ShardState,
    definition: str,
    node: int,
    variables: Mapping[str, Data],
    tenant: str,
    message: int = 0,
    trigger: int = 0,
) -> commands.Create:
    """What begins an instance of a deployed version; it gets its key here."""
    return commands.Create(
        key=state.new_key(),
        definition=definition,
        node=node,
        trigger=trigger,
        variables=variables,
        tenant=tenant,
        message=message,
    )


def fire(state: ShardState, command: commands.FireStart) -> Steps[Answer | Refusal]:
    """A start timer is due: an instance, and the next time of a cycle."""
    timer = _read_timer(command.detail)
    row = state.indexes.timer(command.key)
    if row is None or row.due != command.due:
        return Refusal("not-found", "the start timer is not set any longer")
    fired = next_firing(state.registry, row, state.now)
    state.record_own({"type": "fire-start"}, [fired])
    set_again(state.batch, row, fired)
    number = _number(state, timer.definition, command.key)
    return (yield create(state, timer.definition, timer.node, {}, "<default>", trigger=number))


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
    batch.drop_start_timer(row.key)
    if fired.again:
        timer = msgspec.json.decode(row.detail, type=StartTimer)
        again = msgspec.structs.replace(timer, repetitions=fired.repetitions)
        batch.set_timer(_set(TimerRow(fired.again, row.key, 0, "start"), again))


def _number(state: ShardState, definition: str, own: int) -> int:
    """Which trigger of its event has happened; it matters only where all of them must."""
    version = state.registry.version_of(definition)
    for key, node, trigger in waits(state.registry.graph(definition), version.key):
        if key == own and node.parallel:
            return node.triggers.index(trigger)
    return 0


def start_messages(graph: Graph) -> tuple[str, ...]:
    """The messages that start an instance."""
    if graph.start_messages is None:
        graph.start_messages = tuple(
            trigger.definition.name
            for node in starting(graph)
            for trigger in node.triggers
            if isinstance(trigger.definition, MessageDefinition)
        )
    return graph.start_messages


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
            batch.close_subscription(own)
        elif isinstance(trigger.definition, TimerDefinition):
            batch.drop_start_timer(own)


def _constant(node: Node, trigger: Trigger, name: str, now: int) -> str:
    """A text that may not depend on variables: there is no instance yet."""
    data = trigger.texts[name].evaluate({}, datetime.fromtimestamp(now / 1000, UTC))
    if not isinstance(data, str) or not data:
        raise Fault("expression", f"{node.label}: {name.replace('.', ' ')} of a start event must be a constant text")
    return data


def _schedule(graph: Graph, node: Node, trigger: Trigger, now: int) -> times.Schedule:
    written = {name: _constant(node, trigger, name, now) for name in trigger.texts}
    return times.schedule(datetime.fromtimestamp(now / 1000, UTC), written, graph.calendars, f"timer of {node.label}")
