"""A process as its author wrote it: what the BPMN reader and the Python builder both yield, and what is deployed.

Names follow BPMN 2.0.2 (OMG formal/2013-12-09) and, for what the standard leaves open, Camunda 8's ``zeebe:`` extension
elements. A text attribute that starts with ``=`` is a FEEL expression, any other text stands for itself. Everything is
frozen and plain, so a definition has canonical JSON and therefore a content hash that an instance can be pinned to.

Where next: ``model/graph.py`` for the compiled form, ``bpmn/elements`` and ``build`` for the two ways to make a
definition.
"""

import hashlib
from collections.abc import Iterator

import msgspec

Text = str
"""Static text, or a FEEL expression after a leading ``=``."""


def is_expression(text: Text) -> bool:
    """Whether the text is a FEEL expression (leading ``=``)."""
    return text.startswith("=")


class _Frozen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


class _Part(_Frozen, frozen=True, kw_only=True):
    extensions: tuple[str, ...] = ()
    """As of elements: XML that we do not know, kept."""


# ---- event definitions (10.5.5) --------------------------------------------------------------------------------------


class TimerDefinition(_Part, frozen=True, tag="timer", kw_only=True):
    """Exactly one of the three, each ISO 8601 (a cycle may also be cron) or an expression that yields it."""

    date: Text = ""
    duration: Text = ""
    cycle: Text = ""


class MessageDefinition(_Part, frozen=True, tag="message", kw_only=True):
    """Catching: which message, and the key that must match. Throwing: a job of ``job`` type, or an outgoing message."""

    name: Text
    correlation_key: Text = ""
    job: "JobDefinition | None" = None
    message_id: Text = ""
    time_to_live: Text = ""


class SignalDefinition(_Part, frozen=True, tag="signal", kw_only=True):
    name: Text


class ErrorDefinition(_Part, frozen=True, tag="error", kw_only=True):
    """An empty code catches every error."""

    code: Text = ""


class EscalationDefinition(_Part, frozen=True, tag="escalation", kw_only=True):
    """An empty code catches every escalation."""

    code: Text = ""


class CompensateDefinition(_Part, frozen=True, tag="compensate", kw_only=True):
    """Throwing: undo one completed activity, or with no activity all of the scope, latest first."""

    activity: str = ""


class TerminateDefinition(_Part, frozen=True, tag="terminate", kw_only=True):
    pass


class ConditionalDefinition(_Part, frozen=True, tag="conditional", kw_only=True):
    condition: Text


class LinkDefinition(_Part, frozen=True, tag="link", kw_only=True):
    name: str


class CancelDefinition(_Part, frozen=True, tag="cancel", kw_only=True):
    pass


EventDefinition = (
    TimerDefinition
    | MessageDefinition
    | SignalDefinition
    | ErrorDefinition
    | EscalationDefinition
    | CompensateDefinition
    | TerminateDefinition
    | ConditionalDefinition
    | LinkDefinition
    | CancelDefinition
)


# ---- parts of activities ---------------------------------------------------------------------------------------------


class JobDefinition(_Frozen, frozen=True, kw_only=True):
    """Work for an actor (``zeebe:taskDefinition``)."""

    type: Text
    retries: Text = ""
    """How many attempts in all; empty: what the actor declares."""
    headers: tuple[tuple[str, str], ...] = ()


class Mapping(_Frozen, frozen=True, kw_only=True):
    """An input or output mapping (``zeebe:input`` / ``zeebe:output``): the source's value goes into the target
    variable.
    """

    source: Text
    target: str
    """A variable name, or a dotted path into a context."""


class MultiInstance(_Part, frozen=True, kw_only=True):
    """Once for each item of a collection, or a number of times (10.3.7, ``zeebe:loopCharacteristics``)."""

    sequential: bool = False
    collection: Text = ""
    item: str = ""
    """The variable that holds the item in each inner instance; ``loopCounter`` is always there, from 1."""
    cardinality: Text = ""
    """A number of instances, when there is no collection."""
    output_collection: str = ""
    output_item: Text = ""
    completion_condition: Text = ""
    """Checked after each inner completion, with numberOfInstances, numberOfActiveInstances, numberOfCompletedInstances,
    numberOfTerminatedInstances in scope."""


