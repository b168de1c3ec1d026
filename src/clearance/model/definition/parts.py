"""What activities and processes are made of besides elements: mappings, loops, assignments, data, calendars."""

from clearance.model.definition.base import Frozen, Part, Text
from clearance.model.definition.events import EventDefinition


class Mapping(Frozen, frozen=True, kw_only=True):
    """An input or output mapping (``zeebe:input`` / ``zeebe:output``): the source's value goes into the target
    variable.
    """

    source: Text
    target: str
    """A variable name, or a dotted path into a context."""


class MultiInstance(Part, frozen=True, kw_only=True):
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
    behavior: str = ""
    """When an inner completion throws an event to the activity's border (Table 10.26): None, One, All or Complex;
    empty: All, which throws nothing.
    """
    none_event: EventDefinition | None = None
    one_event: EventDefinition | None = None
    complex_behaviors: "tuple[ComplexBehavior, ...]" = ()


class ComplexBehavior(Frozen, frozen=True, kw_only=True):
    """An event that inner completions throw while the condition holds (``complexBehaviorDefinition``)."""

    condition: Text
    event: EventDefinition


class StandardLoop(Part, frozen=True, kw_only=True):
    """Again and again while the condition holds (10.3.7, Table 10.24)."""

    condition: Text = ""
    """Empty: until the maximum is reached."""
    maximum: Text = ""
    """A whole number; empty: without end."""
    test_before: bool = False


class Form(Frozen, frozen=True, kw_only=True):
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


class Assignment(Frozen, frozen=True, kw_only=True):
    """Who may do a user task (``zeebe:assignmentDefinition``); lists are comma-separated text or a FEEL list."""

    assignee: Text = ""
    candidate_groups: Text = ""
    candidate_users: Text = ""


class Schedule(Frozen, frozen=True, kw_only=True):
    """When a user task should be done (``zeebe:taskSchedule``); ISO 8601 date-times."""

    due_date: Text = ""
    follow_up_date: Text = ""


class DataAssociation(Frozen, frozen=True, kw_only=True):
    """Copies data into an activity or event when it is activated, or out of it when it completes (10.4.2)."""

    id: str = ""
    sources: tuple[str, ...] = ()
    """Ids: of data objects, references to them, properties, data inputs or outputs."""
    target: str = ""
    transformation: Text = ""
    """An expression over the sources; empty: the source as it is."""
    assignments: tuple[tuple[Text, str], ...] = ()
    """From an expression, to a variable or a dotted path into one."""
    extensions: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    carried: tuple[str, ...] = ()


class DataObject(Frozen, frozen=True, kw_only=True):
    """Data of a scope (10.4.1): a variable of the scope, called by the object's name (by its id when it has none)."""

    id: str
    name: str = ""
    kind: str = "dataObject"
    """dataObject, dataObjectReference, dataStoreReference, property, dataInput or dataOutput."""
    refers_to: str = ""
    """Of a reference: the id of what it stands for."""
    collection: bool = False
    structure: str = ""
    """Id of the item definition that says how the data looks (``itemSubjectRef``)."""
    documentation: str = ""
    extensions: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    carried: tuple[str, ...] = ()


class CorrelationProperty(Frozen, frozen=True, kw_only=True):
    """A part of a conversation's key (8.4.2): how each message states it, and how the process knows it."""

    id: str
    name: str = ""
    retrievals: tuple[tuple[str, Text], ...] = ()
    """Message name, and the expression over the message's variables that yields the property."""
    binding: Text = ""
    """An expression over the instance's variables (context-based); empty: the conversation's first message says it."""


class Correlation(Frozen, frozen=True, kw_only=True):
    """A correlation key: a message belongs to the conversation when all its properties agree."""

    id: str
    name: str = ""
    properties: tuple[CorrelationProperty, ...] = ()


class WorkingHours(Frozen, frozen=True, kw_only=True):
    """When a business is open on one day of the week."""

    day: int
    """1 Monday to 7 Sunday (ISO 8601)."""
    start: str
    """Local time, e.g. ``09:00``."""
    end: str
    """Local time; ``24:00`` is midnight."""


class Calendar(Frozen, frozen=True, kw_only=True):
    """A business calendar: when time counts for timers that name it."""

    name: str
    time_zone: str = "UTC"
    """Of the IANA database, e.g. ``Europe/Berlin``."""
    hours: tuple[WorkingHours, ...] = ()
    """Empty: Monday to Friday, all day."""
    holidays: tuple[str, ...] = ()
    """Local dates, ISO 8601; ``--12-25`` is that day of every year."""
