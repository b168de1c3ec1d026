"""What one shard tells another. A parcel is committed with what it follows from, and carried out exactly once.

Parcels are all that shards know of one another, so that they may run in one process or on several machines:
``engine/state/neighbours.py`` numbers and sends them, ``engine/exchange/`` says what follows where they arrive.
"""

from collections.abc import Mapping

import msgspec

from clearance.model.values import Data


class _Parcel(msgspec.Struct, frozen=True, kw_only=True, tag_field="parcel"):
    pass


class Publish(_Parcel, frozen=True, kw_only=True, tag="publish"):
    """An instance throws a message whose home is elsewhere."""

    name: str
    correlation_key: str
    message_id: str
    time_to_live: int
    variables: Mapping[str, Data]
    tenant: str


class Ring(_Parcel, frozen=True, kw_only=True, tag="ring"):
    """A signal for every instance that waits for it; what starts on it is started where it was broadcast."""

    key: int
    name: str
    variables: Mapping[str, Data]


class Open(_Parcel, frozen=True, kw_only=True, tag="open"):
    """An instance waits for a message: to the home of its correlation key."""

    subscription: int
    instance: int
    process: str
    definition: str
    name: str
    correlation_key: str
    tenant: str
    again: bool = False
    """It is open already and belongs to another process now: the instance has been migrated."""


class Close(_Parcel, frozen=True, kw_only=True, tag="close"):
    """It waits no longer."""

    subscription: int


class Offer(_Parcel, frozen=True, kw_only=True, tag="offer"):
    """A message for an instance that waits for it, or for a start event: it carries no key, and the instance may live
    anywhere.
    """

    message: int
    name: str
    correlation_key: str
    subscription: int
    instance: int
    """0: it is to begin."""
    process: str
    variables: Mapping[str, Data]
    tenant: str


class Settle(_Parcel, frozen=True, kw_only=True, tag="settle"):
    """What has become of an offer: the instance has taken the message, or waits no longer; it has begun, or cannot."""

    message: int
    name: str
    correlation_key: str
    subscription: int
    """0: of a start event."""
    instance: int
    """0: it could not begin."""
    process: str
    taken: bool
    tenant: str


class ProcessVersion(_Parcel, frozen=True, kw_only=True, tag="process-version"):
    """A version that the first shard has deployed."""

    key: int
    process: str
    name: str
    version: int
    definition: str
    content: str
    xml: str
    at: int


class DecisionVersion(_Parcel, frozen=True, kw_only=True, tag="decision-version"):
    """A decision file that the first shard has deployed."""

    key: int
    name: str
    sha256: str
    content: str
    """Base64."""


Parcel = Publish | Ring | Open | Close | Offer | Settle | ProcessVersion | DecisionVersion
