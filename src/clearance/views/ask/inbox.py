"""The inbox: which audiences there are, the items of those that somebody may see, and one item whole."""

from collections.abc import Callable, Sequence

import msgspec

from clearance.model.values import from_json
from clearance.views.brief import Brief, Fact
from clearance.views.cursors import Term
from clearance.views.hits import Finder, Hits
from clearance.views.lists import Chosen, Order, ordering
from clearance.views.reader import Answer, BadQuery, Page, PageRequest, Reader, Sort, Where, iso, iso_or_none
from clearance.views.texts import INBOX, INSTANCES

SORTABLE = {
    "dueDate": Order("b.due", "inbox_by_due", missing="some"),
    "creationDate": Order("b.created", "inbox_by_creation"),
    "completionDate": Order("b.ended", "inbox_by_end", missing="all"),
    "followUpDate": Order("b.follow_up", missing="some"),
    "priority": Order("b.priority", "inbox_by_priority"),
    "title": Order("b.title"),
    "subject": Order("i.subject"),
}
SCOPES = ("mine", "roles", "open", "done")


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """For whom items are: what the gate rules on before any of them is listed."""

    id: int
    kind: str
    process: str
    element: str
    roles: tuple[str, ...]
    users: tuple[str, ...]
    assignee: str


class InboxFilter(msgspec.Struct, frozen=True, kw_only=True):
    audiences: Sequence[int]
    states: Sequence[str] | None = None
    instances: Sequence[int] | None = None
    keys: Sequence[int] | None = None
    tenants: Sequence[str] | None = None
    text: str = ""


class InboxItem(Answer, frozen=True, kw_only=True):
    key: str
    kind: str
    title: str
    subject: str
    reason: str
    process_definition_id: str
    process_name: str
    process_instance_key: str
    element_id: str
    roles: tuple[str, ...]
    assignee: str | None
    state: str
    creation_date: str
    due_date: str | None
    priority: int


class Given(Answer, frozen=True, kw_only=True):
    """A person's answer."""

    option: str
    comment: str
    by: str
    at: str


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """All there is about an item; ``shown`` is the part for lists."""

    shown: InboxItem
    audience: Audience
    instance: int
    definition: int
    version: int
    element_key: int
    job: int
    completion_date: str | None
    follow_up_date: str | None
    form: str
    brief: Brief
    detail: str
    approvals: int
    tenant: str
    answer: Given | None


_COLUMNS = (
    "b.key, b.title, i.subject, b.reason, i.process, coalesce(d.name, i.process), b.instance, a.element, b.state,"
    " b.created, b.due, b.priority, a.id, a.kind, a.process, a.roles, a.users, a.assignee,"
    " b.definition, coalesce(d.version, 0), b.element_key, b.job, b.ended, b.follow_up, b.form, b.brief, b.detail,"
    " b.approvals, i.tenant, b.option, b.comment, b.answered_by, b.answered"
)
_OF_INSTANCE = " CROSS JOIN instances i ON i.key = b.instance"
_JOINS = f" CROSS JOIN audiences a ON a.id = b.audience{_OF_INSTANCE} LEFT JOIN definitions d ON d.key = b.definition"


def audiences(reader: Reader) -> list[Audience]:
    """Every audience; there are about as many as tasks in the definitions times their assignees."""
    rows = reader.rows("SELECT id, kind, process, element, roles, users, assignee FROM audiences ORDER BY id")
    return [_audience(*row) for row in rows]


def in_scope(scope: str, name: str, roles: Sequence[str]) -> Callable[[Audience], bool]:
    """Whether an audience belongs to a person's scope; raises :class:`BadQuery` for a scope that does not exist."""
    if scope == "mine":
        return lambda audience: audience.assignee == name
    if scope == "roles":
        return lambda audience: (
            not audience.assignee and (name in audience.users or not set(roles).isdisjoint(audience.roles))
        )
    if scope in SCOPES:
        return lambda audience: True
    raise BadQuery(f"filter.scope: {scope!r} is none of {', '.join(SCOPES)}")


