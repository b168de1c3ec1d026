"""Hypothesis strategies for whole definitions: every element and event that the model knows, in any combination.

They need not make sense to an engine; they must survive being written and read.
"""

import msgspec
from hypothesis import strategies as st

from clearance.model import definition as model

ORDER = ('<itemDefinition xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="order"></itemDefinition>',)
_OF_ACTIVITY = ("dataInput", "dataOutput", "property")
_OF_SCOPE = ("dataObject", "dataObjectReference", "dataStoreReference")

letters = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co", "Zl", "Zp", "Zs"))
awkward = st.sampled_from(["<a>&b", "x\ny", "]]>", "<?kept 0?>", "é  ü", "\"q\" 'r'", "😀"])
words = st.one_of(st.text(letters, min_size=1, max_size=8), awkward)
names = st.sampled_from(["invoice", "order_1", "Straße"])
maybe = st.one_of(st.just(""), words)
expressions = words.map(lambda text: f"= {text}")
texts = st.one_of(words.filter(lambda text: not text.startswith("=")), expressions)
extensions = st.lists(
    st.sampled_from(
        (
            '<acme:note xmlns:acme="urn:acme" level="3">keep <acme:b></acme:b> me</acme:note>',
            (
                '<zeebe:properties xmlns:zeebe="http://camunda.org/schema/zeebe/1.0">'
                '<zeebe:property name="a" value="b"></zeebe:property></zeebe:properties>'
            ),
        )
    ),
    max_size=2,
).map(tuple)
foreign = st.sampled_from(((), (("{urn:acme}colour", "red"),)))
pairs = st.lists(st.tuples(words, maybe), max_size=2).map(tuple)
mappings = st.lists(st.builds(model.Mapping, source=texts, target=words), max_size=2).map(tuple)
linked = st.builds(model.LinkedResource, id=words, type=maybe, link=maybe, binding=maybe, version_tag=maybe)
jobs = st.builds(
    model.JobDefinition, type=texts, retries=maybe, headers=pairs, linked=st.lists(linked, max_size=2).map(tuple)
)

caught_messages = st.builds(model.MessageDefinition, name=words, correlation_key=maybe)
thrown_messages = st.builds(
    model.MessageDefinition,
    name=words,
    correlation_key=maybe,
    message_id=maybe,
    time_to_live=maybe,
    job=st.none() | jobs,
)
timers = st.one_of(
    st.builds(model.TimerDefinition, date=expressions, calendar=maybe, extensions=extensions),
    st.just(model.TimerDefinition(duration="P1DT2H")),
    st.just(model.TimerDefinition(cycle="R3/PT10M")),
    st.just(model.TimerDefinition(cycle="0 0 9 * * MON-FRI")),
)
conditions = st.builds(
    model.ConditionalDefinition,
    condition=expressions,
    variable_names=st.lists(names, max_size=2).map(tuple),
    variable_events=st.sampled_from(((), ("create",), ("create", "update"))),
    extensions=extensions,
)
caught = st.one_of(
    caught_messages,
    timers,
    st.builds(model.SignalDefinition, name=words),
    st.builds(model.ErrorDefinition, code=maybe),
    st.builds(model.EscalationDefinition, code=maybe, extensions=extensions),
    conditions,
    st.just(model.CompensateDefinition()),
    st.just(model.CancelDefinition()),
    st.builds(model.LinkDefinition, name=words),
)
thrown = st.one_of(
    thrown_messages,
    st.builds(model.ErrorDefinition, code=words),
    st.builds(model.CompensateDefinition, activity=st.sampled_from(["", "p0_e0"]), wait_for_completion=st.booleans()),
    st.builds(model.SignalDefinition, name=words),
    st.builds(model.EscalationDefinition, code=words),
    st.builds(model.LinkDefinition, name=words),
    st.just(model.TerminateDefinition()),
    st.just(model.CancelDefinition()),
)
several_caught = st.builds(
    model.MultipleDefinition, definitions=st.lists(caught, min_size=2, max_size=3).map(tuple), parallel=st.booleans()
)
several_thrown = st.builds(model.MultipleDefinition, definitions=st.lists(thrown, min_size=2, max_size=3).map(tuple))
thrown_in_passing = st.one_of(
    st.builds(model.SignalDefinition, name=words), st.builds(model.EscalationDefinition, code=words), thrown_messages
)
behaviors = st.builds(model.ComplexBehavior, condition=expressions, event=thrown_in_passing)
loops = st.one_of(
    st.none(),
    st.builds(
        model.MultiInstance,
        sequential=st.booleans(),
        collection=expressions,
        item=maybe,
        output_collection=maybe,
        output_item=st.one_of(st.just(""), expressions),
        completion_condition=st.one_of(st.just(""), expressions),
        extensions=extensions,
    ),
    st.builds(
        model.MultiInstance,
        cardinality=expressions,
        behavior=st.sampled_from(["", "None", "One", "All", "Complex"]),
        none_event=st.none() | thrown_in_passing,
        one_event=st.none() | thrown_in_passing,
        complex_behaviors=st.lists(behaviors, max_size=2).map(tuple),
    ),
)
standard_loops = st.none() | st.builds(
    model.StandardLoop,
    condition=st.one_of(st.just(""), expressions),
    maximum=st.one_of(st.sampled_from(["", "3", "-1"]), expressions),
    test_before=st.booleans(),
    extensions=extensions,
)

