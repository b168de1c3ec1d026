"""Values in search filters: plain, or Camunda's advanced form (``{"$eq": …}``, ``{"$in": […]}``)."""

from collections.abc import Collection, Sequence

import msgspec

from clearance.views.reader import BadQuery, key_of


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"equal": "$eq", "among": "$in"}):
    equal: str | None = None
    among: list[str] | None = None


Text = str | Match


def texts(value: Text | None) -> Sequence[str] | None:
    """The values that match; None: any."""
    if value is None or isinstance(value, str):
        return value if value is None else (value,)
    if value.equal is not None:
        return (value.equal,) if value.among is None or value.equal in value.among else ()
    return value.among


def one_of(value: Text | None, known: Collection[str], where: str) -> Sequence[str] | None:
    """The values that match, each of which is known; raises :class:`BadQuery`."""
    found = texts(value)
    for text in found or ():
        if text not in known:
            raise BadQuery(f"{where}: {text[:40]!r} is none of {', '.join(known)}")
    return found


def keys(value: Text | None, where: str) -> Sequence[int] | None:
    found = texts(value)
    return None if found is None else [key_of(text, where) for text in found]


def both(first: Sequence[str] | None, second: Sequence[str]) -> list[str]:
    """What is asked for and allowed."""
    return [value for value in second if first is None or value in first]
