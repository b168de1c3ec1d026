"""One Tryton server for all these tests; each test buys something of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.invoice_to_pay.tryton import server
from tests.invoice_to_pay.tryton.books import Books
from tests.invoice_to_pay.tryton.shop import Shop

from invoice_to_pay.systems.tryton import Tryton


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with server.serving(tmp_path_factory.mktemp("tryton")) as running:
        settings = running.settings()
        yield Shop(settings, Tryton(running.settings("admin")), Tryton(settings), Books(running.database))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker runs them all: they share a server whose set-up takes a minute or two."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.xdist_group("tryton"))
            item.add_marker(pytest.mark.timeout(600))
