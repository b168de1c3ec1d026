"""Who and what a request is about, as Cedar entities: named in JSON, never in policy text, so that no name breaks out.

An element is ``Element::"process/element"`` in ``Process::"process"``; a ``/`` or ``%`` inside either id is written
``%2F`` or ``%25``, so that no two elements share a name. An action on no element is on the process.
"""

import json
from collections.abc import Iterable
from functools import lru_cache

import cedarpy

from clearance.governance.types import Action

REMEMBERED_MAX = 5_000


def reference(kind: str, name: str) -> dict[str, str]:
    return {"type": kind, "id": name}


def resource_of(process: str, element: str) -> dict[str, str]:
    """The element, or the process when no element is named."""
    if not element:
        return reference("Process", _part(process))
    return reference("Element", f"{_part(process)}/{_part(element)}")


class EntityCache:
    """The entities of a request; those of the same principal and resource are made once."""

    def __init__(self, actions: Iterable[Action]) -> None:
        base = [
            {
                "uid": reference("Action", action.name),
                "attrs": {},
                "parents": [reference("Action", group) for group in action.groups],
            }
            for action in actions
        ]
        self._base = cedarpy.Entities.from_json_str(json.dumps(base))
        self.of = lru_cache(REMEMBERED_MAX)(self._made)

    def _made(self, kind: str, principal: str, roles: tuple[str, ...], process: str, element: str) -> cedarpy.Entities:
        """Raises ValueError for names that are not Unicode."""
        parents = [reference("Role", role) for role in dict.fromkeys(roles)] if kind == "Person" else []
        added = [{"uid": reference(kind, principal), "attrs": {}, "parents": parents}]
        if element:
            parent = [reference("Process", _part(process))]
            added.append({"uid": resource_of(process, element), "attrs": {}, "parents": parent})
        return self._base.with_added_json_str(json.dumps(added))


def _part(name: str) -> str:
    return name.replace("%", "%25").replace("/", "%2F")
