"""Invoices with known truth, and the master data that gives them their meaning.

``plan`` decides everything that is decided by chance, quickly and without rendering: the ERP starts from it.
``generate`` renders the documents. Both give the same for the same arguments, byte for byte.

Nine in ten invoices are clean. Of the clean ones, three in a hundred are above the straight-through limit (by turns up
to 9,000, above 10,000 and above 25,000 EUR), which leaves 85 to 90 of 100 that need no person. The original of
a duplicate is always in the ERP's books already, so the truth does not depend on the order of arrival.
"""

import hashlib
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

import msgspec

from sandbox_company.documents import EXTENSIONS, MEDIA_TYPES, render
from sandbox_company.flaws import FLAWS, Flawed
from sandbox_company.invoice import Invoice, discounted
from sandbox_company.purchases import Purchase, Vendor, book, buy, new_vendor
from sandbox_company.records import MasterData, Order, Posted
from sandbox_company.truth import STRAIGHT_THROUGH_LIMIT, Truth

CLEAN = "clean"
AS_OF = date(2025, 6, 30)
"""The day of the latest invoices unless told otherwise; fixed, so that runs repeat."""
INVOICES_MAX = 100_000
SHARE_CLEAN = 0.9
SHARE_LARGE = 0.03
"""Of the clean ones."""

_USUAL = (Decimal(100), Decimal(4500))
_LARGE = ((Decimal(5100), Decimal(9000)), (Decimal(10100), Decimal(24000)), (Decimal(25500), Decimal(60000)))
_FORMATS = ("ubl", "cii", "facturx", "text", "ubl", "cii", "text", "facturx", "ubl", "text")
"""Dealt in turn, so that every format occurs in a small run."""
_COUNTRIES = ("DE", "DE", "DE", "AT", "DE", "DE", "FR", "DE", "DE", "NL")
_HISTORY_SERIAL = 900_000
"""Serials from here on are orders that are over."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One planned invoice: all but its rendering."""

    index: int
    name: str
    kind: str
    format: str
    layout: int
    invoice: Invoice
    truth: Truth
    """With ``sha256`` still empty."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    seed: int
    documents: tuple[Document, ...]
    master_data: MasterData


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice as it arrives, with the truth about it."""

    name: str
    kind: str
    format: str
    media_type: str
    content: bytes
    invoice: Invoice
    truth: Truth


def generate(seed: int, count: int, *, share_clean: float = SHARE_CLEAN, as_of: date = AS_OF) -> Iterator[Case]:
    """The invoices in order of arrival, rendered one at a time."""
    for document in plan(seed, count, share_clean=share_clean, as_of=as_of).documents:
        content = render(document.format, document.invoice, document.layout, f"{seed}/{document.index}")
        yield Case(
            name=document.name,
            kind=document.kind,
            format=document.format,
            media_type=MEDIA_TYPES[document.format],
            content=content,
            invoice=document.invoice,
            truth=msgspec.structs.replace(document.truth, sha256=hashlib.sha256(content).hexdigest()),
        )


def plan(seed: int, count: int, *, share_clean: float = SHARE_CLEAN, as_of: date = AS_OF) -> Plan:
    """What the run consists of. Raises ValueError when an argument is out of range."""
    if not 0 <= count <= INVOICES_MAX:
        raise ValueError(f"{count} invoices: choose a number from 0 to {INVOICES_MAX}")
    if not 0 <= share_clean <= 1:
        raise ValueError(f"a clean share of {share_clean}: choose one from 0 to 1")
    vendors, strangers = _vendors(Random(f"{seed}/suppliers"), count)
    orders: list[Order] = []
    invoices: list[Posted] = []
    documents: list[Document] = []
    for index, (kind, band) in enumerate(_kinds(Random(f"{seed}/kinds"), count, share_clean), start=1):
        random = Random(f"{seed}/invoice/{index}")
        vendor = random.choice(vendors)
        purchase = buy(random, vendor, index, as_of, *band)
        flawed = _spoiled(purchase, kind, random, random.choice(strangers))
        orders.extend([flawed.order] if flawed.order is not None else [])
        invoices.extend(flawed.earlier)
        documents.append(_document(index, kind, vendor, flawed))
    _add_history(Random(f"{seed}/history"), vendors, as_of, orders, invoices)
    accounts = {vendor.supplier.iban: None for vendor in (*vendors, *strangers)}
    accounts.update({document.invoice.iban: None for document in documents})
    master_data = MasterData(
        suppliers=tuple(vendor.supplier for vendor in vendors),
        orders=tuple(orders),
        invoices=tuple(invoices),
        accounts=tuple(accounts),
    )
    return Plan(seed=seed, documents=tuple(documents), master_data=master_data)


