"""What a variable holds: JSON data with exact numbers, and a slot for label, class and source.

Data is what JSON can say, with every number that is not an ``int`` held as :class:`decimal.Decimal`, so that money
stays exact from the wire to the ledger. Dates, times and durations travel as ISO 8601 strings. Read JSON with
:func:`from_json` and write it with :func:`to_json`; both are exact inverses of one another on data.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

Data = Any
"""None, bool, int, Decimal, str, list[Data] or dict[str, Data]. (Recursive aliases cost mypy more than they give.)"""

_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number", enc_hook=lambda value: _widen(value))


class Value(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True, gc=False):
    """A variable's value with what governance needs to know of it."""

    data: Data
    label: str = ""
    """Integrity: empty for what the organisation's own systems and people said; otherwise what it was read from."""
    classification: str = ""
    """Confidentiality class from the schema's ``x-class``; empty: not classified."""
    source: int = 0
    """The key of the element instance or command that set it."""


def from_json(text: bytes | str) -> Data:
    """Data from JSON text; raises ``msgspec.DecodeError`` (a ValueError) with the position of what is wrong."""
    return _decoder.decode(text)


def to_json(data: Data) -> bytes:
    """JSON text of data, UTF-8, without white space."""
    return _encoder.encode(data)


def to_data(value: object) -> Data:
    """Plain data of a struct, dataclass, float, tuple or anything else that JSON can say."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if value is None or isinstance(value, bool | int | str | Decimal):
        return value
    if isinstance(value, Mapping):
        return {str(key): to_data(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [to_data(item) for item in value]
    return _decoder.decode(_encoder.encode(value))


def join_labels(one: str, other: str) -> str:
    """The union of two labels (comma-separated sources)."""
    if not one or one == other:
        return other
    if not other:
        return one
    return ",".join(sorted({*one.split(","), *other.split(",")}))


def _widen(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not JSON data")
