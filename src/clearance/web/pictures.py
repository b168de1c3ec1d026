"""Pictures of deployed versions, and of where instances stand, drawn from the ledger when somebody asks.

Through handles of its own and one at a time, so that a long history keeps nobody waiting who asks for something else.
"""

import threading

from clearance.bpmn.drawing import PageError, draw
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.state.registry import Registry
from clearance.ledger.ledgers import Ledgers
from clearance.views.diagram import NoSuchInstance, diagram, drawable
from clearance.web.problems import Problem


class Pictures:
    """SVG, as the problem documents of the web want it: who asks for what is not there gets a 404."""

    def __init__(self, ledger: Ledgers) -> None:
        self._ledger = ledger
        self._registry = Registry(Feel(), read_decisions)
        self._lock = threading.Lock()

    def of_definition(self, key: int, page: str, *, dark: bool) -> str:
        """A deployed version as its file draws it."""
        with self._lock:
            definition = next((known for known in self._ledger.of(key).definitions() if known.key == key), None)
        if definition is None:
            raise Problem(404, f"There is no process definition {key}.")
        try:
            return draw(drawable(definition), page=page or 1, dark=dark)
        except PageError as error:
            raise Problem(404, str(error)) from None

    def of_instance(self, key: int, page: str, *, dark: bool) -> str:
        """The version on which an instance runs, with its tokens and incidents."""
        with self._lock:
            self._registry.clear()
            store = self._ledger.of(key)
            self._registry.load(list(store.definitions()), [])
            try:
                return diagram(store, self._registry, key, page=page or 1, dark=dark)
            except (PageError, NoSuchInstance) as error:
                raise Problem(404, str(error)) from None