listeners = st.lists(
    st.builds(
        model.Listener,
        event=st.sampled_from(["start", "end", "beforeAll"]),
        type=texts,
        retries=maybe,
        headers=pairs,
    ),
    max_size=2,
).map(tuple)

common = {
    "id": st.just(""),
    "name": maybe,
    "documentation": maybe,
    "extensions": extensions,
    "attributes": foreign,
    "listeners": listeners,
}
structures = st.sampled_from(("", "order"))
associations = st.lists(
    st.builds(
        model.DataAssociation,
        id=st.just(""),
        sources=st.lists(names, max_size=2).map(tuple),
        target=names,
        transformation=st.one_of(st.just(""), expressions),
        assignments=st.lists(st.tuples(expressions, names), max_size=2).map(tuple),
        extensions=extensions,
    ),
    max_size=1,
).map(tuple)
event = {**common, "inputs": mappings, "outputs": mappings, "data_associations": associations}
activity = {
    **common,
    "inputs": mappings,
    "outputs": mappings,
    "data_inputs": associations,
    "data_outputs": associations,
    "multi_instance": loops,
    "loop": standard_loops,
    "for_compensation": st.booleans(),
    "new_evidence": st.sampled_from(["", "redo", "ask"]),
}
leaves: st.SearchStrategy[model.Element] = st.one_of(
    st.builds(model.StartEvent, definition=st.none() | caught | several_caught, interrupting=st.booleans(), **event),
    st.builds(model.EndEvent, definition=st.none() | thrown | several_thrown, **event),
    st.builds(model.IntermediateCatchEvent, definition=caught | several_caught, **event),
    st.builds(model.IntermediateThrowEvent, definition=st.none() | thrown | several_thrown, **event),
    st.builds(model.BoundaryEvent, attached_to=st.just(""), interrupting=st.booleans(), definition=caught, **event),
    st.builds(model.ExclusiveGateway, **common),
    st.builds(model.ComplexGateway, activation_condition=st.one_of(st.just(""), expressions), **common),
    st.builds(model.InclusiveGateway, **common),
    st.builds(model.ParallelGateway, **common),
    st.builds(model.EventBasedGateway, instantiate=st.booleans(), parallel=st.booleans(), **common),
    st.builds(model.Task, **activity),
    st.builds(model.ManualTask, **activity),
    st.builds(model.ServiceTask, job=jobs, **activity),
    st.builds(model.SendTask, job=jobs, **activity),
    st.builds(
        model.SendTask, message=st.builds(model.MessageDefinition, name=words, correlation_key=maybe), **activity
    ),
    st.builds(model.ReceiveTask, message=caught_messages, instantiate=st.booleans(), **activity),
    st.builds(
        model.UserTask,
        assignment=st.builds(model.Assignment, assignee=maybe, candidate_groups=maybe, candidate_users=maybe),
        schedule=st.builds(model.Schedule, due_date=maybe, follow_up_date=maybe),
        form=st.builds(model.Form, key=maybe, id=maybe, external_reference=maybe),
        priority=maybe,
        headers=pairs,
        task_listeners=listeners,
        **activity,
    ),
    st.builds(model.ScriptTask, expression=expressions, result=words, **activity),
    st.builds(model.ScriptTask, job=jobs, **activity),
    st.builds(model.BusinessRuleTask, decision=words, result=words, binding=maybe, **activity),
    st.builds(model.BusinessRuleTask, job=jobs, **activity),
    st.builds(
        model.CallActivity,
        process=texts,
        binding=st.sampled_from(["", "latest", "deployment"]),
        version_tag=maybe,
        propagate_all_in=st.booleans(),
        propagate_all_out=st.booleans(),
        **activity,
    ),
    st.builds(model.CallActivity, process=names, binding=st.just("version"), version=st.integers(0, 9), **activity),
)
global_tasks: st.SearchStrategy[model.Element] = st.one_of(
    st.builds(model.Task, **common),
    st.builds(model.ManualTask, **common),
    st.builds(model.UserTask, priority=maybe, headers=pairs, **common),
    st.builds(model.ScriptTask, expression=expressions, result=words, **common),
    st.builds(model.BusinessRuleTask, decision=words, result=words, **common),
)
empty_sub_processes: st.SearchStrategy[model.SubProcess] = st.one_of(
    st.builds(model.SubProcess, triggered_by_event=st.booleans(), **activity),
    st.builds(model.Transaction, **activity),
    st.builds(
        model.AdHocSubProcess,
        sequential=st.booleans(),
        completion_condition=st.one_of(st.just(""), expressions),
        cancel_remaining=st.booleans(),
        active_elements=st.one_of(st.just(""), expressions),
        output_collection=maybe,
        output_element=st.one_of(st.just(""), expressions),
        job=st.none() | jobs,
        **activity,
    ),
)
calendars = st.builds(
    model.Calendar,
    name=words,
    time_zone=st.sampled_from(["UTC", "Europe/Berlin"]),
    hours=st.lists(
        st.builds(model.WorkingHours, day=st.integers(1, 7), start=st.just("09:00"), end=st.just("24:00")), max_size=2
    ).map(tuple),
    holidays=st.sampled_from(((), ("--12-25", "2027-04-02"))),
)


