"""Hides what a ruling masks: the value at a dotted path becomes null and says so.

A path starts with a variable's name (``supplier.iban``); lists are gone through. In a brief it also hides the fields
and facts that bear the path or its last part as their name, and ``document`` hides the document.
"""

from collections.abc import Sequence

import msgspec

from clearance.model.values import Data
from clearance.views.brief import Action, Brief

DOCUMENT = "document"


def masked_variable(name: str, value: Data, mask: Sequence[str]) -> tuple[Data, bool]:
    """The value as it may be shown, and whether anything of it was hidden."""
    hidden = False
    for path in mask:
        first, *rest = path.split(".")
        if first == name:
            value, hit = _without(value, rest)
            hidden = hidden or hit
    return value, hidden


HIDDEN = "What speaks for a look is not shown to your role."


def masked_reason(reason: str, mask: Sequence[str]) -> str:
    """The reasons of an item in a list."""
    return HIDDEN if reason and _names("reasons", mask) else reason


def masked_brief(brief: Brief, mask: Sequence[str]) -> Brief:
    if not mask:
        return brief
    fields = tuple(
        msgspec.structs.replace(field, value=None, masked=True, location="", start=0, end=0)
        if _names(field.name, mask)
        else field
        for field in brief.fields
    )
    facts = tuple(
        msgspec.structs.replace(fact, expected=None, actual=None, masked=True)
        if _names(fact.name, mask) or _names(fact.label, mask)
        else fact
        for fact in brief.facts
    )
    return msgspec.structs.replace(
        brief,
        fields=fields,
        facts=facts,
        reasons=(HIDDEN,) if brief.reasons and _names("reasons", mask) else brief.reasons,
        document=None if DOCUMENT in mask else brief.document,
        action=_masked_action(brief.action, mask),
    )


def _masked_action(action: Action | None, mask: Sequence[str]) -> Action | None:
    if action is None:
        return None
    parameters = {name: masked_variable(name, value, mask)[0] for name, value in action.parameters.items()}
    return msgspec.structs.replace(action, parameters=parameters)


def _names(name: str, mask: Sequence[str]) -> bool:
    return bool(name) and any(path == name or path.endswith(f".{name}") for path in mask)


def _without(value: Data, path: Sequence[str]) -> tuple[Data, bool]:
    if not path:
        return None, True
    if isinstance(value, list):
        pairs = [_without(item, path) for item in value]
        return [item for item, _ in pairs], any(hit for _, hit in pairs)
    if isinstance(value, dict) and path[0] in value:
        inner, hit = _without(value[path[0]], path[1:])
        return {**value, path[0]: inner}, hit
    return value, False
