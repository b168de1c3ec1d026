"""A trace as lines for a terminal: choices stand out, long stretches without any are drawn together."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from clearance.bpmn.findings import TraceStep

_PLAIN_MAX = 3
"""Steps in a row of which each has a line of its own; of more only the first and last are named."""
_GATEWAY, _EVENT, _STEP, _WRONG = "◇", "○", "│", "✗"


def picture(trace: Sequence[TraceStep]) -> Iterator[str]:
    """One line for each step that says something."""
    for plain, group in groupby(trace, key=lambda step: not step.flow and not step.says and "Gateway" not in step.kind):
        steps = list(group)
        if plain and len(steps) > _PLAIN_MAX:
            yield _line(steps[0])
            yield f"{_STEP} … {len(steps) - 2} more …"
            yield _line(steps[-1])
        else:
            yield from (_line(step) for step in steps)


def _line(step: TraceStep) -> str:
    named = " ".join(step.name.split()) or step.element
    mark = _GATEWAY if "Gateway" in step.kind else _EVENT if "Event" in step.kind else _STEP
    way = f" → {' '.join(step.way.split())}" if step.flow else ""
    if step.says:
        return f"{_WRONG} {named}{way}: {step.says}"
    return f"{mark} {named}{way}"
