"""What belongs to no instance: deployments, messages, signals, conditions that processes start on."""

from clearance.model.events.base import Recorded
from clearance.model.parcels import Parcel
from clearance.model.values import Data


class ProcessDeployed(Recorded, frozen=True, tag="process-deployed"):
    """A version of a process. The same content again changes nothing."""

    key: int
    process: str
    name: str
    version: int
    definition: str
    """Content hash."""
    content: str
    """The definition's JSON."""
    xml: str
    """BPMN 2.0 XML as deployed or exported."""
    at: int = 0
    """When the first shard deployed it; 0: this is the first shard, its entry says when."""


class DecisionsDeployed(Recorded, frozen=True, tag="decisions-deployed"):
    """A decision file (DMN XML, or a spreadsheet) under its name."""

    key: int
    name: str
    sha256: str
    content: str
    """Base64."""


class MessagePublished(Recorded, frozen=True, tag="message"):
    key: int
    name: str
    correlation_key: str
    message_id: str
    expires: int
    variables: dict[str, Data]
    forget: int = 0
    """Until then it, or its id, is remembered; 0: an earlier release, which did not say."""


class MessageCorrelated(Recorded, frozen=True, tag="message-correlated"):
    """A message reached an instance of a process; it will not reach that process again under the same key."""

    key: int
    process: str
    instance: int


class MessageExpired(Recorded, frozen=True, tag="message-expired"):
    key: int


class SignalBroadcast(Recorded, frozen=True, tag="signal"):
    key: int
    name: str
    variables: dict[str, Data]


class StartTimerFired(Recorded, frozen=True, tag="start-timer"):
    """A start timer was due; earlier releases did not record it."""

    key: int
    due: int
    again: int
    """When it is due next; 0: never."""
    repetitions: int
    """How often it is left to fire; negative: without end."""


class InstancesArchived(Recorded, frozen=True, tag="archived"):
    """Entries of instances that have ended, and the oldest of the shard's own stream, are in a file from now on."""

    sha256: str
    """Of the file."""
    first: int
    last: int
    """Positions of the first and the last entry in it."""
    entries: int
    size: int
    """Bytes of the file."""
    instances: tuple[int, ...]
    shard_sequence: int
    """Up to here the shard's own stream is in this archive or in earlier ones; 0: none of it."""


class ParcelSent(Recorded, frozen=True, tag="parcel-sent"):
    """Something for another shard."""

    shard: int
    sequence: int
    """1, 2, 3 … of those for that shard."""
    depth: int
    """How many messages and signals, one leading to the next, have led to it."""
    parcel: Parcel


class ParcelTaken(Recorded, frozen=True, tag="parcel-taken"):
    """What the shard sent under this number has been carried out here."""

    shard: int
    sequence: int


class ParcelsArrived(Recorded, frozen=True, tag="parcels-arrived"):
    """The shard has taken everything up to this number."""

    shard: int
    sequence: int


class SubscriptionOpened(Recorded, frozen=True, tag="subscription-opened"):
    """An instance of another shard waits for a message whose home is here."""

    key: int
    instance: int
    process: str
    name: str
    correlation_key: str
    place: int
    """Its place among those that wait: a key of this shard."""


class SubscriptionClosed(Recorded, frozen=True, tag="subscription-closed"):
    key: int


class MessageOffered(Recorded, frozen=True, tag="message-offered"):
    """A message is on its way to an instance of another shard, or to begin one there."""

    key: int
    process: str
    instance: int
    """0: it is to begin."""
    subscription: int
    """0: that of a start event, which stays open."""


class MessageDeclined(Recorded, frozen=True, tag="message-declined"):
    """The instance did not wait any longer; its subscription is closed here too."""

    key: int
    process: str
    subscription: int


class ConditionsEvaluated(Recorded, frozen=True, tag="conditions"):
    """The conditions that processes start on were looked at with these variables."""

    key: int
    variables: dict[str, Data]
