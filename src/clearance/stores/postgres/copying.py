"""The entries of a large commit, by COPY in binary form: the server puts them into the table page by page instead of
row by row, and does so while the rest is still being put together here.

COPY cannot go into a pipeline, so it costs three round trips more: a small commit is better off without.
"""

import struct
from collections.abc import Sequence
from itertools import chain
from typing import Any

from clearance.ledger.rows import Entry
from clearance.stores.rows import COLUMNS

ENTRIES_MIN = 150
"""From how many entries on it pays where the server is some tenths of a millisecond away; beside it, from 75 on."""
_PIECE = 64
"""Entries that are sent at once."""
_COPY = f"COPY entries ({', '.join(COLUMNS['entries'])}) FROM STDIN (FORMAT binary)"
_BEGIN = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_FIELDS = struct.Struct(">hiqiqiqi32si").pack
"""How many fields, four of them with their lengths, and the length of the fifth."""


def copy(connection: Any, entries: Sequence[Entry]) -> None:
    """Within a transaction and outside of a pipeline."""
    with connection.cursor() as cursor, cursor.copy(_COPY) as copying:
        copying.write(_BEGIN)
        for start in range(0, len(entries), _PIECE):
            copying.write(_rows(entries[start : start + _PIECE]))
        copying.write(_END)


def _rows(entries: Sequence[Entry]) -> bytes:
    pairs = [
        (_FIELDS(5, 8, e.position, 8, e.stream, 8, e.sequence, len(e.hash), e.hash, len(e.content)), e.content)
        for e in entries
    ]
    return b"".join(chain.from_iterable(pairs))
