"""The verdict beside what happens: random processes on the real kernel, with random data and jobs done in any order."""

import random
from collections import Counter

import msgspec

from clearance.bpmn.soundness import check_flow
from clearance.model import definition as model
from clearance.model.definition import Element, Process
from clearance.testing import Scenario
from tests.bpmn.soundness.random_flows import defective, structured, tangled

JOBS_MAX = 100


def runnable(drawn: Process) -> Process:
    """Every task a job, every choice by variables of its own, and errors that nobody catches as ends of everything."""
    taken: dict[str, str] = {flow.source: flow.id for flow in drawn.flows}
    elements: list[Element] = []
    for element in drawn.elements:
        match element:
            case model.Task():
                elements.append(model.ServiceTask(id=element.id, job=model.JobDefinition(type=element.id)))
            case model.ExclusiveGateway() | model.InclusiveGateway():
                elements.append(msgspec.structs.replace(element, default=taken[element.id]))
            case model.EndEvent(definition=model.ErrorDefinition()):
                elements.append(model.EndEvent(id=element.id, definition=model.TerminateDefinition()))
            case _:
                elements.append(element)
    choices = {each.id for each in elements if isinstance(each, model.ExclusiveGateway | model.InclusiveGateway)}
    flows = [
        msgspec.structs.replace(flow, condition=f"= {flow.id}")
        if flow.source in choices and taken[flow.source] != flow.id
        else flow
        for flow in drawn.flows
    ]
    return Process(id="p", elements=tuple(elements), flows=tuple(flows))


def outcome(process: Process, seed: int) -> str:
    """How one run ends: its state, or the kind of its incident."""
    chance = random.Random(seed)
    scenario = Scenario()
    scenario.deploy(process)
    run = scenario.start("p", {flow.id: chance.random() < 0.5 for flow in process.flows})
    for _ in range(JOBS_MAX):
        open_ = scenario.jobs
        if not open_:
            break
        scenario.complete_job(chance.choice(open_))
    return run.incidents[0].kind if run.incidents else run.state


def without_boundaries(drawn: Process) -> bool:
    return not any(isinstance(element, model.BoundaryEvent) for element in drawn.elements)


def test_what_is_called_sound_completes_and_what_gets_stuck_was_told():
    seen: Counter[str] = Counter()
    draws = [
        lambda seed: defective(seed, 7, loops=False),
        lambda seed: tangled(seed, 6),
        lambda seed: structured(seed, 7, loops=False),
    ]
    for seed in range(120):
        drawn = draws[seed % 3](seed)
        if not without_boundaries(drawn):
            continue
        process = runnable(drawn)
        rules = {finding.rule for finding in check_flow(process)} - {"dead-element"}
        for run in range(2):
            ended = outcome(process, seed + run)
            assert ended in ("completed", "deadlock"), (seed, ended)
            if not rules:
                assert ended == "completed", seed
            if ended == "deadlock":
                assert rules & {"deadlock", "lack-of-synchronisation"}, seed
            seen[f"{ended}, {'told' if rules else 'sound'}"] += 1
    assert seen["completed, sound"] > 40
    assert seen["deadlock, told"] > 10
