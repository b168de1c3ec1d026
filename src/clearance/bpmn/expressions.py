"""Every expression of an element, with where it stands: for checking syntax, and later the variables that it reads."""

from collections.abc import Iterator
from itertools import chain

from clearance.model import definition as model
from clearance.model.definition import Element, EventDefinition, JobDefinition, Process, Text, is_expression

_EVENTS = (
    model.StartEvent,
    model.EndEvent,
    model.IntermediateCatchEvent,
    model.IntermediateThrowEvent,
    model.BoundaryEvent,
)

Place = tuple[str, Text]
"""Where in the element the text stands, in words, and the text."""


def expressions_of(element: Element) -> Iterator[Place]:
    """The element's texts that are expressions (leading ``=``)."""
    yield from ((place, text) for place, text in _texts(element) if is_expression(text))


def expressions_of_process(process: Process) -> Iterator[Place]:
    """Those of the process itself: its subject, and what it knows of conversations."""
    yield "the subject", process.subject
    yield from _of_listeners(process)
    for key in process.correlations:
        for item in key.properties:
            yield f"the binding of {item.name or item.id}", item.binding
            yield from ((f"the {item.name or item.id} of {message}", path) for message, path in item.retrievals)


def _of_listeners(element: Element | Process) -> Iterator[Place]:
    for listener in (*element.listeners, *getattr(element, "task_listeners", ())):
        yield f"the job type of its {listener.event} listener", listener.type
        yield f"the retries of its {listener.event} listener", listener.retries


def _texts(element: Element) -> Iterator[Place]:
    yield from _of_listeners(element)
    if isinstance(element, _EVENTS):
        yield from _of_event(element.definition)
        yield from _of_data(element.data_associations)
    if isinstance(element, model.Activity):
        yield from _of_loop(element)
        yield from _of_data(chain(element.data_inputs, element.data_outputs))
    if isinstance(element, (*_EVENTS, model.Activity)):
        yield from ((f"the input {mapping.target}", mapping.source) for mapping in element.inputs)
        yield from ((f"the output {mapping.target}", mapping.source) for mapping in element.outputs)
    match element:
        case model.ServiceTask():
            yield from _of_job(element.job)
        case model.SendTask():
            yield from _of_job(element.job)
            yield from _of_event(element.message)
        case model.ReceiveTask():
            yield from _of_event(element.message)
        case model.ScriptTask():
            yield "the script", element.expression
            yield from _of_job(element.job)
        case model.BusinessRuleTask():
            yield "the decision", element.decision
            yield from _of_job(element.job)
        case model.UserTask():
            yield from _of_person(element)
        case model.ComplexGateway():
            yield "the activation condition", element.activation_condition
        case model.CallActivity():
            yield "the called process", element.process
        case model.AdHocSubProcess():
            yield "the completion condition", element.completion_condition
            yield "the elements to activate", element.active_elements
            yield "the output element", element.output_element
            yield from _of_job(element.job)


def _of_person(task: model.UserTask) -> Iterator[Place]:
    yield "the assignee", task.assignment.assignee
    yield "the candidate groups", task.assignment.candidate_groups
    yield "the candidate users", task.assignment.candidate_users
    yield "the due date", task.schedule.due_date
    yield "the follow-up date", task.schedule.follow_up_date
    yield "the priority", task.priority
    yield "the form", task.form.external_reference


def _of_job(job: JobDefinition | None) -> Iterator[Place]:
    if job is not None:
        yield "the job type", job.type
        yield "the retries", job.retries


def _of_data(associations: Iterator[model.DataAssociation] | tuple[model.DataAssociation, ...]) -> Iterator[Place]:
    for association in associations:
        yield "the transformation of data", association.transformation
        for source, target in association.assignments:
            yield f"the assignment to {target}", source


def _of_loop(activity: model.Activity) -> Iterator[Place]:
    multi, loop = activity.multi_instance, activity.loop
    if multi is not None:
        yield "the collection", multi.collection
        yield "the number of instances", multi.cardinality
        yield "the output element", multi.output_item
        yield "the completion condition", multi.completion_condition
        for event in (multi.none_event, multi.one_event):
            yield from _of_event(event)
        for behavior in multi.complex_behaviors:
            yield "the condition of an event that is thrown", behavior.condition
            yield from _of_event(behavior.event)
    if loop is not None:
        yield "the loop condition", loop.condition
        yield "the loop's maximum", loop.maximum


def _of_event(definition: EventDefinition | None) -> Iterator[Place]:
    match definition:
        case model.TimerDefinition():
            yield "the timer's date", definition.date
            yield "the timer's duration", definition.duration
            yield "the timer's cycle", definition.cycle
        case model.MessageDefinition():
            yield "the message's name", definition.name
            yield "the correlation key", definition.correlation_key
            yield "the message's id", definition.message_id
            yield "the time to live", definition.time_to_live
            yield from _of_job(definition.job)
        case model.SignalDefinition(name=name):
            yield "the signal's name", name
        case model.ErrorDefinition(code=code):
            yield "the error's code", code
        case model.EscalationDefinition(code=code):
            yield "the escalation's code", code
        case model.ConditionalDefinition(condition=condition):
            yield "the condition", condition
        case model.MultipleDefinition(definitions=definitions):
            for part in definitions:
                yield from _of_event(part)
        case _:
            pass
