"""How sure the text reader may be: what was found, and whether the figures agree with one another."""

from decimal import Decimal

import msgspec

from .document import Field
from .invoice import Invoice, Line

_CENT = Decimal("0.01")
_CERTAIN_MAX = 0.99
"""Text is never as sure as structure."""
_DOUBT_COST = 0.08
"""Per field that can be read in two ways."""


class Verdict(msgspec.Struct, frozen=True):
    """The confidence and what spoke against it."""

    confidence: float
    problems: tuple[str, ...]


def judge(invoice: Invoice, fields: list[Field]) -> Verdict:
    """Half for what was found, half for the arithmetic that agrees, less for every doubtful field."""
    totals = invoice.totals
    found = {
        "the invoice number": bool(invoice.number),
        "the issue date": invoice.issue_date is not None,
        "the currency": bool(invoice.currency),
        "the seller": bool(invoice.seller.name),
        "the seller's VAT number or IBAN": bool(invoice.seller.vat_id or invoice.seller.ibans),
        "the lines": bool(invoice.lines),
        "the net total": totals.net is not None,
        "the VAT": totals.tax is not None,
        "the total": totals.gross is not None,
    }
    agreements = {
        "quantity times price gives the amount on every line": bool(invoice.lines)
        and all(map(_line_agrees, invoice.lines)),
        "the lines add up to the net total": _near(
            totals.lines_net,
            totals.net,
            totals.charges - totals.allowances,
            Decimal(1) * max(1, len(invoice.lines)) * _CENT,
        ),
        "net total and VAT give the total": _near(totals.net, totals.gross, totals.tax, _CENT),
    }
    doubtful = sum(1 for field in fields if field.confidence <= 0.5)
    share_found = sum(found.values()) / len(found)
    share_agreeing = sum(agreements.values()) / len(agreements)
    confidence = 0.5 * share_found + 0.5 * share_agreeing - _DOUBT_COST * doubtful
    problems = [f"Not found: {what}." for what, there in found.items() if not there]
    problems += [f"Could not confirm that {what}." for what, agrees in agreements.items() if not agrees]
    return Verdict(round(min(_CERTAIN_MAX, max(0.0, confidence)), 2), tuple(problems))


def _near(left: Decimal | None, right: Decimal | None, added: Decimal | None, tolerance: Decimal) -> bool:
    if left is None or right is None or added is None:
        return False
    return abs(left + added - right) <= tolerance


def _line_agrees(line: Line) -> bool:
    if line.quantity is None or line.unit_price is None or line.net is None:
        return False
    return abs(line.quantity * line.unit_price - line.net) <= _CENT * max(Decimal(1), abs(line.quantity) / 2)
