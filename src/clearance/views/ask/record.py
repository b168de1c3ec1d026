"""What is on record: the history of an instance, rulings, documents, and which instances a message reached."""

from collections.abc import Sequence

import msgspec

from clearance.ledger import numbering
from clearance.views.cursors import Term, select, window
from clearance.views.reader import Answer, Page, PageInfo, PageRequest, Reader, Where, iso
from clearance.views.variables import Document


class Clearance(Answer, frozen=True, kw_only=True):
    decision: str
    policies: tuple[str, ...]
    reasons: tuple[str, ...]


class HistoryEntry(Answer, frozen=True, kw_only=True):
    position: int
    at: str
    kind: str
    element_id: str
    element_name: str
    summary: str
    actor: str
    clearance: Clearance | None
    hash: str


class Ruled(Answer, frozen=True, kw_only=True):
    """One ruling with its circumstances."""

    position: int
    at: str
    process_instance_key: str
    principal: str
    action: str
    element_id: str
    element_name: str
    decision: str
    policies: tuple[str, ...]
    reasons: tuple[str, ...]
    mask: tuple[str, ...]
    action_sha256: str


_texts = msgspec.json.Decoder(tuple[str, ...]).decode


def history(
    reader: Reader, instance: int, page: PageRequest = PageRequest(0, 500), *, newest_first: bool = False
) -> Page[HistoryEntry]:
    """An instance's entries, each with its weightiest ruling (a denial before a request for approval)."""
    rows, total = select(
        reader,
        "h.position, h.at, h.kind, h.element, h.element_name, h.summary, h.actor, h.hash,"
        " c.decision, c.policies, c.reasons",
        "history h LEFT JOIN clearances c ON c.position = h.position"
        " AND c.part = (SELECT part FROM clearances o WHERE o.position = h.position"
        "  ORDER BY o.decision = 'permit', o.decision = 'approval', part LIMIT 1)",
        Where().add("h.instance = ?", instance),
        window(page, (Term("h.position", descending=newest_first),)),
        length(reader, instance),
    )
    return Page(items=[_entry(row) for row in rows], page=total)


def length(reader: Reader, stream: int, shard: int = 0) -> PageInfo:
    """How many entries a stream has; every shard has a stream 0."""
    shard = numbering.shard_of(stream) if stream else shard
    places = (numbering.place_of(0, shard), numbering.place_of(0, shard + 1))
    return reader.total("FROM history WHERE instance = ? AND position BETWEEN ? AND ?", (stream, *places))


def clearances(
    reader: Reader,
    instance: int | None,
    decision: str | None = None,
    page: PageRequest = PageRequest(),
    *,
    newest_first: bool = False,
) -> Page[Ruled]:
    """Rulings in order; of one instance, or of all."""
    where = Where()
    if instance is not None:
        where.add("instance = ?", instance)
    if decision is not None and instance is not None:
        where.add("+decision = ?", decision)  # the plus keeps to the index of the instance's rulings
    elif decision is not None:
        where.add("decision = ?", decision)
        if decision != "permit":
            where.add("decision <> 'permit'")  # so the index of just these can be used
    rows, total = select(
        reader,
        "position, at, instance, principal, action, element, element_name, decision, policies, reasons, mask, sha256",
        "clearances",
        where,
        window(page, (Term("position", newest_first), Term("part", newest_first))),
    )
    items = [
        Ruled(
            position=position,
            at=iso(at),
            process_instance_key=str(of),
            principal=principal,
            action=action,
            element_id=element,
            element_name=name,
            decision=decision_,
            policies=_texts(policies),
            reasons=_texts(reasons),
            mask=_texts(mask),
            action_sha256=sha256,
        )
        for position, at, of, principal, action, element, name, decision_, policies, reasons, mask, sha256 in rows
    ]
    return Page(items=items, page=total)


def documents(reader: Reader, sha256: str) -> list[tuple[str, Document]]:
    """The processes in whose instances a document is referred to, each with the reference."""
    rows = reader.rows(
        "SELECT DISTINCT i.process, d.sha256, d.name, d.media_type, d.size FROM documents d"
        " JOIN instances i ON i.key = d.instance WHERE d.sha256 = ? ORDER BY i.process, d.name LIMIT 100",
        (sha256,),
    )
    return [(process, Document(*document)) for process, *document in rows]


def document_of(reader: Reader, instance: int) -> Document | None:
    """The first document that an instance refers to."""
    row = reader.row(
        "SELECT sha256, name, media_type, size FROM documents WHERE instance = ? AND size > 0 ORDER BY sha256 LIMIT 1",
        (instance,),
    )
    return Document(*row) if row else None


def reached(reader: Reader, message: int) -> list[int]:
    """The instances that a message reached."""
    rows = reader.rows("SELECT instance FROM correlations WHERE message = ? ORDER BY position", (message,))
    return [row[0] for row in rows]


def on_its_way(reader: Reader, message: int) -> bool:
    """Whether a message has been offered to an instance on another shard that has not answered yet."""
    return reader.count("SELECT count(*) FROM offers WHERE message = ?", (message,)) > 0


def _entry(row: Sequence[object]) -> HistoryEntry:
    position, at, kind, element, name, summary, actor, digest, decision, policies, reasons = row
    clearance = None
    if decision is not None:
        clearance = Clearance(decision=str(decision), policies=_texts(str(policies)), reasons=_texts(str(reasons)))
    return HistoryEntry(
        position=int(str(position)),
        at=iso(int(str(at))),
        kind=str(kind),
        element_id=str(element),
        element_name=str(name),
        summary=str(summary),
        actor=str(actor),
        clearance=clearance,
        hash=digest.hex() if isinstance(digest, bytes) else "",
    )
