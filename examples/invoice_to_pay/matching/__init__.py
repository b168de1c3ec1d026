"""Matching an invoice with what the ERP knows: the order, the receipts, earlier invoices and the account on file.

Pure functions over the data of ``systems``; each gives facts with sentences for a person, and the decision tables route
by them.
"""

from .bank_details import BankDetailChange, bank_detail_change
from .duplicates import Duplicate, duplicates, fingerprint
from .three_way import Difference, LineMatch, Match, Tolerances, match_invoice

__all__ = [
    "BankDetailChange",
    "Difference",
    "Duplicate",
    "LineMatch",
    "Match",
    "Tolerances",
    "bank_detail_change",
    "duplicates",
    "fingerprint",
    "match_invoice",
]
