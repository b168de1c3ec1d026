"""What an answer promises: whoever is told that something is done, accepted or held finds exactly that on record.

The observer notes what the ledger says; those who ask compare. That an answer names an entry which is committed would
not be enough: the entry might say nothing of what was asked.
"""

import msgspec

from clearance.model import commands, events
from clearance.model.commands import Answer, Command


class Promises:
    """All that the ledger says was done, by what it was done to."""

    def __init__(self) -> None:
        self._done: set[tuple[str, int]] = set()

    def note(self, instance: int, event: events.Event) -> None:
        """The next event of the ledger, in whichever order the shards commit."""
        match event:
            case events.InstanceCreated():
                self._done.add(("instance", event.key))
            case events.MessagePublished():
                self._done.add(("message", event.key))
            case events.SignalBroadcast():
                self._done.add(("signal", event.key))
            case events.TaskCompleted():
                self._done.add(("task", event.key))
            case events.ApprovalGiven():
                self._done.add(("approval", event.key))
            case events.IncidentResolved():
                self._done.add(("incident", event.key))
            case events.JobCompleted() | events.JobRaised() | events.JobFailed():
                self._done.add(("job", event.key))
            case events.InstanceCanceled():
                self._done.add(("canceled", instance))
            case events.InstanceSuspended():
                self._done.add(("suspended", instance))
            case events.TaskTurning(what=what) if event.turn != "creating":
                self._accepted(what)
            case events.CommandHeld():
                self._accepted(event.command)

    def broken(self, command: Command, answer: Answer) -> str:
        """What the answer says is done and the ledger does not; empty when all is as it says."""
        ruling = getattr(command, "ruling", None)
        promised = _promised(command, answer) if ruling is None or ruling.permits else None  # that is recorded, too
        if promised is None or promised in self._done:
            return ""
        return f"{promised[0]} {promised[1]}"

    def _accepted(self, written: str) -> None:
        """A command that is carried out once listeners have been heard, or the instance has been resumed."""
        accepted = msgspec.json.decode(written)
        for kind in ("task", "approval", "incident", "job"):
            if kind in accepted:
                self._done.add((kind, accepted[kind]))


def _promised(command: Command, answer: Answer) -> tuple[str, int] | None:
    match command:
        case commands.StartInstance():
            return "instance", answer.key
        case commands.PublishMessage():
            return "message", answer.key
        case commands.BroadcastSignal():
            return "signal", answer.key
        case commands.CompleteTask():
            return "task", command.task
        case commands.GiveApproval():
            return "approval", command.approval
        case commands.ResolveIncident():
            return "incident", command.incident
        case commands.FinishJob():
            return "job", command.job
        case commands.CancelInstance():
            return "canceled", command.instance
        case commands.SuspendInstance():
            return "suspended", command.instance
    return None
