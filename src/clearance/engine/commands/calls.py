"""Call activities: the called instance begins, ends, fails and is cancelled with the element that calls it.

All of it happens in the batch of what it follows from, so that after a crash either both instances know of it or
neither does. How deep calls may be nested, and how many one command may lead to, is bounded
(:attr:`EngineSettings.call_depth_max`, :attr:`EngineSettings.calls_max`).
"""

from clearance.engine.commands import follow_ups
from clearance.engine.commands.steps import Steps
from clearance.engine.state.shard_state import ShardState
from clearance.kernel.state import Instance
from clearance.ledger.rows import Definition
from clearance.model import commands
from clearance.model.commands import InstanceCommand
from clearance.model.effects import CallProcess, CancelCalled, LeaveCall
from clearance.model.graph import PROCESS
from clearance.model.values import join_labels


def follow(state: ShardState, call: follow_ups.Call) -> Steps[None]:
    """Carry out what an instance asks of its caller, or of those that it calls."""
    command = _command(state, call)
    if command is not None:
        yield command


def terminated(state: ShardState, ended: follow_ups.CalledTerminated) -> Steps[None]:
    """A called instance was cancelled: a person decides about the caller, unless that was what cancelled it."""
    instance = ended.instance
    yield _failed(
        instance.parent,
        instance.parent_element,
        instance.key,
        f"the called instance {instance.key} of {instance.process} was cancelled: resolve to call {instance.process} "
        "again, or cancel this instance too",
    )


def _command(state: ShardState, call: follow_ups.Call) -> InstanceCommand | None:
    instance, effect = call.instance, call.effect
    if isinstance(effect, CallProcess):
        return _begin(state, instance, effect)
    if isinstance(effect, CancelCalled):
        reason = f"its caller {instance.key} has gone on without"
        return commands.CancelInstance(instance=effect.child, reason=reason)
    if isinstance(effect, LeaveCall):
        return commands.EndCall(
            instance=instance.parent,
            element=instance.parent_element,
            child=instance.key,
            variables=effect.variables,
        )
    return commands.RaiseCall(
        instance=instance.parent,
        element=instance.parent_element,
        child=instance.key,
        kind=effect.kind,
        code=effect.code,
        message=effect.message,
        variables=effect.variables,
        label=effect.label,
    )


def _begin(state: ShardState, parent: Instance, effect: CallProcess) -> InstanceCommand | None:
    """The called instance, or what keeps it from beginning; None: the call has been ended by what followed."""
    element = parent.elements.get(effect.element)
    if element is None or element.child != effect.child:
        return None
    found = _called(state, parent, effect)
    if isinstance(found, str):
        return _failed(parent.key, effect.element, effect.child, found)
    nodes = state.registry.graph(found.hash).nodes
    node = next((index for index in nodes[PROCESS].starts if not nodes[index].triggers), None)
    if node is None:
        said = f"process {effect.process} has no none start event, so it cannot be called: draw one and deploy it"
        return _failed(parent.key, effect.element, effect.child, said)
    label = ""
    for value in effect.variables.values():
        label = join_labels(label, value.label)
    state.calls += 1
    return commands.Create(
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


def _called(state: ShardState, parent: Instance, effect: CallProcess) -> Definition | str:
    """The version to run, or why there is none."""
    settings = state.settings
    if parent.depth >= settings.call_depth_max:
        return (
            f"calls are nested more than {settings.call_depth_max} deep (setting call_depth_max): does it call itself?"
        )
    if state.calls >= settings.calls_max:
        return (
            f"one command has led to {settings.calls_max} called instances (setting calls_max); "
            "resolve the incident to go on"
        )
    versions = state.registry.versions(effect.process)
    if not versions:
        return f"process {effect.process} is not deployed: deploy it, then resolve the incident"
    found: Definition | None = versions[-1]
    if effect.binding == "version":
        found = next((one for one in versions if one.version == effect.version), None)
    elif effect.binding == "versionTag":
        graph = state.registry.graph
        tagged = (one for one in reversed(versions) if graph(one.hash).process.version_tag == effect.version_tag)
        found = next(tagged, None)
    elif effect.binding == "deployment":
        found = _of_same_deployment(state, parent, versions)
    if found is None:
        which = (
            f"version {effect.version}" if effect.binding == "version" else f'a version with tag "{effect.version_tag}"'
        )
        which = "a version from the same deployment" if effect.binding == "deployment" else which
        return f"process {effect.process} has no {which.removeprefix('a ')}: deploy it, then resolve the incident"
    return found


def _of_same_deployment(state: ShardState, parent: Instance, versions: list[Definition]) -> Definition | None:
    """The version out of the caller's own file; otherwise the one that was the latest when the caller was deployed."""
    own = state.registry.definition(parent.definition)
    for one in reversed(versions):
        if own.xml and one.xml == own.xml:
            return one
    return next((one for one in reversed(versions) if one.key <= own.key), None)


def _failed(parent: int, element: int, child: int, reason: str) -> commands.EndCall:
    return commands.EndCall(instance=parent, element=element, child=child, how="failed", reason=reason)
