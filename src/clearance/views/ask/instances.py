"""Process instances, their element instances and their variables."""

from collections.abc import Iterable, Sequence

import msgspec

from clearance.model.values import Data, from_json
from clearance.views.cursors import Term, select, window
from clearance.views.hits import Finder
from clearance.views.lists import Chosen, Order, ordering
from clearance.views.reader import Answer, Page, PageInfo, PageRequest, Reader, Sort, Where, iso, iso_or_none
from clearance.views.texts import INSTANCES

SORTABLE = {
    "processInstanceKey": Order("i.key", "instances_by_key"),
    "processDefinitionId": Order("i.process", of_group=True),
    "state": Order("i.state", of_group=True),
    "startDate": Order("i.started", "instances_by_start"),
    "endDate": Order("i.ended", "instances_by_end", missing="all"),
    "subject": Order("i.subject", "instances_by_subject"),
}


ELEMENTS_SORTABLE = {
    "elementInstanceKey": Order("e.key"),
    "startDate": Order("e.started"),
    "endDate": Order("e.ended", missing="some"),
    "state": Order("e.state"),
}
VARIABLES_SORTABLE = {"scopeKey": Order("v.scope"), "name": Order("v.name")}


class InstanceFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of instances is narrowed to; None: not at all."""

    states: Sequence[str] | None = None
    processes: Sequence[str] | None = None
    keys: Sequence[int] | None = None
    definition_keys: Sequence[int] | None = None
    text: str = ""
    has_incident: bool | None = None
    tenants: Sequence[str] | None = None
    parents: Sequence[int] | None = None
    """Keys of the instances that have called them."""


class CurrentElement(Answer, frozen=True, kw_only=True):
    element_id: str
    name: str


class Instance(Answer, frozen=True, kw_only=True):
    process_instance_key: str
    process_definition_id: str
    process_definition_key: str
    process_definition_name: str
    process_definition_version: int
    state: str
    has_incident: bool
    start_date: str
    end_date: str | None
    subject: str
    current_elements: list[CurrentElement]
    tenant_id: str
    suspended: bool
    parent_process_instance_key: str | None
    """Of a called process: the instance whose call activity has called it, and the element instance there."""
    parent_element_instance_key: str | None


class ElementInstance(Answer, frozen=True, kw_only=True):
    element_instance_key: str
    element_id: str
    element_name: str
    name: str
    type: str
    state: str
    start_date: str
    end_date: str | None
    incident: bool
    has_incident: bool
    process_instance_key: str
    process_definition_id: str
    process_definition_key: str
    tenant_id: str


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """A variable as it is kept; the value is data, not yet shown to anybody."""

    name: str
    value: Data
    scope: int
    instance: int
    label: str
    tenant: str


_COLUMNS = (
    "i.key, i.process, i.definition, coalesce(d.name, i.process), coalesce(d.version, 0), i.state, i.incidents,"
    " i.started, i.ended, i.subject, i.tenant, i.suspended, i.parent, i.parent_element"
)
_JOINS = " LEFT JOIN definitions d ON d.key = i.definition"


def search(
    reader: Reader, narrow: InstanceFilter, sort: Sequence[Sort] = (), page: PageRequest = PageRequest()
) -> Page[Instance]:
    """Unless a sort says otherwise, what has started last comes first."""
    order = ordering(sort or (Sort("startDate", "desc"),), SORTABLE, Term("i.key", descending=True), "instances_by_key")
    rows, total = _chosen(narrow).take(reader, _COLUMNS, _JOINS, order, page)
    return Page(items=_instances(reader, rows), page=total)


def _chosen(narrow: InstanceFilter) -> Chosen:
    rows, seek = Where(), ""
    if narrow.parents is not None:
        rows.one_of("i.parent", narrow.parents).add("i.parent > 0")
        seek = "INDEXED BY instances_by_parent"
    if narrow.keys is not None:
        rows.one_of("i.key", narrow.keys)
        seek = "NOT INDEXED"
    if narrow.has_incident is not None:
        rows.add("i.incidents > 0" if narrow.has_incident else "i.incidents = 0")
    if narrow.text:
        rows.text(narrow.text, "i.subject", "CAST(i.key AS TEXT)")
    grain, index = ("tenant", "process", "state"), ""
    if narrow.definition_keys is not None:
        rows.one_of("i.definition", narrow.definition_keys)
        grain, index = ("tenant", "definition", "state"), "instances_by_definition"
    if narrow.has_incident:
        grain, index = ("tenant", "process", "state"), "instances_with_incidents"
    return Chosen(
        table="instances",
        alias="i",
        groups="instance_groups",
        grain=grain,
        among={
            "tenant": narrow.tenants,
            "process": narrow.processes,
            "definition": narrow.definition_keys,
            "state": narrow.states,
        },
        rows=rows,
        index=index,
        seek=seek,
        find=Finder(INSTANCES, narrow.text) if narrow.text else None,
    )


def get(reader: Reader, key: int) -> Instance | None:
    rows = reader.rows(f"SELECT {_COLUMNS} FROM instances i{_JOINS} WHERE i.key = ?", (key,))
    return _instances(reader, rows)[0] if rows else None


def processes(reader: Reader) -> list[str]:
    """The ids of all processes that were ever deployed or ran."""
    return [row[0] for row in reader.rows("SELECT process FROM definitions UNION SELECT process FROM instance_groups")]


def process_of(reader: Reader, key: int) -> tuple[str, str] | None:
    """(process id, tenant) of an instance."""
    row = reader.row("SELECT process, tenant FROM instances WHERE key = ?", (key,))
    return (row[0], row[1]) if row else None


def instance_of(reader: Reader, scope: int) -> int | None:
    """The process instance that a scope belongs to: itself, or that of an element instance."""
    rows = reader.rows("SELECT instance FROM elements WHERE key = ?", (scope,))
    return rows[0][0] if rows else None


def people_of(reader: Reader, key: int) -> tuple[str, ...]:
    """Who has acted in the instance, in order."""
    rows = reader.rows("SELECT person FROM people WHERE instance = ? ORDER BY position, person", (key,))
    return tuple(row[0] for row in rows)


def elements(
    reader: Reader,
    instance: int,
    state: str | None = None,
    page: PageRequest = PageRequest(0, 1000),
    sort: Sequence[Sort] = (),
) -> Page[ElementInstance]:
    """The element instances of one instance, without the process itself; without a sort in order of their start."""
    where = Where().add("e.instance = ?", instance).add("e.node > 0")
    if state is not None:
        where.add("e.state = ?", state)
    rows, total = select(
        reader,
        "e.key, e.node, e.state, e.started, e.ended, e.definition, i.process, i.tenant,"
        " EXISTS (SELECT 1 FROM inbox b WHERE b.instance = e.instance AND b.element_key = e.key"
        " AND b.kind = 'incident' AND b.state = 'CREATED')",
        "elements e JOIN instances i ON i.key = e.instance",
        where,
        window(page, ordering(sort, ELEMENTS_SORTABLE, Term("e.key")).outer),
        reader.total(f"FROM elements e WHERE {where}", where.values),
    )
    places = places_of(reader, {row[5] for row in rows})
    items = []
    for key, node, state_, started, ended, definition, process, tenant, incident in rows:
        element, name, kind = _place(places, definition, node)
        items.append(
            ElementInstance(
                element_instance_key=str(key),
                element_id=element,
                element_name=name or element,
                name=name or element,
                type=kind,
                state=state_,
                start_date=iso(started),
                end_date=iso_or_none(ended),
                incident=bool(incident),
                has_incident=bool(incident),
                process_instance_key=str(instance),
                process_definition_id=process,
                process_definition_key=str(definition),
                tenant_id=tenant,
            )
        )
    return Page(items=items, page=total)


def variables(
    reader: Reader,
    instance: int,
    scope: int | None = None,
    name: str | None = None,
    page: PageRequest = PageRequest(0, 1000),
    sort: Sequence[Sort] = (),
) -> tuple[list[Variable], PageInfo]:
    """The variables of an instance, and how many there are; without a sort those of the process come first."""
    where = Where().add("v.instance = ?", instance)
    if scope is not None:
        where.add("v.scope = ?", scope)
    if name is not None:
        where.add("v.name = ?", name)
    rows, total = select(
        reader,
        "v.name, v.value, v.scope, v.instance, v.label, i.tenant",
        "variables v JOIN instances i ON i.key = v.instance",
        where,
        window(page, (*ordering(sort, VARIABLES_SORTABLE, Term("v.scope")).outer, Term("v.name"))),
    )
    found = [
        Variable(name=name_, value=from_json(value), scope=scope_, instance=of, label=label, tenant=tenant)
        for name_, value, scope_, of, label, tenant in rows
    ]
    return found, total


def places_of(reader: Reader, definitions: Iterable[int]) -> dict[int, list[tuple[str, str, str]]]:
    """(id, name, type) of each element, by definition key and graph index."""
    keys = list(definitions)
    where = Where().one_of("key", keys)
    rows = reader.rows(f"SELECT key, places FROM definitions WHERE {where}", where.values)
    return {key: msgspec.json.decode(places, type=list[tuple[str, str, str]]) for key, places in rows}


def _instances(reader: Reader, rows: Sequence[tuple[object, ...]]) -> list[Instance]:
    current = _current(reader, {int(str(row[0])): int(str(row[2])) for row in rows if row[5] == "ACTIVE"})
    return [_instance(row, current) for row in rows]


def _instance(row: Sequence[object], current: dict[int, list[CurrentElement]]) -> Instance:
    key, process, definition, name, version, state, incidents, started, ended, subject, tenant, suspended, *parent = row
    return Instance(
        process_instance_key=str(key),
        process_definition_id=str(process),
        process_definition_key=str(definition),
        process_definition_name=str(name),
        process_definition_version=int(str(version)),
        state=str(state),
        has_incident=bool(incidents),
        start_date=iso(int(str(started))),
        end_date=iso_or_none(int(str(ended))),
        subject=str(subject),
        current_elements=current.get(int(str(key)), []),
        tenant_id=str(tenant),
        suspended=bool(suspended),
        parent_process_instance_key=str(parent[0]) if parent[0] else None,
        parent_element_instance_key=str(parent[1]) if parent[1] else None,
    )


def _current(reader: Reader, definition_of: dict[int, int]) -> dict[int, list[CurrentElement]]:
    """The innermost active elements of each instance, once each."""
    where = Where().one_of("instance", definition_of)
    rows = reader.rows(
        "SELECT instance, key, scope, node FROM elements INDEXED BY elements_active"
        f" WHERE {where} AND state = 'ACTIVE' AND node > 0 ORDER BY key",
        where.values,
    )
    scopes = {scope for _, _, scope, _ in rows}
    places = places_of(reader, set(definition_of.values()))
    found: dict[int, dict[str, CurrentElement]] = {}
    for instance, key, _, node in rows:
        if key not in scopes:
            element, name, _ = _place(places, definition_of[instance], node)
            found.setdefault(instance, {})[element] = CurrentElement(element_id=element, name=name or element)
    return {instance: list(elements.values()) for instance, elements in found.items()}


def _place(places: dict[int, list[tuple[str, str, str]]], definition: int, node: int) -> tuple[str, str, str]:
    known = places.get(definition, [])
    return known[node] if 0 <= node < len(known) else ("", "", "UNKNOWN")
