"""Correlation by properties (8.4.2, 10.2.2): a message belongs to the conversation whose properties it agrees with.

Each message of a conversation says the properties by its retrieval expressions. An instance knows them by its bindings,
or by the first message of the conversation that it has received or sent; from then on they are kept in its variable
:data:`CONVERSATION`. A message that carries no correlation key gets the properties' values as its key when it is
published, and a wait that has none gets the instance's, so that all else is as with keys.
"""

from collections.abc import Mapping
from datetime import datetime

from clearance.kernel.state import lookup
from clearance.kernel.working import Step
from clearance.model.events import Subscribed, Unsubscribed, VariablesSet
from clearance.model.graph import Conversation, Graph
from clearance.model.values import Data, Value, to_json

PREFIX = "conversation:"
"""Of keys that are made of properties."""
CONVERSATION = "_conversation"
"""Variable of the instance: the key of each of its conversations, by the correlation key's id."""


def key_of_message(graph: Graph, name: str, variables: Mapping[str, Data], moment: datetime) -> str:
    """What a message says of its conversation; empty when it belongs to none, or does not say all properties."""
    for conversation in graph.conversations.get(name, ()):
        values = [prop.retrieval.evaluate(variables, moment) for prop in conversation.properties]
        if all(value is not None for value in values):
            return _key(conversation, values)
    return ""


def key_of_instance(step: Step, scope: int, name: str) -> str:
    """What the instance knows of the conversation that a message belongs to; empty when it knows nothing yet."""
    known = lookup(step.instance, step.instance.key, CONVERSATION)
    for conversation in step.graph.conversations.get(name, ()):
        if known is not None and conversation.id in known.data:
            return str(known.data[conversation.id])
        values = []
        for prop in conversation.properties:
            seen = {}
            for variable in prop.binding.reads if prop.binding is not None else ():
                found = lookup(step.instance, scope, variable)
                if found is not None:
                    seen[variable] = found.data
            values.append(prop.binding.evaluate(seen, step.moment) if prop.binding is not None else None)
        if values and all(value is not None for value in values):
            return _key(conversation, values)
    return ""


def note(step: Step, name: str, variables: Mapping[str, Data]) -> None:
    """A message has been received or sent: the first one says which conversation the instance is in."""
    for conversation in step.graph.conversations.get(name, ()):
        known = lookup(step.instance, step.instance.key, CONVERSATION)
        if known is not None and conversation.id in known.data:
            continue
        values = [prop.retrieval.evaluate(variables, step.moment) for prop in conversation.properties]
        if all(value is not None for value in values):
            kept = {**(known.data if known is not None else {}), conversation.id: _key(conversation, values)}
            step.record(VariablesSet(step.instance.key, {CONVERSATION: Value(kept)}))


def settle(step: Step) -> None:
    """What has waited for any conversation waits for the one that has become known."""
    for key, wait in list(step.instance.subscriptions.items()):
        trigger = step.graph.nodes[wait.node].triggers[wait.trigger]
        if wait.kind != "message" or wait.correlation_key or "message.correlation_key" in trigger.texts:
            continue
        known = key_of_instance(step, wait.element, wait.name)
        if known:
            step.record(Unsubscribed(key))
            step.record(Subscribed(step.key(), wait.element, wait.node, wait.kind, wait.name, known, wait.trigger))


def prefixes(graph: Graph, name: str) -> tuple[str, ...]:
    """What the keys begin with that a message of this name may get from its properties."""
    return tuple(PREFIX + to_json([one.id]).decode()[:-1] + "," for one in graph.conversations.get(name, ()))


def _key(conversation: Conversation, values: list[Data]) -> str:
    return PREFIX + to_json([conversation.id, *values]).decode()
