"""New evidence mid-process: which results rest on something that has changed, and doing just those again.

Where a process or activity says what new evidence means for it (``new_evidence``), each finished step is remembered
with the variables that it read. When one of these is changed from outside, by a person, a message or an operator, the
steps that have read it are out of date: they are done again in their order, or a person is asked first. A step that is
done again runs beside where the process stands. Its result counts and may make later results out of date in turn; its
flows are not taken again. A choice that would now go another way becomes an incident, for only a person can say what to
undo. At last whatever is waiting on old values begins anew.

What the process itself overwrites on its way is no new evidence. A step that can be compensated has changed the world
outside, so it is never done again without asking.
"""

from collections.abc import Mapping

from clearance.kernel.shared.ending import terminate
from clearance.kernel.shared.flows import enter
from clearance.kernel.state import ElementInstance, Finished, Instance
from clearance.kernel.working import Step
from clearance.model.events import (
    EvidenceSettled,
    IncidentRaised,
    InputsRead,
    StepFinished,
    StepRenewing,
    StepsOutdated,
)
from clearance.model.graph import Edge, Node
from clearance.model.values import Data

KIND = "evidence"
"""Of the incident that asks a person."""


class Watched(dict[str, Data]):
    """Variables that remember which of them were asked for."""

    def __init__(self, values: Mapping[str, Data]) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Data:
        self.asked.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Data = None) -> Data:
        self.asked.add(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self.asked.add(str(name))
        return super().__contains__(name)


def note_given(step: Step, element: ElementInstance, names: tuple[str, ...]) -> None:
    """What an actor, or a decision, was given; a repeated activity has read what any of its rounds has."""
    if not step.node_of(element).new_evidence:
        return
    if not element.loop_counter:
        step.record(InputsRead(element.key, names))
        return
    body = step.instance.elements[element.scope]
    outer = {name for name in names if name not in element.variables}
    if not outer <= set(body.given):
        step.record(InputsRead(body.key, tuple(sorted(outer.union(body.given)))))


def finish(step: Step, element: ElementInstance, node: Node, edges: tuple[Edge, ...]) -> None:
    """Remember what a step has read, just before it completes."""
    if element.loop_counter or element.thrower:
        return
    choice = any(edge.condition is not None for edge in node.outgoing)
    flows = tuple(edge.index for edge in edges) if choice else ()
    step.record(StepFinished(element.key, node.index, element.scope, _reads(step.instance, element, node), flows))


def consider(step: Step) -> None:
    """Something from outside has changed variables: find what rests on them."""
    changed = _taken(step)
    if not changed:
        return
    outdated = _outdated(step, changed)
    waiting = [element for element in _waiting(step) if _rests_on(step, element, changed)]
    if not outdated and not waiting:
        return
    concerned = [step.graph.nodes[node] for node in (*(o.node for o in outdated), *(w.node for w in waiting))]
    asks = any(_asks(node) for node in concerned)
    step.record(StepsOutdated(tuple(one.key for one in outdated), tuple(changed), asks))
    if asks:
        labels = ", ".join(dict.fromkeys(node.label for node in concerned))
        names = ", ".join(dict.fromkeys(name for _, name in changed))
        said = f"{names} has changed after it was read by {labels}: resolve to do that again, or keep the results"
        step.record(IncidentRaised(step.key(), step.instance.key, KIND, said))
    else:
        renew_next(step)


def decide(step: Step, *, keep: bool) -> None:
    """A person has answered."""
    if keep:
        step.record(EvidenceSettled(kept=True))
    else:
        renew_next(step)


def renewed(step: Step, element: ElementInstance, node: Node) -> None:
    """A step has been done again; what rests on what it changed is out of date too."""
    changed = _taken(step)
    if changed:
        after = _after(step, node.index, element.scope)
        outdated = [one for one in _outdated(step, changed) if one in after]
        step.record(StepsOutdated(tuple(one.key for one in outdated), tuple(changed)))
    renew_next(step)


def renew_next(step: Step) -> None:
    """Do the first outdated step again; when there is none left, let what waits on old values begin anew."""
    if any(element.renews for element in step.instance.elements.values()):
        return
    for one in step.instance.finished:
        if one.outdated:
            key = enter(step, one.node, one.scope)
            step.record(StepRenewing(key, one.key))
            return
    news = list(step.instance.news)
    step.record(EvidenceSettled())
    for element in [element for element in _waiting(step) if _rests_on(step, element, news)]:
        node, scope = element.node, element.scope
        enter(step, node, scope)
        terminate(step, element)


def chosen_again(step: Step, element: ElementInstance, node: Node, edges: tuple[Edge, ...]) -> None:
    """A choice was made again: where it would go another way now, a person must see to it."""
    before = next((one for one in step.instance.finished if one.key == element.renews), None)
    now = tuple(edge.index for edge in edges)
    if before is None or not before.flows or before.flows == now:
        return
    targets = ", ".join(step.graph.nodes[edge.target].label for edge in edges)
    said = f"with what is known now, {node.label} would go to {targets}: move the tokens, or keep the way it went"
    step.record(IncidentRaised(step.key(), element.scope, KIND, said))


def _taken(step: Step) -> list[tuple[int, str]]:
    changed = list(dict.fromkeys(step.changed))
    step.changed.clear()
    return changed


def _outdated(step: Step, changed: list[tuple[int, str]]) -> list[Finished]:
    news = set(changed)
    return [one for one in step.instance.finished if any((home, name) in news for name, home in one.reads.items())]


def _after(step: Step, node: int, scope: int) -> list[Finished]:
    """What was finished later than this step."""
    places = [(one.node, one.scope) for one in step.instance.finished]
    return step.instance.finished[places.index((node, scope)) + 1 :]


def _asks(node: Node) -> bool:
    return node.new_evidence == "ask" or node.handler >= 0


def _waiting(step: Step) -> list[ElementInstance]:
    """Activities that somebody or something is at work on, and that know what they have read."""
    return [
        element
        for element in step.instance.elements.values()
        if (element.job or element.task or element.loop)
        and not element.loop_counter
        and step.node_of(element).new_evidence
    ]


def _rests_on(step: Step, element: ElementInstance, changed: list[tuple[int, str]]) -> bool:
    reads = _reads(step.instance, element, step.node_of(element))
    return any((home, name) in changed for name, home in reads.items())


def _reads(instance: Instance, element: ElementInstance, node: Node) -> dict[str, int]:
    """Variables of outer scopes that the element has read, with the scope that holds each.

    An input mapping often makes a local variable of the name that it reads, so what it read is looked for outside.
    """
    names = set(element.given)
    for compiled in (*(mapping.source for mapping in node.outputs), *node.texts.values()):
        names |= compiled.reads
    for edge in node.outgoing:
        if edge.condition is not None:
            names |= edge.condition.reads
    taken_in = {name for mapping in node.inputs for name in mapping.source.reads}
    homes = {name: _home(instance, element.key, name) for name in names}
    homes |= {name: _home(instance, element.scope, name) for name in taken_in}
    for one in instance.finished:
        if one.scope == element.key:
            homes |= one.reads
    return {name: home for name, home in sorted(homes.items()) if home and home != element.key}


def _home(instance: Instance, scope: int, name: str) -> int:
    while scope:
        element = instance.elements[scope]
        if name in element.variables:
            return scope
        scope = element.scope
    return 0
