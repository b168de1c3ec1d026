"""Checking an invoice against itself: arithmetic, VAT, dates, identifiers and what must be there.

:func:`check_invoice` gives facts (``finding.py``); ``decisions/checks.csv`` says what they mean. Each file is one
family of rules; a rule's code leads to its text in EN 16931.
"""

from datetime import date

from invoice_to_pay.reading import Invoice

from .arithmetic import check_arithmetic
from .dates import check_dates
from .finding import Finding
from .identifiers import check_identifiers, iban_problem
from .required import check_required
from .vat import check_vat

__all__ = ["Finding", "check_invoice", "iban_problem"]


def check_invoice(invoice: Invoice, today: date) -> tuple[Finding, ...]:
    """Everything about the invoice that is missing, does not add up or cannot be; each finding once."""
    found = (
        *check_required(invoice),
        *check_arithmetic(invoice),
        *check_vat(invoice),
        *check_dates(invoice, today),
        *check_identifiers(invoice),
    )
    return tuple(dict.fromkeys(found))
