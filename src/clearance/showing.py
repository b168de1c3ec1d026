"""What ``clearance show`` draws: a file, or where an instance of an installation stands, running or stopped."""

from pathlib import Path

import msgspec

from clearance.bpmn.drawing import Tokens, draw, outline, png
from clearance.engine.languages import Feel, read_decisions
from clearance.engine.state.registry import Registry
from clearance.ledger.ledgers import Ledgers
from clearance.model.definition import Definitions
from clearance.stores.opening import find_stores, where
from clearance.views.diagram import standing


class Shown(msgspec.Struct, frozen=True):
    """What is to be drawn."""

    source: Path | bytes | Definitions
    tokens: Tokens | None = None

    def outline(self) -> str:
        """Lines for a terminal."""
        return outline(self.source, self.tokens)

    def svg(self, page: str = "1", *, dark: bool = False) -> str:
        """One of its diagrams, by number, name or id."""
        return draw(self.source, page=page, tokens=self.tokens, dark=dark)

    def write(self, target: Path, page: str = "1", *, dark: bool = False, scale: float = 2.0) -> None:
        """One of its diagrams to a file whose ending says the form, .svg or .png."""
        if target.suffix not in (".svg", ".png"):
            raise ValueError(f"{target}: pictures are .svg or .png")
        svg = self.svg(page, dark=dark)
        target.write_bytes(png(svg, scale=scale) if target.suffix == ".png" else svg.encode())


def shown(name: str, data: Path, address: str = "") -> Shown:
    """A BPMN file by its path, or an instance in the data folder, or at an address, by its key."""
    path = Path(name)
    if path.exists() or not name.isdigit():
        return Shown(path)
    stores = find_stores(data, address)
    if not stores:
        raise ValueError(f"there is no ledger in {where(data, address)}: say where it is with --data or --store")
    ledgers = Ledgers(stores)
    try:
        store = ledgers.of(int(name))
        registry = Registry(Feel(), read_decisions)
        registry.load(list(store.definitions()), [])
        source, tokens = standing(store, registry, int(name))
    finally:
        ledgers.close()
    return Shown(source, tokens)
