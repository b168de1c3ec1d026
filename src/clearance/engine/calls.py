"""Call activities: the called instance begins, ends, fails and is cancelled with the element that calls it.

All of it happens in the batch of what it follows from, so that after a crash either both instances know of it or
neither does. How deep calls may be nested, and how many one command may lead to, is bounded
(:attr:`EngineSettings.call_depth_max`, :attr:`EngineSettings.calls_max`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearance.kernel.state import Instance
from clearance.ledger.rows import Definition
from clearance.model import commands
from clearance.model.effects import CallProcess, CancelCalled, Effect, LeaveCall, RaiseToCaller
from clearance.model.graph import PROCESS
from clearance.model.values import join_labels

if TYPE_CHECKING:
    from clearance.engine.shard import Shard

EFFECTS = (CallProcess, LeaveCall, RaiseToCaller, CancelCalled)


def follow(shard: Shard, instance: Instance, effect: Effect) -> None:
    """Carry out what an instance asks of its caller, or of those that it calls."""
    if isinstance(effect, CallProcess):
        _begin(shard, instance, effect)
    elif isinstance(effect, CancelCalled):
        cancel = commands.CancelInstance(instance=effect.child, reason=f"its caller {instance.key} has gone on without")
        shard.advance(cancel)
    elif isinstance(effect, LeaveCall):
        shard.advance(
            commands.EndCall(
                instance=instance.parent,
                element=instance.parent_element,
                child=instance.key,
                variables=effect.variables,
            )
        )
    elif isinstance(effect, RaiseToCaller):
        shard.advance(
            commands.RaiseCall(
                instance=instance.parent,
                element=instance.parent_element,
                child=instance.key,
                kind=effect.kind,
                code=effect.code,
                message=effect.message,
                variables=effect.variables,
                label=effect.label,
            )
        )


def terminated(shard: Shard, instance: Instance) -> None:
    """A called instance was cancelled: a person decides about the caller, unless that was what cancelled it."""
    _fail(
        shard,
        instance.parent,
        instance.parent_element,
        instance.key,
        f"the called instance {instance.key} of {instance.process} was cancelled: resolve to call {instance.process} "
        "again, or cancel this instance too",
    )


def _begin(shard: Shard, parent: Instance, effect: CallProcess) -> None:
    element = parent.elements.get(effect.element)
    if element is None or element.child != effect.child:
        return  # it has been ended by what followed
    found = _called(shard, parent, effect)
    if isinstance(found, str):
        _fail(shard, parent.key, effect.element, effect.child, found)
        return
    nodes = shard.registry.graph(found.hash).nodes
    node = next((index for index in nodes[PROCESS].starts if not nodes[index].triggers), None)
    if node is None:
        said = f"process {effect.process} has no none start event, so it cannot be called: draw one and deploy it"
        _fail(shard, parent.key, effect.element, effect.child, said)
        return
    label = ""
    for value in effect.variables.values():
        label = join_labels(label, value.label)
    shard.calls += 1
    shard.advance(
        commands.Create(
            key=effect.child,
            definition=found.hash,
            node=node,
            variables={name: value.data for name, value in effect.variables.items()},
            tenant=parent.tenant,
            label=label,
            labels={name: value.label for name, value in effect.variables.items()},
            parent=parent.key,
            parent_element=effect.element,
            depth=parent.depth + 1,
        )
    )


def _called(shard: Shard, parent: Instance, effect: CallProcess) -> Definition | str:
    """The version to run, or why there is none."""
    settings = shard.settings
    if parent.depth >= settings.call_depth_max:
        return (
            f"calls are nested more than {settings.call_depth_max} deep (setting call_depth_max): does it call itself?"
        )
    if shard.calls >= settings.calls_max:
        return (
            f"one command has led to {settings.calls_max} called instances (setting calls_max); "
            "resolve the incident to go on"
        )
    versions = shard.registry.versions(effect.process)
    if not versions:
        return f"process {effect.process} is not deployed: deploy it, then resolve the incident"
    found: Definition | None = versions[-1]
    if effect.binding == "version":
        found = next((one for one in versions if one.version == effect.version), None)
    elif effect.binding == "versionTag":
        graph = shard.registry.graph
        tagged = (one for one in reversed(versions) if graph(one.hash).process.version_tag == effect.version_tag)
        found = next(tagged, None)
    elif effect.binding == "deployment":
        found = _of_same_deployment(shard, parent, versions)
    if found is None:
        which = (
            f"version {effect.version}" if effect.binding == "version" else f'a version with tag "{effect.version_tag}"'
        )
        which = "a version from the same deployment" if effect.binding == "deployment" else which
        return f"process {effect.process} has no {which.removeprefix('a ')}: deploy it, then resolve the incident"
    return found


def _of_same_deployment(shard: Shard, parent: Instance, versions: list[Definition]) -> Definition | None:
    """The version out of the caller's own file; otherwise the one that was the latest when the caller was deployed."""
    own = shard.registry.definition(parent.definition)
    for one in reversed(versions):
        if own.xml and one.xml == own.xml:
            return one
    return next((one for one in reversed(versions) if one.key <= own.key), None)


def _fail(shard: Shard, parent: int, element: int, child: int, reason: str) -> None:
    shard.advance(commands.EndCall(instance=parent, element=element, child=child, how="failed", reason=reason))
