"""How Tryton's records are named outside Tryton, and what several of our files read of them.

A reference such as ``account.invoice,12`` is Tryton's own notation: the model and the record's number, which never
changes, unlike an invoice's or order's printed number, which may repeat between companies and years.
"""

from decimal import Decimal

from clearance.model.values import Data
from clearance.model.work import Permanent
from invoice_to_pay.systems.tryton.rpc import Tryton

PARTY = "party.party"
PURCHASE = "purchase.purchase"
INVOICE = "account.invoice"
MOVE = "account.move"


def refer_to(model: str, identifier: int) -> str:
    return f"{model},{identifier}"


def identifier(text: str, model: str) -> int:
    """The record's number in a reference to this model; raises Permanent for anything else."""
    name, _, number = text.partition(",")
    if name != model or not number.isdecimal():
        raise Permanent(f"{text!r} is no reference to a record of Tryton's {model}, such as {refer_to(model, 12)!r}")
    return int(number)


def plain(number: Decimal | int) -> Decimal:
    """The number without the trailing zeros and the exponent that Tryton's floats and Decimals carry."""
    exact = Decimal(number)
    return exact.quantize(Decimal(1)) if exact == exact.to_integral_value() else exact.normalize()


def in_unit(quantity: Decimal, unit: Data, wanted: Data) -> Decimal:
    """A quantity in another unit of the same category (a dozen in pieces); the units are read with their factor."""
    if not unit or not wanted or unit["id"] == wanted["id"]:
        return Decimal(quantity)
    return Decimal(quantity) * Decimal(unit["factor"]) / Decimal(wanted["factor"])


def ibans(tryton: Tryton, party: int) -> tuple[str, ...]:
    """The IBANs on file for a party, compact, in the order that Tryton keeps them; the first is the main one."""
    domain = [("account.owners", "=", party), ("account.active", "=", True), ("type", "=", "iban")]
    order = [("account.id", "ASC"), ("sequence", "ASC NULLS FIRST"), ("id", "ASC")]
    rows = tryton.search_read("bank.account.number", domain, ["number_compact"], order=order)
    return tuple(str(row["number_compact"]) for row in rows)


def compact(code: str) -> str:
    """A VAT id or IBAN as it is compared: no spaces or punctuation, upper case."""
    return "".join(character for character in code if character.isalnum()).upper()
