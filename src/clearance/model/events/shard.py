"""What belongs to no instance: deployments, messages, signals, conditions that processes start on."""

from clearance.model.events.base import Recorded
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


class ConditionsEvaluated(Recorded, frozen=True, tag="conditions"):
    """The conditions that processes start on were looked at with these variables."""

    key: int
    variables: dict[str, Data]
