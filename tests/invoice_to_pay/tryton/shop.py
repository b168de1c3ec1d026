"""What the tests do in the company: buy, receive, and get the supplier's invoice, each with a number of its own."""

import dataclasses
import datetime
import functools
import itertools
from decimal import Decimal

from tests.invoice_to_pay.tryton import company
from tests.invoice_to_pay.tryton.books import Books

from invoice_to_pay.systems import Payment, Posting, PostingLine
from invoice_to_pay.systems.tryton import Tryton, TrytonBank, TrytonErp, TrytonSettings

STEEL = "Nordlicht Stahl AG"
STEEL_VAT_ID = "DE136695976"
STEEL_IBAN = "DE89370400440532013000"
_numbers = itertools.count(1)


@dataclasses.dataclass
class Shop:
    """The company's Tryton, seen by its administrator, by Clearance and in its database."""

    settings: TrytonSettings
    admin: Tryton
    clearance: Tryton
    books: Books

    @property
    def erp(self) -> TrytonErp:
        return TrytonErp(self.clearance)

    @property
    def bank(self) -> TrytonBank:
        return TrytonBank(self.clearance)

    def buy(self, *, invoice_method: str = "manual", received: float = 0.0) -> tuple[str, int]:
        """Order ten steel beams at 100 and two manuals at 5.50, receive this share; gives the order's number and id."""
        lines = [("BEAM", "10", "100"), ("BOOK", "2", "5.50")]
        purchase, number = company.order(self.admin, STEEL, lines, invoice_method=invoice_method)
        if received:
            company.receive(self.admin, purchase, share=received)
        return number, purchase

    @functools.cached_property
    def supplier(self) -> str:
        """The reference of the party that sells steel."""
        return f"party.party,{company.one(self.admin, 'party.party', [('name', '=', STEEL)])['id']}"


def posting(shop: Shop, order: str, *, beams: int = 10, number: str = "", due: str = "") -> Posting:
    """The supplier's invoice over so many beams at 100 (19 %) and two manuals at 5.50 (7 %)."""
    today = datetime.date.today()
    lines = (
        PostingLine(
            order_line="1",
            item="BEAM",
            description="Steel beam HEB 200",
            quantity=Decimal(beams),
            unit_price=Decimal(100),
            net=Decimal(100 * beams),
            vat_rate=Decimal(19),
        ),
        PostingLine(
            order_line="2",
            item="BOOK",
            description="Manual",
            quantity=Decimal(2),
            unit_price=Decimal("5.50"),
            net=Decimal(11),
            vat_rate=Decimal(7),
        ),
    )
    net, tax = Decimal(100 * beams + 11), Decimal(19 * beams) + Decimal("0.77")
    return Posting(
        supplier=shop.supplier,
        invoice_number=number or f"RE-{next(_numbers):04}",
        invoice_date=today.isoformat(),
        due_date=due or (today + datetime.timedelta(days=30)).isoformat(),
        currency="EUR",
        net=net,
        tax=tax,
        gross=net + tax,
        lines=lines,
        order=order,
        fingerprint=f"of {order}",
    )


def payment(posted: Posting, reference: str) -> Payment:
    return Payment(
        supplier=posted.supplier,
        iban="DE89 3704 0044 0532 0130 00",
        creditor=STEEL,
        amount=posted.gross,
        currency="EUR",
        reference=posted.invoice_number,
        posting=reference,
    )