class Form(_Frozen, frozen=True, kw_only=True):
    """What a person sees and answers; empty: the task's variable ``brief`` shows (``zeebe:formDefinition``)."""

    key: str = ""
    """A form by its key (``formKey``)."""
    id: str = ""
    """A deployed form (``formId``)."""
    external_reference: str = ""
    """A form that another application shows (``externalReference``)."""
    binding: str = ""
    """latest (also when empty), deployment or versionTag."""
    version_tag: str = ""


class Assignment(_Frozen, frozen=True, kw_only=True):
    """Who may do a user task (``zeebe:assignmentDefinition``); lists are comma-separated text or a FEEL list."""

    assignee: Text = ""
    candidate_groups: Text = ""
    candidate_users: Text = ""


class Schedule(_Frozen, frozen=True, kw_only=True):
    """When a user task should be done (``zeebe:taskSchedule``); ISO 8601 date-times."""

    due_date: Text = ""
    follow_up_date: Text = ""


# ---- elements --------------------------------------------------------------------------------------------------------


class _Element(_Frozen, frozen=True, kw_only=True):
    id: str
    name: str = ""
    documentation: str = ""
    extensions: tuple[str, ...] = ()
    """XML of extension elements that we do not know, kept to be written back untouched."""
    attributes: tuple[tuple[str, str], ...] = ()
    """Foreign attributes in Clark notation (``{namespace}name``), and standard ones that do not execute, likewise
    kept.
    """
    carried: tuple[str, ...] = ()
    """XML of standard parts that do not execute (data associations, lanes, annotations, resource roles), likewise
    kept.
    """


class _Event(_Element, frozen=True, kw_only=True):
    definition: EventDefinition | None = None
    inputs: tuple[Mapping, ...] = ()
    outputs: tuple[Mapping, ...] = ()


class StartEvent(_Event, frozen=True, tag="startEvent", kw_only=True):
    interrupting: bool = True
    """Only for event sub-processes."""


class EndEvent(_Event, frozen=True, tag="endEvent", kw_only=True):
    pass


class IntermediateCatchEvent(_Event, frozen=True, tag="intermediateCatchEvent", kw_only=True):
    pass


class IntermediateThrowEvent(_Event, frozen=True, tag="intermediateThrowEvent", kw_only=True):
    pass


class BoundaryEvent(_Event, frozen=True, tag="boundaryEvent", kw_only=True):
    attached_to: str
    interrupting: bool = True


class _Gateway(_Element, frozen=True, kw_only=True):
    default: str = ""
    """The id of the default flow."""


class ExclusiveGateway(_Gateway, frozen=True, tag="exclusiveGateway", kw_only=True):
    pass


class InclusiveGateway(_Gateway, frozen=True, tag="inclusiveGateway", kw_only=True):
    pass


class ParallelGateway(_Element, frozen=True, tag="parallelGateway", kw_only=True):
    pass


class EventBasedGateway(_Element, frozen=True, tag="eventBasedGateway", kw_only=True):
    pass


class _Activity(_Element, frozen=True, kw_only=True):
    inputs: tuple[Mapping, ...] = ()
    outputs: tuple[Mapping, ...] = ()
    multi_instance: MultiInstance | None = None
    default: str = ""
    for_compensation: bool = False


class Task(_Activity, frozen=True, tag="task", kw_only=True):
    """The undefined task: passes through (Table 10.8)."""


class ManualTask(_Activity, frozen=True, tag="manualTask", kw_only=True):
    """Work outside any system: passes through."""


class ServiceTask(_Activity, frozen=True, tag="serviceTask", kw_only=True):
    job: JobDefinition


class SendTask(_Activity, frozen=True, tag="sendTask", kw_only=True):
    """Sends through a job, or publishes its message."""

    job: JobDefinition | None = None
    message: MessageDefinition | None = None


class ReceiveTask(_Activity, frozen=True, tag="receiveTask", kw_only=True):
    message: MessageDefinition


class UserTask(_Activity, frozen=True, tag="userTask", kw_only=True):
    assignment: Assignment = Assignment()
    schedule: Schedule = Schedule()
    form: Form = Form()
    priority: Text = ""
    """0 to 100, default 50."""
    headers: tuple[tuple[str, str], ...] = ()


class ScriptTask(_Activity, frozen=True, tag="scriptTask", kw_only=True):
    """A FEEL expression whose value goes into a variable, or a job."""

    expression: Text = ""
    result: str = ""
    job: JobDefinition | None = None