def _vendors(random: Random, count: int) -> tuple[list[Vendor], list[Vendor]]:
    """Those whom the ERP knows, and those whom it does not."""
    known_count, strangers_count = max(10, min(60, count // 4)), max(3, min(20, count // 40))
    vendors: list[Vendor] = []
    for number in range(known_count + strangers_count):
        taken = [vendor.supplier.name for vendor in vendors]
        vendors.append(new_vendor(random, f"K{70_001 + number}", _COUNTRIES[number % len(_COUNTRIES)], taken))
    return vendors[:known_count], vendors[known_count:]


def _kinds(random: Random, count: int, share_clean: float) -> list[tuple[str, tuple[Decimal, Decimal]]]:
    """The kind and the band of amounts of each invoice, in the exact shares, shuffled."""
    clean = round(count * share_clean)
    large = round(clean * SHARE_LARGE)
    kinds = [(CLEAN, _LARGE[number % len(_LARGE)]) for number in range(large)]
    kinds += [(CLEAN, _USUAL)] * (clean - large)
    flaws = list(FLAWS)
    random.shuffle(flaws)
    kinds += [(flaws[number % len(flaws)], _USUAL) for number in range(count - clean)]
    random.shuffle(kinds)
    return kinds


def _spoiled(purchase: Purchase, kind: str, random: Random, stranger: Vendor) -> Flawed:
    if kind == CLEAN:
        return Flawed(invoice=purchase.invoice, order=purchase.order, earlier=purchase.earlier, reasons=())
    return FLAWS[kind](purchase, random, stranger)


def _document(index: int, kind: str, vendor: Vendor, flawed: Flawed) -> Document:
    invoice = flawed.invoice
    format_ = "scan" if kind == "unreadable" else _FORMATS[index % len(_FORMATS)]
    safe_number = "".join(letter if letter.isalnum() else "-" for letter in invoice.number)
    name = f"{index:05d}-{safe_number}.{EXTENSIONS[format_]}"
    route = "person"
    if kind == CLEAN:
        route = "straight through" if invoice.gross < STRAIGHT_THROUGH_LIMIT else "approval"
    truth = Truth(
        file=name,
        sha256="",
        kind=kind,
        should_be_paid=kind == CLEAN,
        route=route,
        invoice_number=invoice.number,
        supplier=vendor.supplier.id if flawed.known_supplier else "",
        supplier_name=invoice.seller.name,
        order=invoice.order,
        iban=vendor.supplier.iban if flawed.known_supplier else "",
        amount=invoice.gross,
        discounted_amount=discounted(invoice),
        currency=invoice.currency,
        reasons=flawed.reasons,
    )
    return Document(
        index=index, name=name, kind=kind, format=format_, layout=vendor.layout, invoice=invoice, truth=truth
    )


def _add_history(
    random: Random, vendors: list[Vendor], as_of: date, orders: list[Order], invoices: list[Posted]
) -> None:
    """What each supplier delivered and was paid for in the past."""
    serial = _HISTORY_SERIAL
    for vendor in vendors:
        for _ in range(random.randint(1, 3)):
            serial += 1
            day = date.fromordinal(as_of.toordinal() - random.randint(30, 240))
            purchase = buy(random, vendor, serial, day, *_USUAL)
            orders.append(purchase.order)
            invoices.extend((*purchase.earlier, book(vendor, purchase.invoice, serial)))
