"""Process instances: start, look for, look into, cancel."""

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from clearance.model.commands import CancelInstance, StartInstance
from clearance.model.values import Data, to_json
from clearance.views.ask import definitions, instances, record
from clearance.views.ask.instances import ElementInstance, Instance, InstanceFilter
from clearance.views.ask.record import HistoryEntry
from clearance.views.reader import Page, PageRequest, Sort, key_of
from clearance.web.access import person
from clearance.web.exchange import Call, Routes
from clearance.web.filters import Text, both, keys, one_of, texts
from clearance.web.masking import masked_variable
from clearance.web.paging import ORDER_QUERY, PAGE_QUERY, newest_first, page_of
from clearance.web.problems import Problem
from clearance.web.routes.definitions import DIAGRAM_QUERY, SVG, is_dark

routes = Routes("Process instances")


class Start(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """By id (the latest version, or one) or by key; ``operationReference``, ``tags``, ``requestTimeout`` do nothing."""

    process_definition_id: str = ""
    process_definition_key: str = ""
    process_definition_version: int = -1
    variables: dict[str, Data] = {}
    tenant_id: str = ""
    await_completion: bool = False
    operation_reference: int | None = None
    tags: list[str] = []
    request_timeout: int = 0


class Started(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    process_instance_key: str
    process_definition_id: str
    process_definition_key: str
    process_definition_version: int
    tenant_id: str
    variables: dict[str, Data] = {}
    tags: list[str] = []


STATES = ("ACTIVE", "COMPLETED", "TERMINATED")
"""Of instances, and of elements in them."""


class Filter(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    state: Text | None = None
    process_definition_id: Text | None = None
    process_definition_key: Text | None = None
    process_instance_key: Text | None = None
    parent_process_instance_key: Text | None = None
    text: str = ""
    has_incident: bool | None = None


class InstanceSearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    filter: Filter = Filter()
    sort: list[Sort] = []
    page: PageRequest = PageRequest()


class Cancellation(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    operation_reference: int | None = None
    reason: str = ""


class ElementFilter(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    process_instance_key: str
    state: str | None = None


class ElementSearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    filter: ElementFilter
    sort: list[Sort] = []
    page: PageRequest = PageRequest(0, 1000)


class VariableFilter(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    process_instance_key: str
    scope_key: str | None = None
    name: str | None = None


class VariableSearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    filter: VariableFilter
    sort: list[Sort] = []
    page: PageRequest = PageRequest(0, 1000)


class Variable(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    name: str
    value: str
    """JSON text."""
    scope_key: str
    process_instance_key: str
    tenant_id: str
    is_truncated: bool
    masked: bool


@routes.add("POST", "/v2/process-instances", body=Start, answer=Started)
async def start_instance(call: Call[Start]) -> Started:
    """Start the latest version of a process, or one version; answered once the start is committed."""
    body = call.body
    if body.await_completion:
        raise Problem(400, "awaitCompletion: not offered; follow the instance through its key or /v2/events")
    definition = await run_in_threadpool(_definition, call) if body.process_definition_key else None
    process = definition.process_definition_id if definition else body.process_definition_id
    if not process:
        raise Problem(400, "processDefinitionId or processDefinitionKey: one of them must say what to start")
    tenant = body.tenant_id or call.tower.settings.tenant
    call.tower.access.require(call.account, "start", process, tenant=tenant)
    command = StartInstance(
        process=process,
        version=definition.version if definition else max(body.process_definition_version, 0),
        variables=body.variables,
        tenant=tenant,
        by=person(call.account),
    )
    answer = await call.tower.do(command)
    call.recorded(answer.position)
    key, version = call.tower.deployed(process, command.version or answer.version)
    return Started(
        process_instance_key=str(answer.key),
        process_definition_id=process,
        process_definition_key=key,
        process_definition_version=version,
        tenant_id=tenant,
    )


@routes.add("POST", "/v2/process-instances/search", body=InstanceSearch, answer=Page[Instance])
def search_instances(call: Call[InstanceSearch]) -> Page[Instance]:
    """Instances of the processes that you may see."""
    narrow = call.body.filter
    return instances.search(
        call.tower.reader,
        InstanceFilter(
            states=one_of(narrow.state, STATES, "filter.state"),
            processes=both(texts(narrow.process_definition_id), call.tower.access.processes(call.account)),
            keys=keys(narrow.process_instance_key, "filter.processInstanceKey"),
            definition_keys=keys(narrow.process_definition_key, "filter.processDefinitionKey"),
            parents=keys(narrow.parent_process_instance_key, "filter.parentProcessInstanceKey"),
            tenants=call.account.tenants,
            text=narrow.text,
            has_incident=narrow.has_incident,
        ),
        call.body.sort,
        call.body.page,
    )


@routes.add("GET", "/v2/process-instances/{key}", answer=Instance)
def get_instance(call: Call[None]) -> Instance:
    """One instance."""
    call.tower.access.instance(call.account, call.key())
    found = instances.get(call.tower.reader, call.key())
    if found is None:
        raise Problem(404, f"There is no process instance {call.key()}.")
    return found


@routes.add("GET", "/v2/process-instances/{key}/diagram.svg", media_type=SVG, query=DIAGRAM_QUERY)
def get_instance_diagram(call: Call[None]) -> Response:
    """Where an instance stands: its version's diagram with tokens, incidents, and the path that it took."""
    call.tower.access.instance(call.account, call.key())
    picture = call.tower.pictures.of_instance(call.key(), call.query("page"), dark=is_dark(call))
    return Response(picture, headers={"Cache-Control": "private, no-cache"}, media_type=SVG)


@routes.add("GET", "/v2/process-instances/{key}/history", answer=Page[HistoryEntry], query=PAGE_QUERY | ORDER_QUERY)
def get_history(call: Call[None]) -> Page[HistoryEntry]:
    """What happened, one line a ledger entry."""
    call.tower.access.instance(call.account, call.key())
    return record.history(call.tower.reader, call.key(), page_of(call, 500), newest_first=newest_first(call))


@routes.add("POST", "/v2/process-instances/{key}/cancellation", body=Cancellation, status=204)
async def cancel_instance(call: Call[Cancellation]) -> None:
    """End an instance before its time."""
    await run_in_threadpool(call.tower.access.instance, call.account, call.key(), "cancel")
    command = CancelInstance(instance=call.key(), reason=call.body.reason, by=person(call.account))
    call.recorded((await call.tower.do(command, seen=True)).position)


@routes.add("POST", "/v2/element-instances/search", body=ElementSearch, answer=Page[ElementInstance])
def search_elements(call: Call[ElementSearch]) -> Page[ElementInstance]:
    """The element instances of one process instance, without a sort in order of their start."""
    key = _seen(call)
    state = call.body.filter.state
    one_of(state, STATES, "filter.state")
    return instances.elements(call.tower.reader, key, state, call.body.page, call.body.sort)


@routes.add("POST", "/v2/variables/search", body=VariableSearch, answer=Page[Variable])
def search_variables(call: Call[VariableSearch]) -> Page[Variable]:
    """The variables of one process instance; what you must not see is masked."""
    narrow = call.body.filter
    key = key_of(narrow.process_instance_key, "filter.processInstanceKey")
    _, ruling = call.tower.access.instance(call.account, key)
    scope = None if narrow.scope_key is None else key_of(narrow.scope_key, "filter.scopeKey")
    found, total = instances.variables(call.tower.reader, key, scope, narrow.name, call.body.page, call.body.sort)
    shown = [_variable(item, ruling.mask, call.tower.settings.variable_bytes_max) for item in found]
    return Page(items=shown, page=total)


def _definition(call: Call[Start]) -> definitions.Definition:
    """The definition that a key names."""
    body = call.body
    if body.process_definition_id:
        raise Problem(400, "processDefinitionId and processDefinitionKey: give one of them, not both")
    found = definitions.get(call.tower.reader, key_of(body.process_definition_key, "processDefinitionKey"))
    if found is None:
        raise Problem(404, f"There is no process definition {body.process_definition_key}.")
    return found


def _seen(call: Call[ElementSearch]) -> int:
    key = key_of(call.body.filter.process_instance_key, "filter.processInstanceKey")
    call.tower.access.instance(call.account, key)
    return key


def _variable(item: instances.Variable, mask: tuple[str, ...], bytes_max: int) -> Variable:
    value, masked = masked_variable(item.name, item.value, mask)
    text = to_json(value).decode()
    cut = len(text) > bytes_max
    return Variable(
        name=item.name,
        value=text[:bytes_max] if cut else text,
        scope_key=str(item.scope),
        process_instance_key=str(item.instance),
        tenant_id=item.tenant,
        is_truncated=cut,
        masked=masked,
    )
