"""User tasks as Camunda's clients know them; the inbox shows the same tasks with their briefs."""

import msgspec

from clearance.model.values import Data
from clearance.views.ask import inbox
from clearance.views.ask.inbox import InboxFilter, Item
from clearance.views.reader import Page, PageRequest, Sort
from clearance.web import acting
from clearance.web.exchange import Call, Routes
from clearance.web.filters import Text, keys, one_of, texts
from clearance.web.problems import Problem

routes = Routes("User tasks")

STATES = (
    "CREATING",
    "CREATED",
    "ASSIGNING",
    "UPDATING",
    "COMPLETING",
    "COMPLETED",
    "CANCELING",
    "CANCELED",
    "FAILED",
)
"""Those that Camunda's clients know; here a task is created, completed or canceled."""


class Filter(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    state: Text | None = None
    assignee: Text | None = None
    candidate_group: Text | None = None
    candidate_user: Text | None = None
    element_id: Text | None = None
    process_definition_id: Text | None = None
    process_instance_key: Text | None = None
    user_task_key: Text | None = None


class TaskSearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    filter: Filter = Filter()
    sort: list[Sort] = []
    page: PageRequest = PageRequest()


class UserTask(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    user_task_key: str
    name: str
    state: str
    assignee: str | None
    element_id: str
    element_instance_key: str
    candidate_groups: tuple[str, ...]
    candidate_users: tuple[str, ...]
    process_definition_id: str
    process_definition_key: str
    process_definition_version: int
    process_instance_key: str
    process_name: str
    creation_date: str
    completion_date: str | None
    due_date: str | None
    follow_up_date: str | None
    external_form_reference: str | None
    form_key: str | None
    custom_headers: dict[str, str]
    priority: int
    tenant_id: str


class Completion(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    variables: dict[str, Data] | None = None
    action: str | None = None
    """The option chosen."""


class AssignmentRequest(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    assignee: str
    allow_override: bool | None = None
    action: str | None = None


@routes.add("POST", "/v2/user-tasks/search", body=TaskSearch, answer=Page[UserTask])
def search_tasks(call: Call[TaskSearch]) -> Page[UserTask]:
    """User tasks that you may see."""
    narrow = call.body.filter
    wanted = {
        name: texts(getattr(narrow, name))
        for name in ("assignee", "candidate_group", "candidate_user", "element_id", "process_definition_id")
    }

    def chosen(audience: inbox.Audience) -> bool:
        shown = {
            "assignee": (audience.assignee,),
            "candidate_group": audience.roles,
            "candidate_user": audience.users,
            "element_id": (audience.element,),
            "process_definition_id": (audience.process,),
        }
        return audience.kind == "task" and all(
            values is None or not set(values).isdisjoint(shown[name]) for name, values in wanted.items()
        )

    page = inbox.search(
        call.tower.reader,
        InboxFilter(
            audiences=call.tower.access.audiences(call.account, chosen),
            states=one_of(narrow.state, STATES, "filter.state"),
            instances=keys(narrow.process_instance_key, "filter.processInstanceKey"),
            keys=keys(narrow.user_task_key, "filter.userTaskKey"),
            tenants=call.account.tenants,
        ),
        call.body.sort,
        call.body.page,
    )
    return Page(items=[_task(item) for item in page.items], page=page.page)


@routes.add("GET", "/v2/user-tasks/{key}", answer=UserTask)
def get_task(call: Call[None]) -> UserTask:
    """One user task."""
    return _task(call.tower.access.item(call.account, call.key(), "task")[0])


@routes.add("POST", "/v2/user-tasks/{key}/completion", body=Completion, status=204)
async def complete_task(call: Call[Completion]) -> None:
    """Complete a task with variables; ``action`` is the option chosen."""
    item = await acting.item_for(call, "task")
    await acting.complete(call, item, call.body.variables or {}, call.body.action or "", "")


@routes.add("POST", "/v2/user-tasks/{key}/assignment", body=AssignmentRequest, status=204)
async def assign_task(call: Call[AssignmentRequest]) -> None:
    """Assign a task; with ``allowOverride`` false only when nobody has it."""
    if not call.body.assignee:
        raise Problem(400, "assignee: empty; DELETE /v2/user-tasks/{key}/assignee releases the task")
    item = await acting.item_for(call, "task")
    await acting.assign(call, item, call.body.assignee, take_over=call.body.allow_override is not False)


@routes.add("DELETE", "/v2/user-tasks/{key}/assignee", status=204)
async def unassign_task(call: Call[None]) -> None:
    """Release a task."""
    await acting.assign(call, await acting.item_for(call, "task"), "")


def _task(item: Item) -> UserTask:
    shown = item.shown
    return UserTask(
        user_task_key=shown.key,
        name=shown.title,
        state=shown.state,
        assignee=shown.assignee,
        element_id=shown.element_id,
        element_instance_key=str(item.element_key),
        candidate_groups=item.audience.roles,
        candidate_users=item.audience.users,
        process_definition_id=shown.process_definition_id,
        process_definition_key=str(item.definition),
        process_definition_version=item.version,
        process_instance_key=shown.process_instance_key,
        process_name=shown.process_name,
        creation_date=shown.creation_date,
        completion_date=item.completion_date,
        due_date=shown.due_date,
        follow_up_date=item.follow_up_date,
        external_form_reference=item.form or None,
        form_key=None,
        custom_headers={},
        priority=shown.priority,
        tenant_id=item.tenant,
    )
