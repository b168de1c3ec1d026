"""Processes in two lines: elements, and an arrow for each flow."""

import re

from clearance.model import definition as model
from clearance.model.definition import Element, Flow, Process

START, END = model.StartEvent(id="start"), model.EndEvent(id="end")
TIMER = model.TimerDefinition(duration="PT1H")
_ARROW = re.compile(r"(\w+) -(?:\[(.*?)\])?> (\w+)")


def flows(arrows: str) -> tuple[Flow, ...]:
    """``a -> b, b -[x > 1]> c``: flows, whose ids are their ends with an underscore between."""
    return tuple(
        Flow(id=f"{source}_{target}", source=source, target=target, condition=condition and f"= {condition}")
        for source, condition, target in _ARROW.findall(arrows)
    )


def process(arrows: str, *elements: Element, extensions: tuple[str, ...] = ()) -> Process:
    """A process with a start event and the end event that the arrows name, and the elements; other names are tasks."""
    named = {element.id: element for element in (START, END, *elements)}
    drawn = flows(arrows)
    tasks = [each for flow in drawn for each in (flow.source, flow.target) if each not in named]
    for each in tasks:
        named.setdefault(each, model.Task(id=each, name=each.capitalize()))
    return Process(id="p", elements=tuple(named.values()), flows=drawn, extensions=extensions)


def xor(identifier: str, default: str = "") -> Element:
    return model.ExclusiveGateway(id=identifier, default=default)


def both(identifier: str) -> Element:
    return model.ParallelGateway(id=identifier)


def some(identifier: str, default: str = "") -> Element:
    return model.InclusiveGateway(id=identifier, default=default)


def job(identifier: str, *outputs: tuple[str, str], inputs: tuple[tuple[str, str], ...] = ()) -> Element:
    """A service task; outputs and inputs as (expression, variable)."""
    return model.ServiceTask(
        id=identifier,
        job=model.JobDefinition(type="work"),
        outputs=tuple(model.Mapping(source=f"= {source}", target=target) for source, target in outputs),
        inputs=tuple(model.Mapping(source=f"= {source}", target=target) for source, target in inputs),
    )


def script(identifier: str, expression: str, result: str) -> Element:
    return model.ScriptTask(id=identifier, expression=f"= {expression}", result=result)


def beside(identifier: str, host: str, interrupting: bool = False) -> Element:
    """A timer on an activity's border."""
    return model.BoundaryEvent(id=identifier, attached_to=host, interrupting=interrupting, definition=TIMER)
