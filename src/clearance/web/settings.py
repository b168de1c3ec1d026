"""Bounds and switches of the web, each with its default."""

from typing import Annotated

import msgspec

from clearance.model.bounds import Count, CountOrNone, Span, SpanOrNone


class WebSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    body_bytes_max: Count = 4 * 1024 * 1024
    """Of a JSON request; larger ones get 413."""
    upload_bytes_max: Count = 64 * 1024 * 1024
    """Of documents and deployments together in one request."""
    variable_bytes_max: Count = 8192
    """Longer values are cut in lists of variables and marked ``isTruncated``."""
    commit_timeout_s: Span = 30.0
    """How long a request waits for its command; afterwards it gets 503 and may ask again."""
    view_timeout_s: SpanOrNone = 5.0
    """How long a reader waits for its own write to be seen."""
    session_hours: Span = 12.0
    cookie_secure: bool = False
    """True behind TLS: the session cookie then never travels in the clear."""
    login_failures_max: Count = 5
    """Of one user or one address within the pause, before the next attempt must wait."""
    login_pause_s: SpanOrNone = 30.0
    watchers_max: CountOrNone = 200
    """Clients of the event stream at the same time."""
    watch_debounce_s: SpanOrNone = 0.25
    watch_minutes: Span = 15.0
    """After this an event stream ends; browsers connect again and thereby show who they are."""
    event_time_to_live_ms: CountOrNone = 3_600_000
    """How long a CloudEvent waits for somebody to correlate with."""
    tenant: Annotated[str, msgspec.Meta(min_length=1)] = "<default>"
