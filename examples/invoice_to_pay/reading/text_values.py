"""Numbers, dates and identifiers as people write them, in English and in German.

Whether ``1.234`` is a thousand or a fraction is decided once per document, from the amounts that leave no doubt.
"""

import re
from datetime import date
from decimal import Decimal

AMOUNT = r"[-−]?(?:\d{1,3}(?:[.,' \u00a0\u202f]\d{3})+|\d+)[.,]\d{2}(?!\d)[-−]?"
"""An amount with two decimals."""
NUMBER = r"[-−]?\d[\d.,']*"
PERCENT = r"\d{1,2}(?:[.,]\d{1,2})?\s*%"
CURRENCIES = {"€": "EUR", "EUR": "EUR", "$": "USD", "USD": "USD", "£": "GBP", "GBP": "GBP", "CHF": "CHF"}
CURRENCY = r"(?:€|\$|£|\b(?:EUR|USD|GBP|CHF)\b)"

_MONTHS = {
    month: number
    for number, names in enumerate(
        (
            "january jan januar",
            "february feb februar",
            "march mar märz maerz mär",
            "april apr",
            "may mai",
            "june jun juni",
            "july jul juli",
            "august aug",
            "september sep sept",
            "october oct oktober okt",
            "november nov",
            "december dec dezember dez",
        ),
        1,
    )
    for month in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
DATE = (
    r"(?:\d{4}-\d{2}-\d{2}|\d{1,2}\.\s?\d{1,2}\.\s?\d{4}|\d{1,2}/\d{1,2}/\d{4}"
    rf"|\d{{1,2}}\.?\s+(?:{_MONTH})\.?,?\s+\d{{4}}|(?:{_MONTH})\.?\s+\d{{1,2}},?\s+\d{{4}})(?!\d)"
)
IBAN = r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b"
VAT_ID = r"\b(?:AT ?U|[A-Z]{2}) ?(?:\d|[A-Z0-9]{1,2} ?\d)(?: ?[\dA-Z]){6,11}\b"
WORD = r"[A-Za-z0-9][\w./+-]*"
"""An identifier without spaces."""


def decimal_comma(text: str) -> bool:
    """Whether the document writes 1.234,56 rather than 1,234.56."""
    commas = len(re.findall(r"\d,\d{2}(?!\d)", text))
    points = len(re.findall(r"\d\.\d{2}(?![\d.])", text))
    return commas > points


def read_number(written: str, comma: bool) -> Decimal | None:
    """The decimal of a written number; a trailing or leading minus makes it negative."""
    digits = re.sub(r"[\s\u00a0\u202f'€$£%]|EUR|USD|GBP|CHF", "", written).replace("−", "-")
    negative = digits.startswith("-") or digits.endswith("-")
    digits = digits.strip("-+")
    grouping, point = (".", ",") if comma else (",", ".")
    digits = digits.replace(grouping, "").replace(point, ".")
    if not re.fullmatch(r"\d{1,15}(\.\d{1,10})?", digits):
        return None
    return -Decimal(digits) if negative else Decimal(digits)


def read_date(written: str) -> tuple[date | None, bool]:
    """The date, and whether day and month could be the other way round (then the day is taken to come first)."""
    words = written.lower()
    numbers = [int(number) for number in re.findall(r"\d+", words)]
    named = next((number for month, number in _MONTHS.items() if re.search(rf"\b{month}\b", words)), None)
    doubtful = False
    if named is not None and len(numbers) == 2:
        day, month, year = numbers[0], named, numbers[1]
    elif len(numbers) != 3:
        return None, False
    elif re.match(r"\d{4}-", words):
        year, month, day = numbers
    else:
        day, month, year = numbers
        if "/" in words:
            if month > 12:
                day, month = month, day
            doubtful = day <= 12 and month <= 12 and day != month
    try:
        return date(year, month, day), doubtful
    except ValueError:
        return None, False
