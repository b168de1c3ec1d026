"""One server for all tests of this folder, and a new database for each."""

from collections.abc import Iterator

import pytest

from tests.stores.server import Server, fresh, serving


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    pytest.importorskip("psycopg")
    with serving() as made:
        yield made


@pytest.fixture
def database(server: Server) -> str:
    """The address of a database that is new."""
    return fresh(server.address)
