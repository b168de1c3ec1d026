"""What a check finds: a fact about the invoice, with the rule that it breaks.

A finding never says what to do about it. Whether it stops the invoice, warns or is let through is the owner's decision,
made by the table ``decisions/checks.csv`` from the code, the kind and the size of the difference.
"""

from decimal import Decimal

import msgspec


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One fact that a person or a decision table should know."""

    code: str
    """The business rule of EN 16931 (BR-CO-10), PEPPOL or XRechnung where one exists; otherwise a code of ours."""
    kind: str
    """arithmetic, vat, date, bank, missing or format."""
    field: str
    """As in :class:`~invoice_to_pay.reading.Invoice`, e.g. ``totals.net`` or ``lines[2].net``."""
    message: str
    """A sentence for a person."""
    expected: str = ""
    actual: str = ""
    difference: Decimal = Decimal(0)
    """For arithmetic: how far off, as a positive amount in the invoice's currency."""


def money(amount: Decimal | None) -> str:
    """An amount as people read it: at least two decimals, no exponent."""
    if amount is None:
        return ""
    text = f"{amount.normalize():f}"
    whole, _, fraction = text.partition(".")
    return f"{whole}.{fraction.ljust(2, '0')}"
