"""Early-payment discounts in the payment terms.

XRechnung writes them in a form of its own (``#SKONTO#TAGE=14#PROZENT=2.00#BASISBETRAG=100.00#``, one per line); others
in plain words, of which the usual English and German ones are understood. Words that are not understood give no
discount: paying the full amount is always right.
"""

import re
from datetime import date, timedelta
from decimal import Decimal

from .invoice import Discount

_FORMAL = re.compile(
    r"#SKONTO#TAGE=(?P<days>\d{1,3})#PROZENT=(?P<percent>\d{1,2}(?:\.\d+)?)#(?:BASISBETRAG=(?P<base>-?\d+(?:\.\d+)?)#)?"
)
_DAYS = r"(?P<days>\d{1,3})\s{0,3}(?:calendar\s+)?(?:days?|tag(?:e|en)?)\b"
_PERCENT = r"(?P<percent>\d{1,2}(?:[.,]\d{1,3})?)\s?%"
_WORD = r"(?:skonto|discount|abzug|deduct\w*)"
_GAP = r"[^.;\n%\d]{0,40}?"
_PLAIN = (
    re.compile(rf"{_DAYS}{_GAP}{_PERCENT}\s{{0,3}}{_WORD}", re.IGNORECASE),
    re.compile(rf"{_PERCENT}\s{{0,3}}{_WORD}{_GAP}{_DAYS}", re.IGNORECASE),
    re.compile(rf"{_WORD}\s{{0,3}}(?:of|von|:)?\s{{0,3}}{_PERCENT}{_GAP}{_DAYS}", re.IGNORECASE),
    re.compile(r"(?P<percent>\d{1,2}(?:\.\d+)?)\s*%?/(?P<days>\d{1,3})[\s,]+net\s*\d+", re.IGNORECASE),
)
_DAYS_MAX = 365
TERMS_CHARACTERS_MAX = 20_000


def read_discounts(terms: str, issue_date: date | None) -> tuple[Discount, ...]:
    """The discounts that the terms offer, the earliest first; one of zero per cent is none."""
    terms = terms[:TERMS_CHARACTERS_MAX]
    discounts: dict[tuple[int, Decimal], Discount] = {}
    for found in list(_FORMAL.finditer(terms)) or _plain(terms):
        parts = found.groupdict()
        days, percent = int(parts["days"]), Decimal(parts["percent"].replace(",", "."))
        if not percent or days > _DAYS_MAX:
            continue
        discounts[days, percent] = Discount(
            days=days,
            percent=percent,
            base=Decimal(parts["base"]) if parts.get("base") else None,
            last_day=issue_date + timedelta(days=days) if issue_date else None,
        )
    return tuple(sorted(discounts.values(), key=lambda discount: discount.days))


def _plain(terms: str) -> list[re.Match[str]]:
    """What the plain forms find, each percentage once: "10 days 3% discount, 30 days net" offers one discount."""
    found: dict[int, re.Match[str]] = {}
    for form in _PLAIN:
        for match in form.finditer(terms):
            found.setdefault(match.start("percent"), match)
    return list(found.values())
