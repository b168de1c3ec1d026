"""Which order line an invoice line charges: by reference, else by article, else by description and price."""

import re
from collections.abc import Iterator
from decimal import Decimal
from difflib import SequenceMatcher

import msgspec

from invoice_to_pay.reading import Line
from invoice_to_pay.systems import OrderLine

SIMILARITY_MIN = 0.6
"""Below this share of common text, two descriptions are of different things."""
PRICE_RATIO_MAX = Decimal("1.5")
"""A description alone does not pair lines whose prices are further apart."""


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice line and the order line that it charges, if any."""

    name: str
    line: Line
    ordered: OrderLine | None = None
    by: str = ""


def pair_lines(lines: tuple[Line, ...], ordered: tuple[OrderLine, ...]) -> Iterator[Pair]:
    """Every invoice line in order; certain pairs are made first, so that a guess never takes their order line."""
    certain: dict[int, tuple[OrderLine, str]] = {}
    for index, line in enumerate(lines):
        found = _by_reference(line, ordered)
        by = "order line"
        if found is None:
            found, by = _by_item(line, ordered), "item"
        if found is not None:
            certain[index] = found, by
    free = [candidate for candidate in ordered if candidate.number not in {pair.number for pair, _ in certain.values()}]
    for index, line in enumerate(lines):
        name = line.id or str(index + 1)
        if index in certain:
            yield Pair(name=name, line=line, ordered=certain[index][0], by=certain[index][1])
            continue
        likely = _by_description(line, free)
        if likely is not None:
            free.remove(likely)
        yield Pair(name=name, line=line, ordered=likely, by="description" if likely else "")


def _normal(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper()).lstrip("0")


def _by_reference(line: Line, ordered: tuple[OrderLine, ...]) -> OrderLine | None:
    if not line.order_line:
        return None
    return next((candidate for candidate in ordered if _normal(candidate.number) == _normal(line.order_line)), None)


def _by_item(line: Line, ordered: tuple[OrderLine, ...]) -> OrderLine | None:
    items = {_normal(item) for item in (line.seller_item, line.buyer_item, line.standard_item) if item}
    found = [candidate for candidate in ordered if candidate.item and _normal(candidate.item) in items]
    return min(found, key=lambda candidate: abs(candidate.unit_price - (line.unit_price or 0)), default=None)


def _by_description(line: Line, free: list[OrderLine]) -> OrderLine | None:
    likeness = [
        (_similarity(f"{line.name} {line.description}".strip(), candidate.description), candidate)
        for candidate in free
        if _price_is_near(line.unit_price, candidate.unit_price)
    ]
    likely = sorted((pair for pair in likeness if pair[0] >= SIMILARITY_MIN), key=lambda pair: -pair[0])
    if not likely or (len(likely) > 1 and likely[0][0] == likely[1][0]):
        return None
    return likely[0][1]


def _similarity(left: str, right: str) -> float:
    return SequenceMatcher(None, " ".join(left.lower().split()), " ".join(right.lower().split())).ratio()


def _price_is_near(left: Decimal | None, right: Decimal) -> bool:
    if not left or not right:
        return True
    return max(left, right) <= min(left, right) * PRICE_RATIO_MAX
