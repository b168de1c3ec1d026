"""One Tryton server for all these tests; each test buys something of its own."""

from collections.abc import Iterator

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
