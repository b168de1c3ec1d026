"""Suppliers, and clean purchases from them: an order, what was received of it and the invoice that follows.

Everything is drawn from the ``Random`` that is passed in, so the same seed buys the same things. A clean purchase
agrees in itself to the cent; ``flaws.py`` is where things go wrong.
"""

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import msgspec

from sandbox_company import catalogue, check_digits
from sandbox_company.invoice import Discount, Invoice, Line, Party, cents, totalled
from sandbox_company.records import Order, OrderLine, Posted, Posting, PostingLine, Supplier

BUYER = Party(
    name="Nordlicht Maschinenbau GmbH",
    street="Werftallee 12",
    postcode="24103",
    town="Kiel",
    country="DE",
    vat_id="DE299999993",
    contact="Kreditorenbuchhaltung",
    phone="+49 431 5550100",
    email="rechnung@nordlicht-maschinenbau.example",
)
_BASKETS_MAX = 400
"""Draws after which a band of amounts counts as unreachable for a supplier."""
_TERMS = (14, 30, 30, 30, 45)
_NUMBER_STYLES = ("RE-{year}-{number}", "{year}/{number}", "R{number}", "F{year}-{number}")


class Vendor(msgspec.Struct, frozen=True, kw_only=True):
    """A supplier with what its invoices look like."""

    supplier: Supplier
    party: Party
    trade: catalogue.Trade
    factor: Decimal
    """Its prices relative to the catalogue."""
    language: str
    layout: int
    number_style: str


class Purchase(msgspec.Struct, frozen=True, kw_only=True):
    vendor: Vendor
    order: Order
    invoice: Invoice
    earlier: tuple[Posted, ...] = ()
    """Invoices in the ERP's books on the same order."""


def new_vendor(random: Random, supplier: str, country: str, taken: Collection[str]) -> Vendor:
    """A vendor whose name is not among those taken."""
    while True:
        trade = random.choice(catalogue.TRADES)
        surname = random.choice(catalogue.SURNAMES[country])
        form = random.choice(catalogue.LEGAL_FORMS[country])
        words = (trade.words[country], surname) if country == "FR" else (surname, trade.words[country])
        if " ".join(words) not in {name.rsplit(" ", form.count(" ") + 1)[0] for name in taken}:
            break
    name = f"{' '.join(words)} {form}"
    postcode, town = random.choice(catalogue.TOWNS[country])
    domain = "".join(letter for letter in surname.lower() if letter.isascii() and letter.isalpha())
    contact = f"{random.choice(catalogue.GIVEN_NAMES)} {surname}"
    vat_id = check_digits.vat_id(country, random)
    party = Party(
        name=name,
        street=f"{random.choice(catalogue.STREETS[country])} {random.randint(1, 120)}",
        postcode=postcode,
        town=town,
        country=country,
        vat_id=vat_id,
        contact=contact,
        phone=f"+{ {'DE': 49, 'AT': 43, 'FR': 33, 'NL': 31}[country] } 555 {random.randint(100000, 999999)}",
        email=f"buchhaltung@{domain}.example",
    )
    return Vendor(
        supplier=Supplier(id=supplier, name=name, vat_id=vat_id, iban=check_digits.iban(country, random)),
        party=party,
        trade=trade,
        factor=Decimal(random.randint(90, 112)) / 100,
        language="de" if country in ("DE", "AT") and random.random() < 0.85 else "en",
        layout=random.randrange(2),
        number_style=random.choice(_NUMBER_STYLES),
    )


def buy(random: Random, vendor: Vendor, serial: int, as_of: date, low: Decimal, high: Decimal) -> Purchase:
    """A clean purchase whose invoice, about ``as_of``, is between low and high gross.

    The serial makes the numbers of order and invoice unique.
    """
    issued = as_of - timedelta(days=random.randint(0, 5))
    days_to_pay = random.choice(_TERMS)
    blank = Invoice(
        number=vendor.number_style.format(year=issued.year, number=10_000 + serial),
        issued=issued,
        delivered=issued - timedelta(days=random.randint(0, 6)),
        due=issued + timedelta(days=days_to_pay),
        order=f"4500{serial:06d}",
        seller=vendor.party,
        buyer=BUYER,
        iban=vendor.supplier.iban,
        lines=(),
        vat=(),
        net=Decimal(0),
        tax=Decimal(0),
        gross=Decimal(0),
        discount=_discount(random, days_to_pay),
        language=vendor.language,
    )
    for _ in range(_BASKETS_MAX):
        invoice = totalled(blank, _basket(random, vendor, low, high))
        if low <= invoice.gross <= high:
            return _with_order(random, vendor, invoice, serial)
    raise ValueError(f"{vendor.supplier.name} sells nothing between {low} and {high}: widen the band")


