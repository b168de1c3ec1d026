"""Does the invoice ask for payment to another account than the one on file?

The commonest payment fraud is a genuine invoice with a changed account, so any change goes to a person, who asks the
supplier through a channel that is not on the invoice. Payments go to the account on file in any case.
"""

import re

import msgspec

from invoice_to_pay.reading import Invoice
from invoice_to_pay.systems import Supplier

DIRECT_DEBITS = frozenset({"49", "59"})


class BankDetailChange(msgspec.Struct, frozen=True, kw_only=True):
    """What the invoice says of the account, against what is on file."""

    kind: str
    """other account, no account on file or other payee."""
    on_file: str
    on_invoice: tuple[str, ...]
    message: str


def bank_detail_change(invoice: Invoice, supplier: Supplier) -> BankDetailChange | None:
    """The change, or ``None`` when the invoice names the account on file or none at all."""
    accounts = tuple(
        dict.fromkeys(_plain(means.iban) for means in invoice.payment if means.iban and means.code not in DIRECT_DEBITS)
    )
    on_file = _plain(supplier.iban)
    if not accounts:
        return _payee_change(invoice, on_file, accounts)
    if not on_file:
        message = (
            f"The invoice asks for payment to {', '.join(accounts)}, but no account is on file for {supplier.name}."
        )
        return BankDetailChange(kind="no account on file", on_file="", on_invoice=accounts, message=message)
    if on_file not in accounts:
        message = f"The invoice asks for payment to {', '.join(accounts)}; on file for {supplier.name} is {on_file}."
        return BankDetailChange(kind="other account", on_file=on_file, on_invoice=accounts, message=message)
    return _payee_change(invoice, on_file, accounts)


def _payee_change(invoice: Invoice, on_file: str, accounts: tuple[str, ...]) -> BankDetailChange | None:
    payee = invoice.payee.name
    if not payee or payee.casefold() in (invoice.seller.name.casefold(), invoice.seller.trading_name.casefold()):
        return None
    message = f"The invoice asks for payment to {payee}, not to {invoice.seller.name}."
    return BankDetailChange(kind="other payee", on_file=on_file, on_invoice=accounts, message=message)


def _plain(iban: str) -> str:
    return re.sub(r"\s", "", iban).upper()
