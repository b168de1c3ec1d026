"""Several models as one graph: who is meant by a reference, and under which name an element sees another.

A reference is ``#id`` in the same model or ``namespace#id`` in an imported one. What a model imports it sees as
``import name.element name``, or without a prefix when the import's name is empty (DMN 1.4 and later).
"""

from collections.abc import Sequence

from clearance.dmn.errors import DmnError
from clearance.dmn.model import Definitions, GraphElement, ItemDefinition, Node

Key = tuple[str, str]
"""Namespace and id: what an element is known by in the whole graph."""


class Graph:
    """The models that a set of decisions is made of; the first is the one that was asked for."""

    def __init__(self, main: Definitions, imported: Sequence[Definitions] = ()) -> None:
        self.main = main
        self.models: dict[str, Definitions] = {}
        for model in (*imported, main):
            self.models[model.namespace] = model
        self._elements: dict[Key, GraphElement] = {
            (model.namespace, element.id): element for model in self.models.values() for element in model.elements()
        }
        for model in self.models.values():
            for item in model.imports:
                if _is_dmn(item.import_type) and item.namespace not in self.models:
                    remedy = "Put its file beside this one, or pass it to read(..., imports=[...])."
                    raise DmnError(f"the imported model {item.namespace} was not found.", item.where, remedy)

    def element(self, key: Key) -> GraphElement:
        """The element with a key."""
        return self._elements[key]

    def resolve(self, reference: str, model: Definitions, where: Node) -> Key:
        """The key that a reference in a model means; raises DmnError when there is no such element."""
        namespace, _, identifier = reference.rpartition("#")
        key = (namespace or model.namespace, identifier)
        if key not in self._elements:
            message = f"refers to {reference}, which does not exist."
            raise DmnError(message, where.where, "Correct the reference or add the element.")
        return key

    def prefix(self, model: Definitions, key: Key) -> str | None:
        """The import's name under which a model sees an element: empty for its own, None when it imports it not."""
        if key[0] == model.namespace:
            return ""
        return next((item.name for item in model.imports if item.namespace == key[0]), None)

    def find(self, name: str, kinds: tuple[type, ...]) -> Key | None:
        """The element that a caller means, by name or id: in the main model, ``import.name`` or ``{namespace}name``."""
        namespace, brace, rest = name[1:].partition("}")
        if brace and name.startswith("{") and namespace in self.models:
            candidates = [(self.models[namespace], rest)]
        else:
            candidates = [(self.main, name)]
        candidates += [
            (self.models[item.namespace], name.removeprefix(f"{item.name}.") if item.name else name)
            for item in self.main.imports
            if item.namespace in self.models and (not item.name or name.startswith(f"{item.name}."))
        ]
        for model, local in candidates:
            elements = [element for element in model.elements() if isinstance(element, kinds)]
            for element in elements:
                if element.name == local:
                    return model.namespace, element.id
            for element in elements:
                if element.id == local:
                    return model.namespace, element.id
        return None

    def type_definition(self, name: str, model: Definitions) -> tuple[ItemDefinition, Definitions] | None:
        """The item definition that a type reference in a model names, with the model that it stands in."""
        for item in model.items:
            if item.name == name:
                return item, model
        for imported in model.imports:
            owner = self.models.get(imported.namespace)
            local = name.removeprefix(f"{imported.name}.") if imported.name else name
            if owner is not None and (local != name or not imported.name):
                for item in owner.items:
                    if item.name == local:
                        return item, owner
        return None


def _is_dmn(import_type: str) -> bool:
    return not import_type or "/DMN/" in import_type
