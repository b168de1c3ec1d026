"""Signals: they reach every instance that waits for them, on every shard, and start what starts on them."""

from collections.abc import Mapping

from clearance.engine.commands import start_events
from clearance.engine.commands.steps import Steps
from clearance.engine.state.shard_state import ShardState
from clearance.ledger.command_summary import summary
from clearance.model import commands
from clearance.model.commands import Answer, Refusal
from clearance.model.events import SignalBroadcast
from clearance.model.parcels import Ring
from clearance.model.values import Data


def broadcast(state: ShardState, command: commands.BroadcastSignal) -> Steps[Answer | Refusal]:
    """Every instance that waits for the signal, and every process that starts on it."""
    if not command.name:
        return Refusal("invalid", "a signal needs a name")
    key = state.new_key()
    state.record_own(summary(command), [SignalBroadcast(key, command.name, dict(command.variables))])
    position = state.position
    yield from ring(state, command.name, key, command.variables)
    if state.neighbours is not None:
        parcel = Ring(key=key, name=command.name, variables=dict(command.variables))
        for other in state.neighbours.others:
            state.neighbours.post(other, parcel, state.depth)
    for row in state.indexes.subscriptions("start-signal", command.name, None):
        yield start_events.on_message(state, row, key, command.variables, "<default>")
    return Answer(key, position)


def ring(state: ShardState, name: str, key: int, variables: Mapping[str, Data]) -> Steps[None]:
    """Every instance of this shard that waits for the signal."""
    for row in state.indexes.subscriptions("signal", name, None):
        yield commands.Correlate(instance=row.instance, subscription=row.key, message=key, variables=variables)