@st.composite
def data(draw: st.DrawFn, prefix: str, *kinds: str) -> tuple[model.DataObject, ...]:
    """Data of these kinds, in their order."""
    return tuple(
        model.DataObject(
            id=f"{prefix}{kind}",
            name=draw(maybe),
            kind=kind,
            refers_to=draw(names) if kind.endswith("Reference") else "",
            collection=draw(st.booleans()) if kind in ("dataObject", "dataInput", "dataOutput") else False,
            structure=draw(structures),
            documentation=draw(maybe),
            extensions=draw(extensions),
            attributes=draw(foreign),
        )
        for kind in kinds
        if draw(st.booleans())
    )


@st.composite
def correlations(draw: st.DrawFn, prefix: str) -> tuple[model.Correlation, ...]:
    """A key or none; each has properties of its own."""
    properties = tuple(
        model.CorrelationProperty(
            id=f"{prefix}_property{number}",
            name=draw(maybe),
            retrievals=draw(st.lists(st.tuples(words, expressions), min_size=1, max_size=2).map(tuple)),
            binding=draw(st.one_of(st.just(""), expressions)),
        )
        for number in range(draw(st.integers(0, 2)))
    )
    keys = (model.Correlation(id=f"{prefix}_key", name=draw(maybe), properties=properties),)
    return keys if properties else ()


def _once(activity: model.Activity) -> model.Activity:
    """The schema has room for one kind of loop."""
    return activity if activity.multi_instance is None else msgspec.structs.replace(activity, loop=None)


@st.composite
def elements(draw: st.DrawFn, identifier: str, depth: int) -> model.Element:
    """One element of any kind."""
    if depth and draw(st.integers(0, 4)) == 0:
        content, flows = draw(scopes(f"{identifier}_", depth - 1))
        outer = draw(empty_sub_processes)
        whole = msgspec.structs.replace(
            outer,
            id=identifier,
            elements=content,
            flows=flows,
            data=draw(data(f"{identifier}_", *_OF_ACTIVITY, *_OF_SCOPE)),
        )
        return _once(whole)
    element = msgspec.structs.replace(draw(leaves), id=identifier)
    if isinstance(element, model.Activity):
        return _once(msgspec.structs.replace(element, data=draw(data(f"{identifier}_", *_OF_ACTIVITY))))
    if isinstance(element, model.BoundaryEvent):
        return msgspec.structs.replace(element, attached_to=f"{identifier.rpartition('e')[0]}e0")
    return element


@st.composite
def scopes(draw: st.DrawFn, prefix: str, depth: int) -> tuple[tuple[model.Element, ...], tuple[model.Flow, ...]]:
    """Elements and flows between them."""
    count = draw(st.integers(1, 5))
    content = tuple(draw(elements(f"{prefix}e{number}", depth)) for number in range(count))
    ends = st.integers(0, count - 1)
    flows = tuple(
        model.Flow(
            id=f"{prefix}f{number}",
            source=f"{prefix}e{draw(ends)}",
            target=f"{prefix}e{draw(ends)}",
            name=draw(maybe),
            condition=draw(st.one_of(st.just(""), expressions)),
            documentation=draw(maybe),
            extensions=draw(extensions),
            attributes=draw(foreign),
        )
        for number in range(draw(st.integers(0, 5)))
    )
    return content, flows


@st.composite
def definitions(draw: st.DrawFn) -> model.Definitions:
    """One file with one or two processes."""
    processes = []
    for number in range(draw(st.integers(1, 2))):
        content, flows = draw(scopes(f"p{number}_", 1))
        processes.append(
            model.Process(
                id=f"p{number}",
                name=draw(maybe),
                documentation=draw(maybe),
                version_tag=draw(maybe),
                subject=draw(maybe),
                executable=draw(st.booleans()),
                elements=content,
                flows=flows,
                data=draw(data(f"p{number}_", *_OF_ACTIVITY, *_OF_SCOPE)),
                correlations=draw(correlations(f"p{number}")),
                new_evidence=draw(st.sampled_from(["", "leave"])),
                calendars=draw(st.lists(calendars, max_size=1).map(tuple)),
                extensions=draw(extensions),
                attributes=draw(foreign),
            )
        )
    tasks = [
        msgspec.structs.replace(task, id=f"g{n}") for n, task in enumerate(draw(st.lists(global_tasks, max_size=2)))
    ]
    return model.Definitions(
        id="d",
        name=draw(maybe),
        processes=tuple(processes),
        global_tasks=tuple(tasks),
        extensions=draw(extensions),
        carried=ORDER,
    )
