"""Which part of a list is asked for, and in what order, where the question is a GET: by query parameters."""

from typing import Any

from clearance.views.reader import PageRequest
from clearance.web.exchange import Call
from clearance.web.filters import one_of

PAGE_QUERY = {
    "limit": "How many, at most 1,000",
    "from": "The number of the first one",
    "after": "Instead of from: the endCursor of the page before",
    "before": "Instead of from: the startCursor of the page behind",
}
ORDER_QUERY = {"order": "asc (the default: the oldest first) or desc"}


def page_of(call: Call[Any], default: int = 50) -> PageRequest:
    """Paging of a GET resource."""
    start, limit = call.query_number("from", 0, 10**9), call.query_number("limit", default, 10**6)
    return PageRequest(start, limit, call.query("after"), call.query("before"))


def newest_first(call: Call[Any]) -> bool:
    """The order of a GET resource."""
    order = call.query("order", "asc")
    one_of(order, ("asc", "desc"), "order")
    return order == "desc"
