"""A suspended instance takes in what comes and acts on it when it is resumed; nothing is lost and nothing moves.

What people ask for is refused instead, so that they know. What changes no token goes through.
"""

from decimal import Decimal

import msgspec

from clearance.kernel.state import Instance
from clearance.kernel.working import Refused, Step
from clearance.model import commands
from clearance.model.commands import InstanceCommand
from clearance.model.events import CommandHeld

_GO_ON = (
    commands.SuspendInstance,
    commands.ResumeInstance,
    commands.CancelInstance,
    commands.ModifyInstance,
    commands.MigrateInstance,
    commands.SetVariables,
    commands.AssignTask,
    commands.Faulted,
)
_REFUSED = (commands.ActivateElements, commands.CompleteTask, commands.GiveApproval, commands.ResolveIncident)

_encoder = msgspec.json.Encoder(decimal_format="number")
_decoder: msgspec.json.Decoder[InstanceCommand] = msgspec.json.Decoder(InstanceCommand, float_hook=Decimal)


def held_back(step: Step, command: InstanceCommand) -> bool:
    """Whether the command has to wait, or is refused, because the instance is suspended."""
    if not step.instance.suspended or isinstance(command, _GO_ON):
        return False
    if isinstance(command, _REFUSED):
        raise Refused("conflict", f"instance {step.instance.key} is suspended: resume it first")
    kind, key = _what(command)
    _check(step, command, kind, key)
    step.record(CommandHeld(kind, key, _encoder.encode(command).decode()))
    return True


def taken_in(instance: Instance) -> list[InstanceCommand]:
    """What has been held so far, in the order in which it came."""
    return [_decoder.decode(held.command) for held in instance.held]


def _what(command: InstanceCommand) -> tuple[str, int]:
    match command:
        case commands.FinishJob():
            return "job", command.job
        case commands.FireTimer():
            return "timer", command.timer
        case commands.RetryJob():
            return "retry", command.job
        case commands.Correlate():
            return "subscription", command.subscription
        case _:
            return str(command.__struct_config__.tag), 0


def _check(step: Step, command: InstanceCommand, kind: str, key: int) -> None:
    """Refuse at once what would be refused anyway, and what has come already."""
    instance = step.instance
    if isinstance(command, commands.FinishJob | commands.RetryJob):
        job = instance.jobs.get(key)
        if job is None or (isinstance(command, commands.FinishJob) and job.attempt != command.attempt):
            raise Refused("conflict", f"job {key} does not wait for that any longer")
    elif kind == "timer" and key not in instance.timers:
        raise Refused("not-found", f"timer {key} is not set any longer")
    elif kind == "subscription" and key not in instance.subscriptions:
        raise Refused("not-found", f"subscription {key} is not open any longer")
    again = any((held.kind, held.key) == (kind, key) for held in instance.held)
    if again and key and not (kind == "subscription" and _happens_again(step, key)):
        raise Refused("conflict", f"{kind} {key} has been taken in already")


def _happens_again(step: Step, subscription: int) -> bool:
    """A non-interrupting event may be reached several times."""
    element = step.graph.nodes[step.instance.subscriptions[subscription].node].element
    return not getattr(element, "interrupting", True)
