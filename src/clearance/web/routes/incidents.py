"""Incidents as Camunda's clients know them."""

import msgspec

from clearance.views.ask import inbox
from clearance.views.ask.inbox import InboxFilter, Item
from clearance.views.reader import Page, PageRequest, Sort
from clearance.web import acting
from clearance.web.exchange import Call, Routes
from clearance.web.filters import Text, keys, one_of, texts

routes = Routes("Incidents")

STATES = {"ACTIVE": ("CREATED",), "PENDING": ("CREATED",), "RESOLVED": ("COMPLETED", "CANCELED")}


class Filter(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    state: Text | None = None
    process_definition_id: Text | None = None
    process_instance_key: Text | None = None
    element_id: Text | None = None
    incident_key: Text | None = None


class IncidentSearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    filter: Filter = Filter()
    sort: list[Sort] = []
    page: PageRequest = PageRequest()


class Incident(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    incident_key: str
    process_definition_id: str
    process_definition_key: str
    process_instance_key: str
    error_type: str
    error_message: str
    element_id: str
    element_instance_key: str
    creation_time: str
    state: str
    job_key: str | None
    tenant_id: str


class Resolution(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    operation_reference: int | None = None


@routes.add("POST", "/v2/incidents/search", body=IncidentSearch, answer=Page[Incident])
def search_incidents(call: Call[IncidentSearch]) -> Page[Incident]:
    """Incidents that you may see."""
    narrow = call.body.filter
    elements, processes = texts(narrow.element_id), texts(narrow.process_definition_id)
    chosen = call.tower.access.audiences(
        call.account,
        lambda audience: (
            audience.kind == "incident"
            and (elements is None or audience.element in elements)
            and (processes is None or audience.process in processes)
        ),
    )
    page = inbox.search(
        call.tower.reader,
        InboxFilter(
            audiences=chosen,
            states=_states(narrow.state),
            instances=keys(narrow.process_instance_key, "filter.processInstanceKey"),
            keys=keys(narrow.incident_key, "filter.incidentKey"),
            tenants=call.account.tenants,
        ),
        call.body.sort,
        call.body.page,
    )
    return Page(items=[_incident(item) for item in page.items], page=page.page)


@routes.add("GET", "/v2/incidents/{key}", answer=Incident)
def get_incident(call: Call[None]) -> Incident:
    """One incident."""
    return _incident(call.tower.access.item(call.account, call.key(), "incident")[0])


@routes.add("POST", "/v2/incidents/{key}/resolution", body=Resolution, status=204)
async def resolve_incident(call: Call[Resolution]) -> None:
    """Try again what failed."""
    await acting.retry(call, await acting.item_for(call, "incident"))


def _states(wanted: Text | None) -> tuple[str, ...] | None:
    values = one_of(wanted, STATES, "filter.state")
    return None if values is None else tuple(state for value in values for state in STATES[value])


def _incident(item: Item) -> Incident:
    shown = item.shown
    return Incident(
        incident_key=shown.key,
        process_definition_id=shown.process_definition_id,
        process_definition_key=str(item.definition),
        process_instance_key=shown.process_instance_key,
        error_type=item.detail.upper().replace("-", "_"),
        error_message=shown.reason,
        element_id=shown.element_id,
        element_instance_key=str(item.element_key),
        creation_time=shown.creation_date,
        state="ACTIVE" if shown.state == "CREATED" else "RESOLVED",
        job_key=str(item.job) if item.job else None,
        tenant_id=item.tenant,
    )
