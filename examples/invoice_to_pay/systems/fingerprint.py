"""Telling that two invoices charge the same, whatever their numbers.

In one place because both sides need the same answer: what is about to be posted, and the prior invoices that an adapter
finds in a system of record which keeps no fingerprints of its own.
"""

import hashlib
from collections.abc import Iterable
from decimal import Decimal


def charge_fingerprint(*, order: str, currency: str, gross: Decimal, charged: Iterable[tuple[Decimal, Decimal]]) -> str:
    """SHA-256 (hex) of the order's number, the total and, in any order, quantity and net amount of each line.

    Equal numbers count as equal however they are written (2, 2.0, 2.00). The invoice's number and dates take no part.
    """
    lines = sorted(f"{_plain(quantity)} for {_plain(net)}" for quantity, net in charged)
    text = "\n".join((order.strip().upper(), currency.upper(), _plain(gross), *lines))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
