"""What each command means for an instance: one small function a command, in the file of its theme."""

from collections.abc import Callable
from typing import Any

from clearance.kernel.handlers import (
    ad_hoc,
    approvals,
    calls,
    instances,
    jobs,
    migration,
    modification,
    repair,
    suspension,
    tasks,
    triggers,
)
from clearance.kernel.working import Step

Handler = Callable[[Step, Any], None]
"""Records what follows from the command; raises ``Refused`` when it may not be."""

HANDLERS: dict[Any, Handler] = {
    **ad_hoc.HANDLERS,
    **approvals.HANDLERS,
    **calls.HANDLERS,
    **instances.HANDLERS,
    **jobs.HANDLERS,
    **migration.HANDLERS,
    **modification.HANDLERS,
    **repair.HANDLERS,
    **suspension.HANDLERS,
    **tasks.HANDLERS,
    **triggers.HANDLERS,
}
