"""Messages, errors, signals and escalations: root elements of a file that events and tasks refer to by id.

The model names them by what they mean (name or code), so equal ones become one root element when written.
"""

from lxml import etree

from clearance.bpmn.names import bpmn
from clearance.bpmn.node import Node
from clearance.bpmn.xml import Document, extend

ROOTS = frozenset(("message", "signal", "error", "escalation"))


def meaning_of(root: Node | None) -> str:
    """What a message, signal, error or escalation is known by: its code, or else its name, or else its id."""
    if root is None:
        return ""
    code = root.attribute("errorCode") or root.attribute("escalationCode")
    return code or root.attribute("name") or root.id


def key_of(message: Node | None) -> str:
    """The correlation key of a message's ``zeebe:subscription``."""
    subscription = message.zeebe("subscription") if message else None
    return subscription.attribute("correlationKey") if subscription else ""


def says_more(root: Node) -> bool:
    """Whether a root element holds more than the model keeps of it, so that it must be carried as well."""
    meaning_of(root)
    key_of(root)
    name = root.name
    rest = root.rest()
    return any(rest.values()) or name not in ("", meaning_of(root))


def root_for(document: Document, local: str, key: str = "", **attributes: str) -> str:
    """The id of the root element with these attributes, made when it is not there yet; none without a name."""
    meaning = next(reversed(attributes.values()))
    if not meaning:
        return ""
    if (local, key, meaning) in document.carried_roots:
        return document.carried_roots[local, key, meaning]
    found = document.roots.get((local, key, *attributes.values()))
    if found is None:
        found = etree.Element(bpmn(local))
        found.set("id", document.free_id(f"{local}_{as_id(attributes['name'])}"))
        for name, value in attributes.items():
            found.set(name, value)
        if key:
            extend(found, "subscription", correlationKey=key)
        document.roots[(local, key, *attributes.values())] = found
    return str(found.get("id"))


def as_id(text: str) -> str:
    """The text with an underscore for everything that an id may not have."""
    return "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in text)
