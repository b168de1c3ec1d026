"""What an element asks of an actor."""

from clearance.model.definition.base import Frozen, Text


class LinkedResource(Frozen, frozen=True, kw_only=True):
    """A file elsewhere that the actor is to use (``zeebe:linkedResource``); the engine passes on what is said of it."""

    id: str
    type: str = ""
    link: str = ""
    """What the actor calls it."""
    binding: str = ""
    version_tag: str = ""


class JobDefinition(Frozen, frozen=True, kw_only=True):
    """Work for an actor (``zeebe:taskDefinition``)."""

    type: Text
    retries: Text = ""
    """How many attempts in all; empty: what the actor declares."""
    headers: tuple[tuple[str, str], ...] = ()
    linked: tuple[LinkedResource, ...] = ()
    """The actor gets them in the header ``linkedResources``."""


class Listener(Frozen, frozen=True, kw_only=True):
    """Work for an actor at a turn in an element's life, which waits for it (``zeebe:executionListener``)."""

    event: str
    """start, end, or beforeAll (once before all rounds of a multi-instance activity)."""
    type: Text
    retries: Text = ""
    """As of jobs."""
    headers: tuple[tuple[str, str], ...] = ()
    """Beside those of the element; of one that both have, the listener's counts."""
