"""The elements of a process (clause 10), each tagged with its XML name."""

from clearance.model.definition.base import Frozen, Text
from clearance.model.definition.events import EventDefinition, MessageDefinition
from clearance.model.definition.parts import (
    Assignment,
    DataAssociation,
    DataObject,
    Form,
    Mapping,
    MultiInstance,
    Schedule,
    StandardLoop,
)
from clearance.model.definition.work import JobDefinition, Listener


class _Element(Frozen, frozen=True, kw_only=True):
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
    listeners: tuple[Listener, ...] = ()
    """Who is asked before it begins and before it is left, in this order."""


class _Event(_Element, frozen=True, kw_only=True):
    definition: EventDefinition | None = None
    inputs: tuple[Mapping, ...] = ()
    outputs: tuple[Mapping, ...] = ()
    data: tuple[DataObject, ...] = ()
    """Its data inputs or outputs, and its properties: variables of the event."""
    data_associations: tuple[DataAssociation, ...] = ()
    """Out of a catching event, into a throwing one."""


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
    instantiate: bool = False
    """The first event starts the process."""
    parallel: bool = False
    """Only when it starts the process: all its events must happen, each correlates with the same instance."""


class ComplexGateway(_Gateway, frozen=True, tag="complexGateway", kw_only=True):
    """Joins once the activation condition holds, then waits for what still may come and resets (10.6.5, 13.4.5)."""

    activation_condition: Text = ""
    """May read ``activationCount`` (``activationCounts`` by flow id) and variables; empty: one token."""


class _Activity(_Element, frozen=True, kw_only=True):
    inputs: tuple[Mapping, ...] = ()
    outputs: tuple[Mapping, ...] = ()
    multi_instance: MultiInstance | None = None
    loop: StandardLoop | None = None
    data: tuple[DataObject, ...] = ()
    """Its data inputs, data outputs and properties, in this order, then a sub-process's data objects and references:
    variables of the activity.
    """
    data_inputs: tuple[DataAssociation, ...] = ()
    data_outputs: tuple[DataAssociation, ...] = ()
    default: str = ""
    for_compensation: bool = False
    new_evidence: str = ""
    """What to do when something that it has read changes after it was done: redo, ask (a person) or leave; empty: what
    the process says.
    """


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
    instantiate: bool = False
    """Its message starts the process; nothing leads to it."""


class UserTask(_Activity, frozen=True, tag="userTask", kw_only=True):
    assignment: Assignment = Assignment()
    schedule: Schedule = Schedule()
    form: Form = Form()
    priority: Text = ""
    """0 to 100, default 50."""
    headers: tuple[tuple[str, str], ...] = ()
    task_listeners: tuple[Listener, ...] = ()
    """Who is asked before the task is created, assigned, changed (updating) or completed."""


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
    """An event sub-process: starts when its start event happens while the scope around it is active."""


class Transaction(SubProcess, frozen=True, tag="transaction", kw_only=True):
    """A sub-process that a cancel end event undoes as a whole (10.3.5, 13.3.6)."""


class AdHocSubProcess(SubProcess, frozen=True, tag="adHocSubProcess", kw_only=True):
    """Activities that are done as often and in the order that somebody chooses (10.3.5, 13.3.5).

    Who chooses: ``active_elements`` says it at the start; a ``job`` (Camunda 8's agent form) is asked at the start and
    after each inner completion, and its outcome names the elements to activate; otherwise a person or the API does.
    """

    sequential: bool = False
    """One at a time (``ordering="Sequential"``)."""
    completion_condition: Text = ""
    cancel_remaining: bool = True
    active_elements: Text = ""
    """A collection of element ids to activate at the start (``activeElementsCollection``)."""
    output_collection: str = ""
    output_element: Text = ""
    job: JobDefinition | None = None


class CallActivity(_Activity, frozen=True, tag="callActivity", kw_only=True):
    """Runs another process, or a global task, and goes on when it has completed (10.3.6, 13.3.4)."""

    process: Text
    """Id of the called process."""
    binding: str = ""
    """latest (also when empty), deployment, versionTag, or version."""
    version_tag: str = ""
    version: int = 0
    propagate_all_in: bool = True
    """All variables that are visible go in; otherwise only what the input mappings make."""
    propagate_all_out: bool = True
    """All variables of the called process come out; otherwise only what the output mappings take."""


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
    | ComplexGateway
    | Task
    | ManualTask
    | ServiceTask
    | SendTask
    | ReceiveTask
    | UserTask
    | ScriptTask
    | BusinessRuleTask
    | SubProcess
    | Transaction
    | AdHocSubProcess
    | CallActivity
)


Activity = (
    Task
    | ManualTask
    | ServiceTask
    | SendTask
    | ReceiveTask
    | UserTask
    | ScriptTask
    | BusinessRuleTask
    | SubProcess
    | CallActivity
)
"""What work is done in, and what boundary events sit on (10.3)."""


class Flow(Frozen, frozen=True, kw_only=True):
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


class Association(Frozen, frozen=True, kw_only=True):
    """Links a compensation boundary event to its handler."""

    id: str
    source: str
    target: str
