"""How values travel to PostgreSQL: whole columns of a batch as arrays in the server's binary form.

One statement with an array a column writes any number of rows, stays prepared whatever their number, and goes out in
one pipeline with all others of its commit: one round trip. The arrays are put together here because that takes half
the time of having each value adapted.

PostgreSQL's text cannot hold the character NUL, which JSON can: it is written as two others.
"""

import struct
from collections.abc import Sequence
from itertools import chain
from typing import Any

import msgspec

_HEADER = struct.Struct(">iiiii")
_LENGTH = struct.Struct(">i").pack
ESCAPE = "\x01"
"""What begins a pair that stands for another character."""


class Column(msgspec.Struct, frozen=True):
    """The values of one column, in the order of the rows; a subclass for each type."""

    values: Sequence[Any]


class Bigints(Column, frozen=True):
    """Whole numbers of 64 bits."""


class Texts(Column, frozen=True):
    """Strings."""


class Byteas(Column, frozen=True):
    """Bytes."""


TYPES: dict[type[Column], tuple[str, int, int]] = {
    Bigints: ("bigint", 20, 1016),
    Texts: ("text", 25, 1009),
    Byteas: ("bytea", 17, 1001),
}
"""The name of the type, and the object ids of it and of its arrays, which are the same in every PostgreSQL."""


Statement = tuple[str, list[Column | int]]
"""With its parameters."""


def array(column: Column) -> bytes:
    """One dimension, no nulls; see array_recv in PostgreSQL's sources."""
    header = _HEADER.pack(1, 0, TYPES[type(column)][1], len(column.values), 1)
    if type(column) is Bigints:
        lengths_and_values = [8] * (2 * len(column.values))
        lengths_and_values[1::2] = column.values
        return header + struct.pack(">" + "iq" * len(column.values), *lengths_and_values)
    values = [stored(value).encode() for value in column.values] if type(column) is Texts else column.values
    return header + b"".join(chain.from_iterable((_LENGTH(len(value)), value) for value in values))


def register(connection: Any) -> None:
    """Let a connection of psycopg take columns as parameters."""
    from psycopg.adapt import Dumper
    from psycopg.pq import Format

    class ColumnDumper(Dumper):
        format = Format.BINARY

        def dump(self, obj: Any) -> bytes:
            return array(obj)

    for kind, (name, _, number) in TYPES.items():
        dumper = type(f"Dumper_{name}", (ColumnDumper,), {"oid": number})
        connection.adapters.register_dumper(kind, dumper)


def stored(text: str) -> str:
    """As it is kept."""
    if "\0" in text or ESCAPE in text:
        return text.replace(ESCAPE, ESCAPE + "1").replace("\0", ESCAPE + "0")
    return text


def plain(text: str) -> str:
    """As it was given."""
    if ESCAPE in text:
        return text.replace(ESCAPE + "0", "\0").replace(ESCAPE + "1", ESCAPE)
    return text
