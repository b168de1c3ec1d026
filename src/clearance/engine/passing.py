"""What a shard does with most commands: straight on to the next job, which the gate permits, and which leaves.

The kernel says how far a command goes straight (``kernel/straight.py``); the entry, the rows and what leaves are those
of a step that goes the general way (``shard.py``), without the questions whose answers are known here: nothing was
sent, nothing is waited for that was not before, nobody else is concerned.
"""

from collections.abc import Mapping

from clearance.engine import job_requests
from clearance.engine.job_requests import Release
from clearance.engine.ports import Gate
from clearance.engine.state.shard_state import ShardState
from clearance.engine.state.stream import Stream
from clearance.kernel import straight
from clearance.kernel.state import Instance
from clearance.kernel.step import begin, rule
from clearance.kernel.straight import Passage
from clearance.kernel.working import Limits
from clearance.ledger.command_summary import summary
from clearance.model.commands import Answer, Clear, FinishJob, InstanceCommand
from clearance.model.events import JobCleared
from clearance.model.graph import Graph
from clearance.model.work import Actor


def work_out(
    state: ShardState,
    gate: Gate,
    actors: Mapping[str, Actor],
    limits: Limits,
    graph: Graph,
    instance: Instance | None,
    command: InstanceCommand,
) -> tuple[Passage, Release | None] | None:
    """How far the command goes straight, and what the gate says to the job there: one that it permits leaves with the
    batch. None: nothing has changed.
    """
    passage = straight.work_out(graph, instance, command, state.next_key)
    if passage is None:
        return None
    state.next_key = passage.next_key
    key = passage.job
    if not key:
        return passage, None
    instance = passage.instance
    job = instance.jobs[key]
    actor = actors.get(job.type)
    given, label = job_requests.given(instance, graph, job, actor)
    ruling = gate.rule(job_requests.request(instance, graph, job, actor, given))
    if ruling.decision == "permit":
        passage.events.append(JobCleared(key, ruling))
        job.phase = "at-work"
        return passage, job_requests.release(instance, graph, key, given, label)
    ruled = Clear(instance=instance.key, job=key, ruling=ruling, parameters=given)
    _hold(state, limits, graph, passage, command, ruled)
    return passage, None


def record(state: ShardState, stream: Stream, command: InstanceCommand, passage: Passage) -> Answer:
    """One entry, and what it changes in the rows."""
    first = stream.instance is None
    instance, job = passage.instance, passage.job
    stream.instance = instance
    state.record(stream, summary(command), passage.events)
    working = stream.working
    idle = not working
    if type(command) is FinishJob:
        working.discard(command.job)
    if job and instance.jobs[job].phase == "at-work":
        working.add(job)
    if (not working) is not idle:
        state.batch.note_work(instance.key, idle)
    if first or not job or state.snapshot_due(stream, instance):
        state.keep(stream)
    return Answer(stream.key, state.position)


def _hold(
    state: ShardState, limits: Limits, graph: Graph, passage: Passage, command: InstanceCommand, ruled: Clear
) -> None:
    """The gate has not permitted it: what follows from that goes the general way."""
    working = begin(graph, passage.instance, command, state.now, state.next_key, state.registry.decisions, limits)
    working.events = passage.events
    refusal = rule(working, ruled)
    assert refusal is None, "who has just come to a job may be ruled on"
    state.next_key = working.next_key
