"""Every expression of an element, with where it stands: for checking syntax, and later the variables that it reads."""

from collections.abc import Iterator

from clearance.model.definition import BoundaryEvent as Boundary
from clearance.model.definition import (
    BusinessRuleTask,
    ConditionalDefinition,
    Element,
    EndEvent,
    EventDefinition,
    IntermediateCatchEvent,
    IntermediateThrowEvent,
    JobDefinition,
    MessageDefinition,
    ReceiveTask,
    ScriptTask,
    SendTask,
    ServiceTask,
    StartEvent,
    SubProcess,
    Task,
    Text,
    TimerDefinition,
    UserTask,
    is_expression,
)
from clearance.model.definition import ManualTask as Manual

_ACTIVITIES = (
    Task,
    Manual,
    ServiceTask,
    SendTask,
    ReceiveTask,
    UserTask,
    ScriptTask,
    BusinessRuleTask,
    SubProcess,
)
_EVENTS = (StartEvent, EndEvent, IntermediateCatchEvent, IntermediateThrowEvent, Boundary)

Place = tuple[str, Text]
"""Where in the element the text stands, in words, and the text."""


def expressions_of(element: Element) -> Iterator[Place]:
    """The element's texts that are expressions (leading ``=``)."""
    yield from ((place, text) for place, text in _texts(element) if is_expression(text))


def _texts(element: Element) -> Iterator[Place]:
    if isinstance(element, _EVENTS):
        yield from _of_event(element.definition)
    if isinstance(element, _ACTIVITIES):
        yield from _of_loop(element)
    if isinstance(element, (*_EVENTS, *_ACTIVITIES)):
        yield from ((f"the input {mapping.target}", mapping.source) for mapping in element.inputs)
        yield from ((f"the output {mapping.target}", mapping.source) for mapping in element.outputs)
    match element:
        case ServiceTask():
            yield from _of_job(element.job)
        case SendTask():
            yield from _of_job(element.job)
            yield from _of_event(element.message)
        case ReceiveTask():
            yield from _of_event(element.message)
        case ScriptTask():
            yield "the script", element.expression
            yield from _of_job(element.job)
        case BusinessRuleTask():
            yield "the decision", element.decision
            yield from _of_job(element.job)
        case UserTask():
            yield "the assignee", element.assignment.assignee
            yield "the candidate groups", element.assignment.candidate_groups
            yield "the candidate users", element.assignment.candidate_users
            yield "the due date", element.schedule.due_date
            yield "the follow-up date", element.schedule.follow_up_date
            yield "the priority", element.priority
            yield "the form", element.form.external_reference


def _of_job(job: JobDefinition | None) -> Iterator[Place]:
    if job is not None:
        yield "the job type", job.type
        yield "the retries", job.retries


def _of_loop(
    element: Task
    | Manual
    | ServiceTask
    | SendTask
    | ReceiveTask
    | UserTask
    | ScriptTask
    | BusinessRuleTask
    | SubProcess,
) -> Iterator[Place]:
    loop = element.multi_instance
    if loop is not None:
        yield "the collection", loop.collection
        yield "the number of instances", loop.cardinality
        yield "the output element", loop.output_item
        yield "the completion condition", loop.completion_condition


def _of_event(definition: EventDefinition | None) -> Iterator[Place]:
    match definition:
        case TimerDefinition():
            yield "the timer's date", definition.date
            yield "the timer's duration", definition.duration
            yield "the timer's cycle", definition.cycle
        case MessageDefinition():
            yield "the message's name", definition.name
            yield "the correlation key", definition.correlation_key
            yield "the message's id", definition.message_id
            yield "the time to live", definition.time_to_live
            yield from _of_job(definition.job)
        case ConditionalDefinition():
            yield "the condition", definition.condition
        case _:
            pass
