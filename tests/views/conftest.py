"""A ledger and the views of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clearance.views.reader import Reader
from clearance.views.views import Views

from .ledger import Ledger


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger()
    ledger.deploy()
    return ledger


@pytest.fixture
def ask(ledger: Ledger, tmp_path: Path) -> Iterator[Callable[[], Reader]]:
    """Projects what the ledger holds by now and gives the reader."""
    views = Views(tmp_path / "views.sqlite", ledger)

    def caught_up() -> Reader:
        views.projector.catch_up()
        return views.reader

    yield caught_up
    views.stop()
