"""Which handler is whose: of commands that are for no single instance, and of what follows from a step of one."""

from collections.abc import Callable
from typing import Any

from clearance.engine.commands import (
    archive,
    calls,
    conditions,
    deployments,
    follow_ups,
    messages,
    signals,
    start_events,
)
from clearance.engine.commands.steps import Steps
from clearance.engine.state.shard_state import ShardState
from clearance.model import commands
from clearance.model.commands import Answer, Refusal

Handler = Callable[[ShardState, Any], Answer | Refusal | Steps[Answer | Refusal]]
"""Takes a command of its type; answers at once, or says step by step what instances have to do first."""

COMMANDS: dict[type, Handler] = {
    commands.DeployProcess: deployments.deploy,
    commands.DeployDecisions: deployments.deploy_decisions,
    commands.StartInstance: start_events.start,
    commands.FireStart: start_events.fire,
    commands.PublishMessage: messages.publish,
    commands.BroadcastSignal: signals.broadcast,
    commands.EvaluateConditions: conditions.evaluate,
    commands.ExpireMessages: messages.expire,
    commands.ArchiveInstances: archive.archive,
}

FOLLOW_UPS: dict[type, Callable[[ShardState, Any], Steps[None]]] = {
    follow_ups.Sent: messages.send,
    follow_ups.Call: calls.follow,
    follow_ups.CalledTerminated: calls.terminated,
    follow_ups.Subscribed: messages.correlate_buffered,
    follow_ups.Ended: messages.ended,
}
