"""One file a resource; ``ALL`` is every one in the order in which the documentation shows them."""

from clearance.web.exchange import Routes
from clearance.web.routes import (
    authentication,
    changes,
    cloudevents,
    conditions,
    definitions,
    documents,
    inbox,
    incidents,
    instances,
    ledger,
    messages,
    overview,
    user_tasks,
)

ALL: tuple[Routes, ...] = (
    authentication.routes,
    inbox.routes,
    overview.routes,
    instances.routes,
    changes.routes,
    definitions.routes,
    messages.routes,
    conditions.routes,
    cloudevents.routes,
    user_tasks.routes,
    incidents.routes,
    documents.routes,
    ledger.routes,
)
