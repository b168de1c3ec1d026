"""The schema that policies are checked against: shipped actions, those of the organisation, and what is always known.

Each action's context is its parameters, as declared, beside the fixed part of :data:`FIXED`, which is added here so
that nobody has to repeat it. The gate gives policies exactly what the schema declares (``context.py``), so that a
policy which passed the check finds what it reads.
"""

from collections.abc import Iterable, Mapping

import msgspec

from clearance.governance.schema_text import ENTITIES
from clearance.governance.types import Action, render

FIXED = (
    "systems: Set<String>, risk: String, needed_roles: Set<Role>, assignee?: Person, attempt: Long, "
    "people: Set<Person>, approvals: Long, distinct: Bool, tenant: String"
)


class ConflictError(ValueError):
    """Two declarations of one action that do not go together; the message has the remedy."""


def extended(
    actions: Mapping[str, Action], added: Iterable[Action], shipped: Mapping[str, Action]
) -> dict[str, Action]:
    """The actions with those of one more file. A shipped action may be declared again, to give it parameters."""
    result = dict(actions)
    for action in added:
        known = shipped.get(action.name)
        if known is None:
            if action.name in result:
                raise ConflictError(
                    f"action {action.name} is declared in another file too: declare it once, with a ? after parameters "
                    "that not every use of it has"
                )
            result[action.name] = action
            continue
        if result[action.name] != known:
            raise ConflictError(f"action {action.name} is given parameters in another file too: do it in one place")
        if not set(action.principals) <= set(known.principals) or not set(action.resources) <= set(known.resources):
            raise ConflictError(
                f"action {action.name} is for {', '.join(known.principals)} on {', '.join(known.resources)}: "
                "give it parameters, not other principals and resources"
            )
        result[action.name] = msgspec.structs.replace(known, parameters=action.parameters)
    return result


def text(actions: Iterable[Action]) -> str:
    """The whole schema in Cedar's syntax, for checking policies and for other Cedar tools."""
    return ENTITIES + "".join(_action(action) for action in actions)


def _action(action: Action) -> str:
    groups = f" in [{', '.join(_quoted(group) for group in action.groups)}]" if action.groups else ""
    if not action.principals:
        return f"action {_quoted(action.name)}{groups};\n"
    context = f"parameters: {render(action.parameters)}, {FIXED}"
    return (
        f"action {_quoted(action.name)}{groups} appliesTo {{ principal: [{', '.join(action.principals)}], "
        f"resource: [{', '.join(action.resources)}], context: {{ {context} }} }};\n"
    )


def _quoted(name: str) -> str:
    return f'"{name}"'
