"""Hypothesis strategies for whole definitions: every element and event that the model knows, in any combination.

They need not make sense to an engine; they must survive being written and read.
"""

import msgspec
from hypothesis import strategies as st

from clearance.model import definition as model

letters = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn", "Co", "Zl", "Zp", "Zs"))
awkward = st.sampled_from(["<a>&b", "x\ny", "]]>", "<?kept 0?>", "é  ü", "\"q\" 'r'", "😀"])
words = st.one_of(st.text(letters, min_size=1, max_size=8), awkward)
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
jobs = st.builds(model.JobDefinition, type=texts, retries=maybe, headers=pairs)

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
    st.builds(model.TimerDefinition, date=expressions),
    st.just(model.TimerDefinition(duration="P1DT2H")),
    st.just(model.TimerDefinition(cycle="R3/PT10M")),
    st.just(model.TimerDefinition(cycle="0 0 9 * * MON-FRI")),
)
caught = st.one_of(
    caught_messages,
    timers,
    st.builds(model.SignalDefinition, name=words),
    st.builds(model.ErrorDefinition, code=maybe),
    st.builds(model.EscalationDefinition, code=maybe, extensions=extensions),
    st.builds(model.ConditionalDefinition, condition=expressions),
    st.builds(model.LinkDefinition, name=words),
)
thrown = st.one_of(
    thrown_messages,
    st.builds(model.ErrorDefinition, code=words),
    st.builds(model.CompensateDefinition, activity=st.just("")),
    st.just(model.TerminateDefinition()),
    st.just(model.CancelDefinition()),
)
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
    st.builds(model.MultiInstance, cardinality=expressions),
)


common = {
    "id": st.just(""),
    "name": maybe,
    "documentation": maybe,
    "extensions": extensions,
    "attributes": foreign,
}
event = {**common, "inputs": mappings, "outputs": mappings}
activity = {**event, "multi_instance": loops, "for_compensation": st.booleans()}
leaves: st.SearchStrategy[model.Element] = st.one_of(
    st.builds(model.StartEvent, definition=st.none() | caught, interrupting=st.booleans(), **event),
    st.builds(model.EndEvent, definition=st.none() | thrown, **event),
    st.builds(model.IntermediateCatchEvent, definition=caught, **event),
    st.builds(model.IntermediateThrowEvent, definition=st.none() | thrown, **event),
    st.builds(model.BoundaryEvent, attached_to=st.just(""), interrupting=st.booleans(), definition=caught, **event),
    st.builds(model.ExclusiveGateway, **common),
    st.builds(model.InclusiveGateway, **common),
    st.builds(model.ParallelGateway, **common),
    st.builds(model.EventBasedGateway, **common),
    st.builds(model.Task, **activity),
    st.builds(model.ManualTask, **activity),
    st.builds(model.ServiceTask, job=jobs, **activity),
    st.builds(model.SendTask, job=jobs, **activity),
    st.builds(
        model.SendTask, message=st.builds(model.MessageDefinition, name=words, correlation_key=maybe), **activity
    ),
    st.builds(model.ReceiveTask, message=caught_messages, **activity),
    st.builds(
        model.UserTask,
        assignment=st.builds(model.Assignment, assignee=maybe, candidate_groups=maybe, candidate_users=maybe),
        schedule=st.builds(model.Schedule, due_date=maybe, follow_up_date=maybe),
        form=st.builds(model.Form, key=maybe, id=maybe, external_reference=maybe),
        priority=maybe,
        headers=pairs,
        **activity,
    ),
    st.builds(model.ScriptTask, expression=expressions, result=words, **activity),
    st.builds(model.ScriptTask, job=jobs, **activity),
    st.builds(model.BusinessRuleTask, decision=words, result=words, binding=maybe, **activity),
    st.builds(model.BusinessRuleTask, job=jobs, **activity),
)
empty_sub_processes = st.builds(model.SubProcess, triggered_by_event=st.booleans(), **activity)


@st.composite
def elements(draw: st.DrawFn, identifier: str, depth: int) -> model.Element:
    """One element of any kind."""
    if depth and draw(st.integers(0, 4)) == 0:
        content, flows = draw(scopes(f"{identifier}_", depth - 1))
        outer = draw(empty_sub_processes)
        return msgspec.structs.replace(outer, id=identifier, elements=content, flows=flows)
    element = msgspec.structs.replace(draw(leaves), id=identifier)
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
                extensions=draw(extensions),
                attributes=draw(foreign),
            )
        )
    return model.Definitions(id="d", name=draw(maybe), processes=tuple(processes), extensions=draw(extensions))
