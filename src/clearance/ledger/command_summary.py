"""How a command is recorded in its ledger entry: what was asked and by whom, without what the events say anyway."""

from clearance.model import commands
from clearance.model.clearance import Person
from clearance.model.values import Data


def summary(command: commands.Command) -> dict[str, Data]:
    """A small JSON object with at least ``type``."""
    if type(command) is commands.FinishJob:  # most of what happens
        return {"type": _FINISH_JOB, "job": command.job, "attempt": command.attempt}
    kind = type(command)
    told: dict[str, Data] = {"type": kind.__struct_config__.tag}
    for field in _TOLD.get(kind, ()):
        value = getattr(command, field)
        if value:
            told[field] = value.name if type(value) is Person else value
    return told


_FINISH_JOB = str(commands.FinishJob.__struct_config__.tag)

_TOLD: dict[object, tuple[str, ...]] = {
    commands.Create: ("message",),
    commands.ActivateElements: ("element", "by"),
    commands.EndCall: ("element", "child", "how", "reason"),
    commands.RaiseCall: ("element", "child", "kind", "code"),
    commands.FireTimer: ("timer",),
    commands.RetryJob: ("job",),
    commands.Correlate: ("message",),
    commands.CompleteTask: ("task", "by", "option"),
    commands.AssignTask: ("task", "by", "assignee"),
    commands.GiveApproval: ("approval", "by", "approved"),
    commands.SetVariables: ("scope", "by", "reason"),
    commands.ResolveIncident: ("incident", "by", "attempts", "keep", "reason"),
    commands.SuspendInstance: ("by", "reason"),
    commands.ResumeInstance: ("by", "reason"),
    commands.ModifyInstance: ("by", "reason"),
    commands.MigrateInstance: ("by", "reason"),
    commands.CancelInstance: ("by", "reason"),
    commands.Faulted: ("element", "message"),
    commands.PublishMessage: ("name", "correlation_key", "message_id"),
    commands.BroadcastSignal: ("name",),
    commands.EvaluateConditions: ("process",),
    commands.DeployDecisions: ("name",),
    commands.ArchiveInstances: ("sha256",),
}
