"""The ledger itself, and the rulings that it holds."""

import msgspec

from clearance.engine import chain
from clearance.views.ask import record
from clearance.views.ask.record import Ruled
from clearance.views.reader import LIMIT_MAX, Page, PageInfo, iso, key_of
from clearance.web.exchange import Call, Routes
from clearance.web.problems import Problem
from clearance.web.routes.instances import page_of

routes = Routes("Ledger")

AFTER_MAX = 10**15


class LedgerEntry(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    position: int
    stream: str
    sequence: int
    at: str
    hash: str
    content: str | None
    """Exactly the text that the hash covers (after the previous entry's hash of the stream); null when masked."""
    masked: bool = False


@routes.add("GET", "/v2/ledger", answer=Page[LedgerEntry])
def get_ledger(call: Call[None]) -> Page[LedgerEntry]:
    """Ledger entries in order, which anybody with SHA-256 can check.

    Those after a position (``after``), at most ``limit``. With ``stream`` (an instance key, or 0 for deployments and
    messages) those of one stream after a sequence number.
    """
    ruling = call.tower.access.require(call.account, "audit")
    limit = call.query_number("limit", 100, LIMIT_MAX)
    after = call.query_number("after", 0, AFTER_MAX)
    stream = key_of(call.query("stream"), "stream") if call.query("stream") else None
    entries = call.tower.entries(after, stream, limit) if limit else ()
    hidden = bool(ruling.mask)
    items = [
        LedgerEntry(
            position=entry.position,
            stream=str(entry.stream),
            sequence=entry.sequence,
            at=iso(chain.read(entry).at),
            hash=entry.hash.hex(),
            content=None if hidden else entry.content.decode(),
            masked=hidden,
        )
        for entry in entries
    ]
    total = call.tower.views.position() if stream is None else record.length(call.tower.reader, stream)
    return Page(items=items, page=PageInfo(total_items=total))


@routes.add("GET", "/v2/clearances/search", answer=Page[Ruled])
def search_clearances(call: Call[None]) -> Page[Ruled]:
    """Rulings of one instance, or of all for those who may audit.

    ``processInstanceKey`` names the instance, ``decision`` narrows to permit, deny or approval.
    """
    instance = call.query("processInstanceKey")
    key = key_of(instance, "processInstanceKey") if instance else None
    if key is None:
        call.tower.access.require(call.account, "audit")
    else:
        call.tower.access.instance(call.account, key)
    decision = call.query("decision") or None
    if decision not in (None, "permit", "deny", "approval"):
        raise Problem(400, f"decision: {decision!r} is none of permit, deny, approval")
    return record.clearances(call.tower.reader, key, decision, page_of(call))
