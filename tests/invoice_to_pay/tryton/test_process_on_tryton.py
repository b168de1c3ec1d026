"""The same process on a real ERP: from the supplier's document to an invoice that Tryton's books show as paid.

Only the actors' configuration differs from the sandbox company: ``build_actors`` gets Tryton's ERP and payments.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from tests.invoice_to_pay.tryton.shop import STEEL, STEEL_IBAN, STEEL_VAT_ID, Shop

from clearance.testing import Run, Scenario
from invoice_to_pay.actors import build_actors
from invoice_to_pay.app import HERE, MESSAGE
from invoice_to_pay.process import p
from sandbox_company.documents import render
from sandbox_company.invoice import Invoice, Line, Party, totalled
from sandbox_company.purchases import BUYER

pytestmark = [pytest.mark.xdist_group("tryton"), pytest.mark.timeout(600)]

SELLER = Party(
    name=STEEL,
    street="Ring 5",
    postcode="28195",
    town="Bremen",
    country="DE",
    vat_id=STEEL_VAT_ID,
    contact="Rechnungsstelle",
    phone="+49 421 555010",
    email="rechnung@nordlicht-stahl.example",
)


def document(number: str, order: str, beams: int) -> bytes:
    """The supplier's invoice (UBL) over so many beams at 100 and two manuals at 5.50."""
    today = date.today()
    lines = [
        Line(
            number=position,
            order_line=str(position),
            item=item,
            description=description,
            unit="C62",
            quantity=Decimal(quantity),
            unit_price=Decimal(price),
            net=(Decimal(quantity) * Decimal(price)).quantize(Decimal("0.01")),
            vat_rate=Decimal(rate),
        )
        for position, item, description, quantity, price, rate in (
            (1, "BEAM", "Steel beam", beams, "100.00", 19),
            (2, "BOOK", "Manual", 2, "5.50", 7),
        )
    ]
    bare = Invoice(
        number=number,
        issued=today,
        delivered=today,
        due=today + timedelta(days=30),
        order=order,
        seller=SELLER,
        buyer=BUYER,
        iban=STEEL_IBAN,
        lines=(),
        vat=(),
        net=Decimal(0),
        tax=Decimal(0),
        gross=Decimal(0),
    )
    return render("ubl", totalled(bare, lines), 0, "tryton")


def arrive(shop: Shop, content: bytes, name: str) -> Run:
    actors = {actor.type: actor for actor in build_actors(shop.erp, shop.bank)}
    scenario = Scenario(actors=actors, start=datetime.now(UTC))
    for path in sorted((HERE / "decisions").glob("*.csv")):
        scenario.deploy(path)
    scenario.deploy(p)
    kept = scenario.blobs.keep(content, "application/xml", name)
    scenario.publish(MESSAGE, variables={"document": msgspec.to_builtins(kept)}, message_id=kept.sha256)
    (run,) = scenario.runs
    return run


def test_an_invoice_is_read_matched_posted_and_paid_in_tryton(shop: Shop) -> None:
    order, _ = shop.buy(received=1.0)
    run = arrive(shop, document("NS-7001", order, 10), "NS-7001.xml")
    assert run.incidents == []
    assert [task.brief["reasons"] for task in run.tasks] == []
    assert run.path[-2:] == ["pay-it", "paid"]
    (invoice,) = shop.books.invoices("NS-7001")
    assert invoice["state"] == "paid"


def test_what_was_not_received_goes_to_a_person_and_is_not_in_the_books(shop: Shop) -> None:
    order, _ = shop.buy(received=0.5)
    run = arrive(shop, document("NS-7002", order, 10), "NS-7002.xml")
    (task,) = run.tasks
    assert task.element == "look-into-the-invoice"
    assert any("received" in reason for reason in task.brief["reasons"])
    assert shop.books.invoices("NS-7002") == []
