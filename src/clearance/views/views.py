"""The view database as the floors above hold it: somebody who projects, and somebody who reads."""

from pathlib import Path

from clearance.engine.ports import Store
from clearance.views.projector import Projector
from clearance.views.reader import Reader


class Views:
    """Open with a reader handle of the ledger; ``start`` and ``stop`` follow the engine's life."""

    def __init__(self, path: Path, store: Store) -> None:
        self.projector = Projector(path, store)
        self.reader = Reader(path)

    def start(self) -> None:
        self.projector.start()

    def stop(self) -> None:
        """Project what is committed and close; nothing can be asked afterwards."""
        self.reader.close()
        self.projector.stop()

    def wake(self) -> None:
        """The ledger has grown."""
        self.projector.wake()

    def position(self) -> int:
        return self.projector.position()

    def wait_for(self, position: int, timeout_s: float = 5.0) -> bool:
        return self.projector.wait_for(position, timeout_s)
