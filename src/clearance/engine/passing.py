"""What a shard does with most commands: straight on to the next job, which the gate permits, and which leaves.

The kernel says how far a command goes straight (``kernel/straight.py``); the entry, the rows and what leaves are those
of :meth:`Shard.advance`, without the questions whose answers are known here: nothing was sent, nothing is waited for
that was not before, nobody else is concerned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearance.engine import job_requests
from clearance.engine.state.indexes import note_work
from clearance.kernel import straight
from clearance.kernel.state import Instance
from clearance.kernel.step import begin, rule
from clearance.kernel.straight import Passage
from clearance.ledger.command_summary import summary
from clearance.model.commands import Answer, Clear, FinishJob, InstanceCommand
from clearance.model.events import JobCleared
from clearance.model.graph import Graph

if TYPE_CHECKING:
    from clearance.engine.shard import Shard
    from clearance.engine.state.stream import Stream


def work_out(shard: Shard, graph: Graph, instance: Instance | None, command: InstanceCommand) -> Passage | None:
    """How far the command goes straight, and what the gate says to the job there: one that it permits leaves with the
    batch. None: nothing has changed.
    """
    passage = straight.work_out(graph, instance, command, shard.next_key)
    if passage is None:
        return None
    shard.next_key = passage.next_key
    key = passage.job
    if key:
        instance = passage.instance
        job = instance.jobs[key]
        actor = shard.actors.get(job.type)
        given, label = job_requests.given(instance, graph, job, actor)
        ruling = shard.gate.rule(job_requests.request(instance, graph, job, actor, given))
        if ruling.decision == "permit":
            passage.events.append(JobCleared(key, ruling))
            job.phase = "at-work"
            shard.releases.append(job_requests.release(instance, graph, key, given, label))
        else:
            _hold(
                shard, graph, passage, command, Clear(instance=instance.key, job=key, ruling=ruling, parameters=given)
            )
    return passage


def record(shard: Shard, stream: Stream, graph: Graph, command: InstanceCommand, passage: Passage) -> Answer:
    """One entry, and what it changes in the rows."""
    first = stream.instance is None
    instance, job = passage.instance, passage.job
    stream.instance = instance
    shard.write(stream, summary(command), passage.events)
    working = stream.working
    idle = not working
    if type(command) is FinishJob:
        working.discard(command.job)
    if job and instance.jobs[job].phase == "at-work":
        working.add(job)
    if (not working) is not idle:
        note_work(shard.batch, instance.key, idle)
    answer = Answer(stream.key, shard.position)
    if first or not job or shard.snapshot_due(stream, instance):
        shard.keep(stream)
    if not job:
        shard.ended(instance, graph)
    return answer


def _hold(shard: Shard, graph: Graph, passage: Passage, command: InstanceCommand, ruled: Clear) -> None:
    """The gate has not permitted it: what follows from that goes the general way."""
    decisions, limits = shard.registry.decisions, shard.limits
    working = begin(graph, passage.instance, command, shard.now, shard.next_key, decisions, limits)
    working.events = passage.events
    refusal = rule(working, ruled)
    assert refusal is None, "who has just come to a job may be ruled on"
    shard.next_key = working.next_key
