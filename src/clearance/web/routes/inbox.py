"""The inbox: what waits for a person, opened and answered."""

from typing import Any

import msgspec

from clearance.model.clearance import Ruling
from clearance.model.values import Data
from clearance.views.ask import inbox
from clearance.views.ask.inbox import Given, InboxFilter, InboxItem, Item
from clearance.views.brief import APPROVE, KEEP, RETRY, Brief
from clearance.views.reader import Page, PageRequest, Sort
from clearance.web import acting
from clearance.web.exchange import Call, Routes
from clearance.web.filters import Text, keys, texts
from clearance.web.masking import masked_brief, masked_reason
from clearance.web.problems import Problem

routes = Routes("Inbox")


class Filter(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    scope: str = "open"
    kind: Text | None = None
    process_definition_id: Text | None = None
    process_instance_key: Text | None = None
    text: str = ""


class InboxSearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    filter: Filter = Filter()
    sort: list[Sort] = []
    page: PageRequest = PageRequest()


class OpenItem(InboxItem, frozen=True, kw_only=True, rename="camel"):
    """An item with all that a person needs to decide."""

    brief: Brief
    answer: Given | None


class ItemAnswer(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    option: str
    comment: str = ""
    variables: dict[str, Data] = {}
    action_sha256: str | None = msgspec.field(default=None, name="actionSha256")


class Assignee(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    assignee: str


@routes.add("POST", "/v2/inbox/search", body=InboxSearch, answer=Page[InboxItem])
def search_inbox(call: Call[InboxSearch]) -> Page[InboxItem]:
    """Items that you may see: assigned to you (mine), offered to your roles, all open ones, or those that are done."""
    narrow, account = call.body.filter, call.account
    in_scope = inbox.in_scope(narrow.scope, account.username, account.roles)
    kinds, processes = texts(narrow.kind), texts(narrow.process_definition_id)
    chosen = call.tower.access.audiences(
        account,
        lambda audience: (
            in_scope(audience)
            and (kinds is None or audience.kind in kinds)
            and (processes is None or audience.process in processes)
        ),
    )
    page = inbox.search(
        call.tower.reader,
        InboxFilter(
            audiences=chosen,
            states=("COMPLETED", "CANCELED") if narrow.scope == "done" else ("CREATED",),
            instances=keys(narrow.process_instance_key, "filter.processInstanceKey"),
            tenants=account.tenants,
            text=narrow.text,
        ),
        call.body.sort,
        call.body.page,
    )
    return Page(
        items=[_shown(item, call.tower.access.on_item(account, item, "see")) for item in page.items], page=page.page
    )


def _shown(item: Item, ruling: Ruling) -> InboxItem:
    return msgspec.structs.replace(item.shown, reason=masked_reason(item.shown.reason, ruling.mask))


@routes.add("GET", "/v2/inbox/{key}", answer=OpenItem)
def open_item(call: Call[None]) -> OpenItem:
    """One item with its brief; what your roles must not see is masked."""
    item, ruling = call.tower.access.item(call.account, call.key())
    shown: dict[str, Any] = msgspec.structs.asdict(_shown(item, ruling))
    return OpenItem(**shown, brief=masked_brief(item.brief, ruling.mask), answer=item.answer)


@routes.add("POST", "/v2/inbox/{key}/answer", body=ItemAnswer, status=204)
async def answer_item(call: Call[ItemAnswer]) -> None:
    """Choose one of the item's options; recorded with the ruling that allows it."""
    item, answer = await acting.item_for(call), call.body
    _check(item, answer)
    if item.audience.kind == "task":
        await acting.complete(call, item, answer.variables, answer.option, answer.comment)
    elif item.audience.kind == "approval":
        await acting.approve(call, item, answer.option == APPROVE.value, answer.action_sha256 or "", answer.comment)
    elif answer.option == RETRY.value:
        await acting.retry(call, item, reason=answer.comment)
    elif answer.option == KEEP.value:
        await acting.retry(call, item, keep=True, reason=answer.comment)
    else:
        await acting.cancel(call, item, answer.comment)


@routes.add("PUT", "/v2/inbox/{key}/assignee", body=Assignee, status=204)
async def assign_item(call: Call[Assignee]) -> None:
    """Take a task, or give it to somebody else."""
    item = await _task(call)
    if not call.body.assignee:
        raise Problem(400, "assignee: empty; DELETE this resource to release the task")
    await acting.assign(call, item, call.body.assignee, take_over=call.body.assignee != call.account.username)


@routes.add("DELETE", "/v2/inbox/{key}/assignee", status=204)
async def release_item(call: Call[None]) -> None:
    """Give a task back to its roles."""
    await acting.assign(call, await _task(call), "")


async def _task(call: Call[Any]) -> Item:
    item = await acting.item_for(call)
    if item.audience.kind != "task":
        raise Problem(409, f"Only tasks have an assignee; this is an {item.audience.kind}: answer it instead.")
    return item


def _check(item: Item, answer: ItemAnswer) -> None:
    option = next((option for option in item.brief.options if option.value == answer.option), None)
    if option is None:
        known = ", ".join(option.value for option in item.brief.options)
        raise Problem(400, f"option: {answer.option!r} is not offered; choose one of {known}")
    if len(answer.comment) > acting.COMMENT_LENGTH_MAX:
        raise Problem(400, f"comment: longer than {acting.COMMENT_LENGTH_MAX} characters")
    if option.comment_required and not answer.comment.strip():
        raise Problem(400, f"comment: {option.label} needs a comment that says why")
