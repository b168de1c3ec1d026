"""Starting and cancelling instances."""

from typing import Any

from clearance.kernel.shared.beginning import create
from clearance.kernel.shared.ending import terminate
from clearance.kernel.working import Step
from clearance.model.commands import CancelInstance, Create
from clearance.model.events import InstanceCanceled


def _cancel(step: Step, command: CancelInstance) -> None:
    step.record(InstanceCanceled(command.by.name if command.by else "", command.reason))
    terminate(step, step.instance.elements[step.instance.key])


HANDLERS: dict[Any, Any] = {Create: create, CancelInstance: _cancel}
