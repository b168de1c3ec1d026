"""What people do to inbox items, whichever resource they use: ruled on, recorded with the ruling, then seen.

A denial is submitted too, with the ruling that denies: the refusal is then on record. Commands that carry no ruling
(incidents, cancellations) are only sent when permitted.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool

from clearance.model.commands import AssignTask, CancelInstance, CompleteTask, GiveApproval, ResolveIncident
from clearance.model.values import Data
from clearance.views.ask.inbox import Item
from clearance.web.access import person
from clearance.web.exchange import Call
from clearance.web.problems import Problem, of_ruling

COMMENT_LENGTH_MAX = 4000


async def item_for(call: Call[Any], kind: str | None = None) -> Item:
    """The open item that the request's path names, if the person may see it."""
    await call.tower.caught_up()
    item, _ = await run_in_threadpool(call.tower.access.item, call.account, call.key(), kind)
    if item.shown.state != "CREATED":
        by = f" by {item.answer.by}" if item.answer and item.answer.by else ""
        raise Problem(409, f"{item.shown.title} is already {item.shown.state.lower()}{by}.")
    return item


async def complete(call: Call[Any], item: Item, variables: Mapping[str, Data], option: str, comment: str) -> None:
    command = CompleteTask(
        instance=item.instance,
        task=int(item.shown.key),
        by=person(call.account),
        variables=variables,
        option=option,
        comment=comment,
    )
    await _submit(call, item, "complete", command, {"option": option, "variables": dict(variables)})


async def assign(call: Call[Any], item: Item, assignee: str, *, take_over: bool = True) -> None:
    """Taking a free task, or giving back one's own, is a claim; all else is to assign. Empty: release."""
    name, current = call.account.username, item.audience.assignee
    if assignee and current not in ("", assignee) and not take_over:
        raise Problem(409, f"{current} has taken this task. Ask {current} to release it.")
    own = current == name if not assignee else assignee == name and current in ("", name)
    command = AssignTask(instance=item.instance, task=int(item.shown.key), assignee=assignee, by=person(call.account))
    await _submit(call, item, "claim" if own else "assign", command, {"assignee": assignee})


async def approve(call: Call[Any], item: Item, approved: bool, action_sha256: str, comment: str) -> None:
    """``action_sha256`` is what the person saw: the answer holds for that action and no other."""
    action = item.brief.action
    if action is None:
        raise Problem(409, "This approval names no action; it cannot be given.")
    if action_sha256 != action.sha256:
        detail = "actionSha256 is not that of the action to approve. Open the item again and look at the action."
        raise Problem(409 if action_sha256 else 400, detail, more={"actionSha256": action.sha256})
    command = GiveApproval(
        instance=item.instance,
        approval=int(item.shown.key),
        by=person(call.account),
        approved=approved,
        action_sha256=action_sha256,
        comment=comment,
    )
    await _submit(call, item, "approve", command, action.parameters)


async def retry(call: Call[Any], item: Item, *, keep: bool = False, reason: str = "") -> None:
    """Try again what failed; of new evidence, do it again or ``keep`` the results."""
    await _permitted(call, item, "resolve")
    command = ResolveIncident(
        instance=item.instance, incident=int(item.shown.key), keep=keep, by=person(call.account), reason=reason
    )
    call.recorded((await call.tower.do(command, seen=True)).position)


async def cancel(call: Call[Any], item: Item, reason: str) -> None:
    await _permitted(call, item, "cancel")
    command = CancelInstance(instance=item.instance, reason=reason, by=person(call.account))
    call.recorded((await call.tower.do(command, seen=True)).position)


async def _permitted(call: Call[Any], item: Item, action: str) -> None:
    ruling = await run_in_threadpool(call.tower.access.on_item, call.account, item, action)
    if not ruling.permits:
        raise of_ruling(ruling)


async def _submit(
    call: Call[Any],
    item: Item,
    action: str,
    command: CompleteTask | AssignTask | GiveApproval,
    parameters: Mapping[str, Data],
) -> None:
    ruling = await run_in_threadpool(call.tower.access.on_item, call.account, item, action, parameters)
    carried = msgspec.structs.replace(command, ruling=ruling)
    if not ruling.permits:
        await call.tower.ask(carried)
        raise of_ruling(ruling)
    call.recorded((await call.tower.do(carried, seen=True)).position)
