"""Connections to one shard's schema, and what may be wrong with them in one sentence that says what to do.

The password comes as libpq takes it, from PGPASSWORD, a password file or a service file as well as from the address;
no message of ours contains it.
"""

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

from clearance.ledger.store import Interrupted, StoreError, StoreLost
from clearance.stores.postgres.schema import REPLACED, SHORTER

log = logging.getLogger("clearance.postgresql")

_CONNECT_S = 5
_OLDEST_SERVER = 140000
_ALIVE = {"keepalives_idle": 4, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000}
"""A server or a network that is gone without a word is noticed after ten seconds."""
_ALIVE_SERVER = "-c tcp_keepalives_idle=4 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
"""The same the other way round: what a machine that is gone has locked is free after ten seconds."""


class NoLedger(StoreError):
    """The schema is not there: no engine has ever run on it."""


class Connector:
    """Connects to the schema of one shard."""

    def __init__(self, address: str, shard: int) -> None:
        self.shard = shard
        self.schema = f"clearance_{shard}"
        self.psycopg = _driver()
        self._address = address
        try:
            self._known = self.psycopg.conninfo.conninfo_to_dict(address)
        except self.psycopg.ProgrammingError:  # which quotes the address, with the password
            said = "it cannot be read as postgresql://USER@HOST:PORT/DATABASE"
            raise StoreError(f"the address of the store: {said}") from None

    @property
    def named(self) -> str:
        """Where it is, without the password."""
        port = self._known.get("port")
        where = f"{self._known.get('host', '')}{f':{port}' if port else ''}"
        return f"postgresql://{where}/{self._known.get('dbname', '')}"

    def connect(self, part: str, *options: str) -> Any:
        """A connection that commits each statement by itself; ``part`` says in the server's lists what it is for."""
        said = " ".join(f"-c {option}" for option in (f"search_path={self.schema}", "synchronous_commit=on", *options))
        connection = self.psycopg.connect(
            self._address,
            autocommit=True,
            connect_timeout=_CONNECT_S,
            application_name=self.name_of(part),
            client_encoding="utf8",
            options=f"{self._known.get('options', '')} {said} {_ALIVE_SERVER}".strip(),
            **_ALIVE,
        )
        if connection.info.server_version < _OLDEST_SERVER:
            connection.close()
            raise StoreError(f"{self.named}: the server is older than PostgreSQL 14: upgrade it")
        connection.prepare_threshold = 2
        return connection

    def name_of(self, part: str) -> str:
        """What the server calls such a connection (``application_name``)."""
        return f"clearance {self.shard} {part}"

    def end_others(self, connection: Any, parts: tuple[str, ...]) -> None:
        """End all other connections of these parts of the shard, with the transactions that they are in.

        Whoever is paused within a transaction would otherwise hold up whoever takes over, for as long as the server
        waits for it.
        """
        named = [self.name_of(part) for part in parts]
        chosen = "datname = current_database() AND application_name = ANY(%s) AND pid <> pg_backend_pid()"
        try:
            with connection.transaction():
                connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {chosen}", (named,))
        except self.psycopg.errors.InsufficientPrivilege as error:
            log.warning("%s: connections of another role cannot be ended, they are waited for: %s", self.named, error)

    @contextlib.contextmanager
    def explained(self, *connections: Any) -> Iterator[None]:
        """Errors of the driver as errors of the store; ``connections``: those used, which may have broken."""
        try:
            yield
        except self.psycopg.Error as error:
            raise self._explain(error, any(one is None or one.closed for one in connections)) from error

    def _explain(self, error: Exception, broken: bool) -> StoreError:
        errors = self.psycopg.errors
        state = getattr(error, "sqlstate", None) or ""
        told = getattr(getattr(error, "diag", None), "message_primary", None) or str(error)
        said = " ".join(told.split()) or type(error).__name__
        if state == REPLACED:
            return StoreLost(f"{self.named}: another engine has taken over; this one has written nothing since")
        if state == SHORTER:
            return StoreLost(
                f"{self.named}: {said}, but more had been committed: the database was restored, or a replica that was "
                "behind has become the server. Find out what is missing before you start again"
            )
        if isinstance(error, errors.UndefinedTable | errors.InvalidSchemaName):
            return NoLedger(
                f"{self.named}: there is no ledger of shard {self.shard}: `clearance serve --store` makes it"
            )
        if isinstance(error, errors.InsufficientPrivilege):
            return StoreError(f'{self.named}: {said}: see "Rights" in docs/operations.md for what the role needs')
        if isinstance(error, errors.ReadOnlySqlTransaction):
            return StoreError(f"{self.named} takes no writes: is it a replica? Add target_session_attrs=read-write")
        if isinstance(error, errors.DiskFull):
            return StoreError(f"{self.named}: the server's disk is full: make room; work goes on by itself")
        # What the server has refused has a state. Anything else went wrong on the way, and it may be done all the same.
        # The driver calls it internal when a connection ends within an answer: there is one result more than it knows.
        on_the_way = isinstance(error, errors.OperationalError | errors.InterfaceError | errors.InternalError)
        held_up = isinstance(error, errors.LockNotAvailable)
        kind = Interrupted if held_up or (on_the_way and (broken or not state)) else StoreError
        return kind(f"{self.named}: {_advised(said)}")


def _advised(said: str) -> str:
    """What a connection says, with what to do where the server's own words do not."""
    if "password authentication failed" in said or "no password supplied" in said:
        return f"{said}. Set PGPASSWORD, or write it into a password file (.pgpass)"
    if "Connection refused" in said or "No such file or directory" in said:
        return f"{said.rstrip('.?')}: start the server, or mend the address"
    if "does not exist" in said and "database" in said:
        return f"{said}. Make it with `createdb`"
    return said


def _driver() -> Any:
    try:
        import psycopg
    except ImportError as error:
        said = "PostgreSQL needs a package more" if error.name == "psycopg" else f"psycopg cannot be used: {error}"
        raise StoreError(f'{said}: pip install "clearance[postgresql]"') from None
    logging.getLogger("psycopg").setLevel(logging.ERROR)  # it warns of what it raises as well
    if not psycopg.Pipeline.is_supported():
        raise StoreError('the PostgreSQL client library is older than 14: pip install "clearance[postgresql]"')
    return psycopg
