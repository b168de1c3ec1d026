"""The kernel's one entry: a command in, events and effects out.

Pure: the same graph, state, command, time and next key give the same transition, always. The state that is passed in is
advanced by the events that are returned and by nothing else; whoever cannot keep the events must drop the state.
"""

from itertools import islice

from clearance.kernel import life
from clearance.kernel.appliers import create
from clearance.kernel.handlers import HANDLERS
from clearance.kernel.shared import evidence
from clearance.kernel.shared.expressions import evaluate
from clearance.kernel.shared.holding import held_back, taken_in
from clearance.kernel.state import Instance
from clearance.kernel.working import Fault, Limits, Refused, Step
from clearance.model.commands import (
    Clear,
    CompleteTask,
    Correlate,
    Create,
    FinishJob,
    InstanceCommand,
    Refusal,
    ResumeInstance,
    SetVariables,
)
from clearance.model.events import CommandRefused, InstanceCreated, SubjectSet, VariablesSet
from clearance.model.graph import PROCESS, Compiled, Graph
from clearance.model.ports import Decisions

LIMITS = Limits()
_SUBJECT_LENGTH_MAX = 200


def begin(
    graph: Graph,
    instance: Instance | None,
    command: InstanceCommand,
    now: int,
    next_key: int,
    decisions: Decisions | None = None,
    limits: Limits = LIMITS,
    target: Graph | None = None,
) -> Step:
    """The working of one command on an instance (None only for ``Create``); ``now`` in milliseconds since 1970 (UTC).

    ``target`` is the graph that a migration leads to.
    """
    if instance is not None:
        return Step(graph, instance, now, next_key, decisions, limits, target)
    if not isinstance(command, Create):
        raise ValueError(f"{type(command).__name__} needs an instance")
    created = InstanceCreated(
        command.key,
        graph.process.id,
        graph.definition,
        command.tenant,
        command.parent,
        command.parent_element,
        command.depth,
    )
    working = Step(graph, create(created), now, next_key, decisions, limits, target)
    working.events.append(created)
    return working


def work_out(working: Step, command: InstanceCommand) -> Refusal | None:
    """Record what follows from the command, or say why it is refused; rulings on what it asks for follow in the same
    working, so that they stand in the same entry."""
    instance = working.instance
    if instance.status != "active":
        return Refusal("not-found", f"instance {instance.key} has ended ({instance.status})")
    before = len(working.events)
    held = taken_in(instance) if type(command) is ResumeInstance else ()
    try:
        if not (instance.suspended and held_back(working, command)):
            _handle(working, command)
    except Refused as refused:
        return Refusal(refused.kind, refused.reason)
    for one in held:
        _make_up_for(working, one)
    compiled = working.graph.nodes[PROCESS].texts.get("subject")
    if compiled is not None:
        _tell_subject(working, compiled, before)
    return None


def rule(working: Step, command: Clear) -> Refusal | None:
    """Record a ruling on what the working has asked for. It moves no token, so nothing has to be worked through."""
    if working.instance.suspended or working.instance.status != "active":
        return work_out(working, command)
    try:
        HANDLERS[Clear](working, command)
    except Refused as refused:
        return Refusal(refused.kind, refused.reason)
    return None


def _handle(working: Step, command: InstanceCommand) -> None:
    """The command itself and all that follows from it; in a suspended instance nothing follows yet."""
    news = _is_news(working.instance, command)
    try:
        HANDLERS[type(command)](working, command)
    except Fault as fault:
        root = working.instance.elements[working.instance.key]
        life.raise_incident(working, root, fault.kind, fault.message)
    if news and working.changed and working.instance.status == "active":
        evidence.consider(working)
    if not working.instance.suspended:
        life.run(working)


def _is_news(instance: Instance, command: InstanceCommand) -> bool:
    """Whether its variables are new evidence; what actors and expressions yield is the process's own work."""
    kind = type(command)
    if kind is FinishJob or kind is Clear:
        return False
    if isinstance(command, CompleteTask):
        task = instance.tasks.get(command.task)
        return task is not None and not instance.elements[task.element].renews
    return isinstance(command, SetVariables | Correlate)


def _make_up_for(working: Step, command: InstanceCommand) -> None:
    """Work out what was held; it may have become void by what was worked out before it."""
    if working.instance.status != "active":
        return
    try:
        _handle(working, command)
    except Refused as refused:
        working.record(CommandRefused(f"came while the instance was suspended, and is void now: {refused.reason}"))


def _tell_subject(working: Step, compiled: Compiled, before: int) -> None:
    """Keep the line that tells people which case this is in step with the variables that it reads."""
    root = working.instance.key
    if working.instance.status != "active":
        return
    new = islice(working.events, before, None)
    if not any(type(event) is VariablesSet and compiled.reads & event.values.keys() for event in new):
        return
    try:
        data = evaluate(working, compiled, root, "subject").data
    except Fault:
        return  # what it reads is not all there yet
    if isinstance(data, str) and data != working.instance.subject:
        working.record(SubjectSet(data[:_SUBJECT_LENGTH_MAX]))
