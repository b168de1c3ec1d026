"""The ledger itself, and the rulings that it holds."""

import msgspec

from clearance.ledger import chain, numbering
from clearance.views.ask import record
from clearance.views.ask.record import Ruled
from clearance.views.reader import LIMIT_MAX, Page, PageInfo, iso, key_of
from clearance.web.exchange import Call, Routes
from clearance.web.paging import ORDER_QUERY, PAGE_QUERY, newest_first, page_of
from clearance.web.problems import Problem

routes = Routes("Ledger")

AFTER_MAX = 2**53
RULINGS_QUERY = {
    "processInstanceKey": "Only those of this instance; all are for those who may audit",
    "decision": "permit, deny or approval",
}


class LedgerEntry(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    position: int
    """Of several shards: with the shard in the bits from 42 on, as in ``Ledger-Position``."""
    shard: int = 0
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

    Those after a position (``after``), at most ``limit``; shard after shard where there are several. With ``stream``
    (an instance key, or 0 for deployments and messages, of which every ``shard`` has one) those of one stream after a
    sequence number.
    """
    ruling = call.tower.access.require(call.account, "audit")
    limit = call.query_number("limit", 100, LIMIT_MAX)
    after = call.query_number("after", 0, AFTER_MAX)
    stream = key_of(call.query("stream"), "stream") if call.query("stream") else None
    shard = call.query_number("shard", 0, numbering.SHARDS_MAX)
    entries = call.tower.entries(after, stream, limit, shard) if limit else []
    hidden = bool(ruling.mask)
    items = [
        LedgerEntry(
            position=place,
            shard=numbering.shard_at(place),
            stream=str(entry.stream),
            sequence=entry.sequence,
            at=iso(chain.read(entry).at),
            hash=entry.hash.hex(),
            content=None if hidden else entry.content.decode(),
            masked=hidden,
        )
        for place, entry in entries
    ]
    if stream is not None:
        return Page(items=items, page=record.length(call.tower.reader, stream, shard))
    return Page(items=items, page=PageInfo(total_items=call.tower.views.position(), has_more_total_items=False))


@routes.add("GET", "/v2/clearances/search", answer=Page[Ruled], query=RULINGS_QUERY | PAGE_QUERY | ORDER_QUERY)
def search_clearances(call: Call[None]) -> Page[Ruled]:
    """Rulings of one instance, or of all for those who may audit."""
    instance = call.query("processInstanceKey")
    key = key_of(instance, "processInstanceKey") if instance else None
    if key is None:
        call.tower.access.require(call.account, "audit")
    else:
        call.tower.access.instance(call.account, key)
    decision = call.query("decision") or None
    if decision not in (None, "permit", "deny", "approval"):
        raise Problem(400, f"decision: {decision!r} is none of permit, deny, approval")
    return record.clearances(call.tower.reader, key, decision, page_of(call), newest_first=newest_first(call))
