"""What an element asks of an actor."""

from clearance.model.definition.base import Frozen, Text


class JobDefinition(Frozen, frozen=True, kw_only=True):
    """Work for an actor (``zeebe:taskDefinition``)."""

    type: Text
    retries: Text = ""
    """How many attempts in all; empty: what the actor declares."""
    headers: tuple[tuple[str, str], ...] = ()