def book(vendor: Vendor, invoice: Invoice, number: int, status: str = "paid") -> Posted:
    """The invoice as an entry in the ERP's books."""
    lines = tuple(
        PostingLine(
            order_line=line.order_line,
            item=line.item,
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            net=line.net,
            vat_rate=line.vat_rate,
        )
        for line in invoice.lines
    )
    posting = Posting(
        supplier=vendor.supplier.id,
        invoice_number=invoice.number,
        invoice_date=invoice.issued.isoformat(),
        due_date=invoice.due.isoformat(),
        currency=invoice.currency,
        net=invoice.net,
        tax=invoice.tax,
        gross=invoice.gross,
        lines=lines,
        order=invoice.order,
    )
    return Posted(reference=f"BK-{number:06d}", status=status, posting=posting)


def _discount(random: Random, days_to_pay: int) -> Discount | None:
    if days_to_pay < 30 or random.random() < 0.6:
        return None
    return Discount(days=random.choice((7, 10, 14)), percent=Decimal(random.choice(("2.00", "3.00"))))


def _basket(random: Random, vendor: Vendor, low: Decimal, high: Decimal) -> tuple[Line, ...]:
    """Lines that come to about a gross amount between low and high, smaller amounts being more frequent."""
    target = float(low) * (float(high) / float(low)) ** random.random() / 1.15
    items = random.sample(vendor.trade.items, random.randint(1, min(5, len(vendor.trade.items))))
    weights = [random.uniform(0.5, 2.0) for _ in items]
    lines = []
    for number, (item, weight) in enumerate(zip(items, weights, strict=True), start=1):
        price = cents(item.price * vendor.factor)
        wanted = target * weight / sum(weights) / float(price)
        quantity = Decimal(max(1, round(wanted)))
        if item.unit in ("HUR", "KGM"):
            quantity = Decimal(max(1, round(wanted * 2))) / 2
        lines.append(
            Line(
                number=number,
                order_line=str(number * 10),
                item=item.code,
                description=item.german if vendor.language == "de" else item.english,
                unit=item.unit,
                quantity=quantity,
                unit_price=price,
                net=cents(quantity * price),
                vat_rate=item.rate if vendor.party.country == "DE" else Decimal(0),
            )
        )
    return tuple(lines)


def _with_order(random: Random, vendor: Vendor, invoice: Invoice, serial: int) -> Purchase:
    """The order behind the invoice: fully delivered, or partly, or partly invoiced before."""
    story = random.choices(("whole", "partly delivered", "invoiced before"), (70, 18, 12))[0]
    lines = []
    earlier_lines = []
    for line in invoice.lines:
        ordered = received = line.quantity
        if story == "partly delivered":
            ordered += random.randint(1, 10)
        if story == "invoiced before":
            before = line.quantity + random.randint(1, 5)
            ordered += before
            received += before
            earlier_lines.append(
                msgspec.structs.replace(line, quantity=before, net=cents(before * line.unit_price)),
            )
        lines.append(
            OrderLine(
                number=line.order_line,
                item=line.item,
                description=line.description,
                quantity=ordered,
                unit_price=line.unit_price,
                vat_rate=line.vat_rate,
                received=received,
            )
        )
    order = Order(
        id=f"O-{serial:06d}",
        number=invoice.order,
        supplier=vendor.supplier.id,
        currency=invoice.currency,
        lines=tuple(lines),
    )
    earlier: tuple[Posted, ...] = ()
    if earlier_lines:
        first = totalled(invoice, earlier_lines)
        first = msgspec.structs.replace(
            first,
            number=f"{invoice.number}-T1",
            issued=invoice.issued - timedelta(days=21),
            due=invoice.due - timedelta(days=21),
        )
        earlier = (book(vendor, first, 500_000 + serial),)
    return Purchase(vendor=vendor, order=order, invoice=invoice, earlier=earlier)