class BusinessRuleTask(_Activity, frozen=True, tag="businessRuleTask", kw_only=True):
    """A DMN decision whose output goes into a variable, or a job."""

    decision: Text = ""
    result: str = ""
    binding: str = ""
    """Which version of the decision: latest (also when empty), deployment or versionTag."""
    version_tag: str = ""
    job: JobDefinition | None = None


class SubProcess(_Activity, frozen=True, tag="subProcess", kw_only=True):
    elements: "tuple[Element, ...]" = ()
    flows: "tuple[Flow, ...]" = ()
    triggered_by_event: bool = False


Element = (
    StartEvent
    | EndEvent
    | IntermediateCatchEvent
    | IntermediateThrowEvent
    | BoundaryEvent
    | ExclusiveGateway
    | InclusiveGateway
    | ParallelGateway
    | EventBasedGateway
    | Task
    | ManualTask
    | ServiceTask
    | SendTask
    | ReceiveTask
    | UserTask
    | ScriptTask
    | BusinessRuleTask
    | SubProcess
)


Activity = (
    Task | ManualTask | ServiceTask | SendTask | ReceiveTask | UserTask | ScriptTask | BusinessRuleTask | SubProcess
)
"""What work is done in, and what boundary events sit on (10.3)."""


class Flow(_Frozen, frozen=True, kw_only=True):
    """A sequence flow; its condition matters on exclusive and inclusive gateways and on activities."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: Text = ""
    documentation: str = ""
    extensions: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    carried: tuple[str, ...] = ()
    """As of elements."""


class Association(_Frozen, frozen=True, kw_only=True):
    """Links a compensation boundary event to its handler."""

    id: str
    source: str
    target: str


# ---- diagram interchange (BPMN DI, clause 12) ------------------------------------------------------------------------


class Bounds(_Frozen, frozen=True, kw_only=True):
    x: float
    y: float
    width: float
    height: float


class Shape(_Frozen, frozen=True, kw_only=True):
    element: str
    bounds: Bounds
    label: Bounds | None = None
    expanded: bool | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    """Whatever else the modeller noted: colours, ``isMarkerVisible``, ``isHorizontal``."""


class Edge(_Frozen, frozen=True, kw_only=True):
    element: str
    waypoints: tuple[tuple[float, float], ...]
    label: Bounds | None = None
    attributes: tuple[tuple[str, str], ...] = ()


class Diagram(_Frozen, frozen=True, kw_only=True):
    plane: str = ""
    """What the diagram draws: a process, a collaboration or a collapsed sub-process; empty: the first process."""
    shapes: tuple[Shape, ...] = ()
    edges: tuple[Edge, ...] = ()


# ---- the whole -------------------------------------------------------------------------------------------------------


class Process(_Frozen, frozen=True, kw_only=True):
    """One executable process. Its content hash covers all but the diagram."""

    id: str
    name: str = ""
    documentation: str = ""
    version_tag: str = ""
    elements: tuple[Element, ...] = ()
    flows: tuple[Flow, ...] = ()
    associations: tuple[Association, ...] = ()
    executable: bool = True
    """False only when the file says ``isExecutable="false"``."""
    extensions: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    carried: tuple[str, ...] = ()
    """As of elements."""
    subject: Text = ""
    """One line that tells a person which case this is, e.g. ``= "Invoice " + invoice.number``."""

    def content_hash(self) -> str:
        """SHA-256 (lower-case hex) of the definition's canonical JSON."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()


class Definitions(_Frozen, frozen=True, kw_only=True):
    """What one file holds: processes, and how they are drawn."""

    id: str
    name: str = ""
    target_namespace: str = ""
    processes: tuple[Process, ...] = ()
    diagram: Diagram | None = None
    further_diagrams: tuple[Diagram, ...] = ()
    """Of collapsed sub-processes, for instance."""
    documentation: str = ""
    extensions: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    carried: tuple[str, ...] = ()
    """XML of root elements that do not execute: collaborations, item definitions, categories, data stores."""


def walk(process: "Process | SubProcess") -> Iterator[tuple[Element, "Process | SubProcess"]]:
    """Every element with the scope that directly holds it, outer before inner, in document order."""
    for element in process.elements:
        yield element, process
        if isinstance(element, SubProcess):
            yield from walk(element)