def search(
    reader: Reader, narrow: InboxFilter, sort: Sequence[Sort] = (), page: PageRequest = PageRequest()
) -> Page[Item]:
    """Unless a sort says otherwise, what has come first comes first."""
    order = ordering(sort or (Sort("creationDate"),), SORTABLE, Term("b.key"), "inbox_by_creation")
    rows, seek = Where(), ""
    if narrow.instances is not None:
        rows.one_of("b.instance", narrow.instances)
        seek = "INDEXED BY inbox_by_instance"
    if narrow.keys is not None:
        rows.one_of("b.key", narrow.keys)
        seek = "NOT INDEXED"
    if narrow.text:
        rows.text(narrow.text, "b.title", "b.reason", "i.subject")
    chosen = Chosen(
        table="inbox",
        alias="b",
        groups="inbox_groups",
        grain=("audience", "tenant", "state"),
        among={"audience": narrow.audiences, "tenant": narrow.tenants, "state": narrow.states},
        rows=rows,
        beside=_OF_INSTANCE if narrow.text or any(item.field == "subject" for item in sort) else "",
        seek=seek,
        find=_Finder(narrow.text) if narrow.text else None,
    )
    found, total = chosen.take(reader, _COLUMNS, _JOINS, order, page)
    return Page(items=[_item(row) for row in found], page=total)


class _Finder(Finder):
    """Finds the items that may have a text themselves, and those of the instances whose subject may have it."""

    def __init__(self, text: str) -> None:
        super().__init__(INBOX, text)
        self._instances = Finder(INSTANCES, text)

    def __call__(self, reader: Reader) -> Hits | None:
        items, instances = super().__call__(reader), self._instances(reader)
        if items is None or instances is None:
            return None
        of_instances = f"SELECT key FROM inbox INDEXED BY inbox_by_instance WHERE instance IN ({instances.sql})"
        values = (*items.values, *instances.values)
        return Hits(f"{items.sql} UNION {of_instances}", values, few=items.few and instances.few)


def get(reader: Reader, key: int) -> Item | None:
    row = reader.row(f"SELECT {_COLUMNS} FROM inbox b{_JOINS} WHERE b.key = ?", (key,))
    return _item(row) if row else None


def _audience(id_: int, kind: str, process: str, element: str, roles: str, users: str, assignee: str) -> Audience:
    texts = msgspec.json.Decoder(tuple[str, ...])
    return Audience(
        id=id_,
        kind=kind,
        process=process,
        element=element,
        roles=texts.decode(roles),
        users=texts.decode(users),
        assignee=assignee,
    )


def _item(row: Sequence[object]) -> Item:
    cells = dict(zip(_NAMES, row, strict=True))
    text = {name: str(value) for name, value in cells.items()}
    number = {name: value if isinstance(value, int) else 0 for name, value in cells.items()}
    audience = _audience(
        number["id"], text["kind"], text["process"], text["element"], text["roles"], text["users"], text["assignee"]
    )
    shown = InboxItem(
        key=text["key"],
        kind=text["kind"],
        title=text["title"],
        subject=text["subject"],
        reason=text["reason"],
        process_definition_id=text["process"],
        process_name=text["process_name"],
        process_instance_key=text["instance"],
        element_id=text["element"],
        roles=audience.roles,
        assignee=audience.assignee or None,
        state=text["state"],
        creation_date=iso(number["created"]),
        due_date=iso_or_none(number["due"]),
        priority=number["priority"],
    )
    answer = Given(option=text["option"], comment=text["comment"], by=text["answered_by"], at=iso(number["answered"]))
    return Item(
        shown=shown,
        audience=audience,
        instance=number["instance"],
        definition=number["definition"],
        version=number["version"],
        element_key=number["element_key"],
        job=number["job"],
        completion_date=iso_or_none(number["ended"]),
        follow_up_date=iso_or_none(number["follow_up"]),
        form=text["form"],
        brief=_brief(text["brief"], text["kind"], text["detail"], number["approvals"]),
        detail=text["detail"],
        approvals=number["approvals"],
        tenant=text["tenant"],
        answer=answer if number["answered"] else None,
    )


def _brief(text: str, kind: str, detail: str, approvals: int) -> Brief:
    brief = msgspec.convert(from_json(text), Brief)
    if kind != "approval" or int(detail) < 2:
        return brief
    progress = Fact(label="Approvals", expected=int(detail), actual=approvals, ok=approvals >= int(detail))
    return msgspec.structs.replace(brief, facts=(*brief.facts, progress))


_NAMES = (
    "key", "title", "subject", "reason", "process", "process_name", "instance", "element", "state",
    "created", "due", "priority", "id", "kind", "audience_process", "roles", "users", "assignee",
    "definition", "version", "element_key", "job", "ended", "follow_up", "form", "brief", "detail",
    "approvals", "tenant", "option", "comment", "answered_by", "answered",
)  # fmt: skip
