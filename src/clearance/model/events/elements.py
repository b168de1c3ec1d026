"""Instances, elements, tokens, variables, loops: how a process moves."""

from clearance.model.events.base import Recorded
from clearance.model.values import Data, Value


class InstanceCreated(Recorded, frozen=True, tag="instance"):
    """An instance exists and is pinned to a definition (its content hash)."""

    key: int
    process: str
    definition: str
    tenant: str
    parent: int = 0
    """The instance that has called it, and the element instance there."""
    parent_element: int = 0
    depth: int = 0


class BeginningHeld(Recorded, frozen=True, tag="beginning-held"):
    """The instance begins once the listeners for the start of its process have been heard: then by this command."""

    command: str
    """JSON of ``Create``."""


class SubjectSet(Recorded, frozen=True, tag="subject"):
    """The line that tells a person which case this is."""

    text: str


class ElementActivating(Recorded, frozen=True, tag="activating"):
    key: int
    node: int
    """Index into the graph's nodes; 0 is the process itself."""
    scope: int
    """Key of the element instance that holds this one; 0 for the process."""
    loop_counter: int = 0
    """From 1 in an inner instance of a multi-instance activity, otherwise 0."""


class ElementActivated(Recorded, frozen=True, tag="activated"):
    key: int


class ElementCompleting(Recorded, frozen=True, tag="completing"):
    key: int


class ElementCompleted(Recorded, frozen=True, tag="completed"):
    key: int


class ElementTerminating(Recorded, frozen=True, tag="terminating"):
    key: int


class ElementTerminated(Recorded, frozen=True, tag="terminated"):
    key: int


class ScopeInterrupted(Recorded, frozen=True, tag="interrupted"):
    """An interrupting event sub-process has taken over the scope: no other one can start in it."""

    key: int


class FlowTaken(Recorded, frozen=True, tag="flow"):
    flow: int
    scope: int


class TokensJoined(Recorded, frozen=True, tag="joined"):
    """A join consumes the tokens that wait in front of it: so many of each flow."""

    node: int
    scope: int
    flows: tuple[int, ...]


class GatewayPhase(Recorded, frozen=True, tag="phase"):
    """A complex gateway has started with tokens from these flows and waits for the others; none: it starts anew."""

    node: int
    scope: int
    flows: tuple[int, ...]


class VariablesSet(Recorded, frozen=True, tag="variables"):
    scope: int
    values: dict[str, Value]


class LoopOpened(Recorded, frozen=True, tag="loop"):
    """A multi-instance body knows what it will go through."""

    key: int
    items: list[Data]
    label: str = ""
    """The integrity label of the collection."""


class LoopResult(Recorded, frozen=True, tag="loop-result"):
    """The output of one inner instance, kept at its place until the body completes."""

    key: int
    index: int
    output: Data
    label: str = ""


class ProcessCalled(Recorded, frozen=True, tag="called"):
    """A call activity calls a process, which runs as an instance of its own."""

    element: int
    child: int
    process: str


class CallEnded(Recorded, frozen=True, tag="call-ended"):
    """The call activity waits for the called instance no longer: that is completed, failed, canceled or given up."""

    element: int
    child: int
    how: str


class AdHocQueued(Recorded, frozen=True, tag="ad-hoc-queued"):
    """An element of a sequential ad-hoc sub-process was chosen while another one is at work."""

    key: int
    node: int
    values: dict[str, Value]


class AdHocTaken(Recorded, frozen=True, tag="ad-hoc-taken"):
    """The first in the queue begins, or is given up."""

    key: int


class AdHocFulfilled(Recorded, frozen=True, tag="ad-hoc-fulfilled"):
    """Nothing further is chosen; the ad-hoc sub-process ends with what is still at work in it."""

    key: int


class DecisionEvaluated(Recorded, frozen=True, tag="decision"):
    """A business rule task decided: which decision, and the rules that fired."""

    element: int
    decision: str
    rules: tuple[str, ...]
