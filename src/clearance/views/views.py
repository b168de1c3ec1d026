"""The view database as the floors above hold it: somebody who projects, and somebody who reads."""

from pathlib import Path

from clearance.ledger.store import Store
from clearance.views.projector import Projector
from clearance.views.reader import Reader


class Views:
    """Open with reader handles of the ledger, one a shard; ``start`` and ``stop`` follow the engine's life."""

    def __init__(self, path: Path, *stores: Store) -> None:
        self.projector = Projector(path, *stores)
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
        """How many ledger entries the views show."""
        return self.projector.position()

    def shows(self, place: int) -> bool:
        return self.projector.shows(place)

    def wait_for(self, place: int, timeout_s: float = 5.0) -> bool:
        return self.projector.wait_for(place, timeout_s)
