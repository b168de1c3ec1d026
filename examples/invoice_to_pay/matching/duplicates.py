"""Has this been charged before: under the same number, or the same things under another?

The fingerprint is kept in the ERP with every posting (``Posting.fingerprint``), so that the next invoice can be
compared by what it charges, whatever its number. For invoices posted before there were fingerprints, the same amount
near the same date stands in for it.
"""

import hashlib
import re
from datetime import date
from decimal import Decimal

import msgspec

from invoice_to_pay.reading import Invoice
from invoice_to_pay.systems import PriorInvoice

from .three_way import unit_price

NEAR_DAYS = 31
"""Within this many days, the same amount without a fingerprint counts as possibly the same."""


class Duplicate(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier invoice that this one may repeat."""

    kind: str
    """same number, same content or same amount."""
    number: str
    date: str
    status: str
    reference: str
    message: str


def fingerprint(invoice: Invoice) -> str:
    """SHA-256 of what was charged: order, period, quantities, prices and amounts, not number, date or wording.

    The same charge has the same fingerprint whatever syntax it came in and in whatever order its lines stand.
    """
    lines = sorted(
        "|".join(
            (
                _plain(line.quantity),
                _plain(unit_price(line)),
                _plain(line.net),
                _period(line.period_start, line.period_end),
            )
        )
        for line in invoice.lines
    )
    totals = invoice.totals
    parts = [
        "credit" if invoice.kind == "credit note" else "charge",
        re.sub(r"[^A-Z0-9]", "", invoice.order_number.upper()),
        invoice.currency,
        _period(invoice.period_start, invoice.period_end),
        _plain(totals.net),
        _plain(totals.gross),
        *lines,
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def duplicates(invoice: Invoice, prior: tuple[PriorInvoice, ...]) -> tuple[Duplicate, ...]:
    """The earlier invoices of the supplier that this one may repeat; those that were reversed do not count."""
    mine = fingerprint(invoice)
    found = []
    for earlier in prior:
        if earlier.status == "reversed":
            continue
        if invoice.number and normal_number(earlier.number) == normal_number(invoice.number):
            found.append(_duplicate("same number", earlier, f"Invoice {earlier.number} is already {_status(earlier)}."))
        elif earlier.fingerprint and earlier.fingerprint == mine:
            message = f"The same was charged as {earlier.number}, already {_status(earlier)}."
            found.append(_duplicate("same content", earlier, message))
        elif not earlier.fingerprint and _same_amount(invoice, earlier):
            message = f"The same amount was charged as {earlier.number} on {earlier.date}, already {_status(earlier)}."
            found.append(_duplicate("same amount", earlier, message))
    return tuple(found)


def normal_number(number: str) -> str:
    """An invoice number without what people vary: case, separators between letters and digits, leading zeros."""
    runs: list[str] = re.findall(r"[A-Z]+|\d+", number.upper())
    return "-".join(run.lstrip("0") or "0" if run.isdigit() else run for run in runs)


def _same_amount(invoice: Invoice, earlier: PriorInvoice) -> bool:
    if invoice.totals.gross != earlier.total or invoice.currency != earlier.currency or invoice.issue_date is None:
        return False
    try:
        days = abs((invoice.issue_date - date.fromisoformat(earlier.date[:10])).days)
    except ValueError:
        # An ERP's odd date must not hide a duplicate.
        return True
    return days <= NEAR_DAYS


def _status(earlier: PriorInvoice) -> str:
    return f"{earlier.status} as {earlier.reference}" if earlier.reference else earlier.status


def _duplicate(kind: str, earlier: PriorInvoice, message: str) -> Duplicate:
    return Duplicate(
        kind=kind,
        number=earlier.number,
        date=earlier.date,
        status=earlier.status,
        reference=earlier.reference,
        message=message,
    )


def _plain(number: Decimal | None) -> str:
    """The number to four decimals without trailing zeros, so that 5, 5.0 and 5.00 are one."""
    if number is None:
        return ""
    text = f"{number.quantize(Decimal('0.0001')):f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def _period(start: date | None, end: date | None) -> str:
    return f"{start or ''}/{end or ''}" if start or end else ""
