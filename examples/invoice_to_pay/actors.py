"""The actors of invoice-to-pay: each reads or does one thing and says what it concluded, and why.

They are made for two systems, an ERP and a bank (``systems/__init__.py``); which ones they are is the configuration's
business, see ``app.py``. Whatever acts passes the job's idempotency key on, so that a second attempt acts once.
"""

from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from clearance.actors import actor
from clearance.model.values import Data, to_data
from clearance.model.work import Actor, BlobRef, BpmnError, Completed, Evidence, Job, Permanent, Source
from invoice_to_pay.checking import Finding, check_invoice
from invoice_to_pay.matching import (
    Duplicate,
    Match,
    Tolerances,
    bank_detail_change,
    duplicates,
    fingerprint,
    match_invoice,
)
from invoice_to_pay.presentation import facts_of, fields_of, reasons_of
from invoice_to_pay.reading import Invoice, Reading, UnreadableInvoice, read_invoice
from invoice_to_pay.systems import Bank, Erp, Order, Payment, Posting, PostingLine, PriorInvoice, Receipt, Supplier

CENT = Decimal("0.01")
Reader = Callable[[bytes, str, str], Reading]


class Found(msgspec.Struct, frozen=True):
    """What the ERP knows that concerns the invoice."""

    supplier: Supplier | None = None
    order: Order | None = None
    receipts: tuple[Receipt, ...] = ()
    duplicates: tuple[Duplicate, ...] = ()
    order_value: Decimal = Decimal(0)
    """Net, of the order; of the invoice when there is no order."""


class Terms(msgspec.Struct, frozen=True):
    """What is to be paid, and by when."""

    payable: Decimal
    discounted: Decimal
    """What is to be paid within the discount period; the same as ``payable`` when none is offered."""
    discount_until: date | None
    due: date | None
    deadline: date | None
    """The first day that costs money when it passes: the discount's last day, else the due date."""


class Comparison(msgspec.Struct, frozen=True):
    """The invoice beside what the ERP knows; the words are those of the routing table's columns."""

    match: Match
    duplicate: str
    supplier: str
    account: str
    terms: Terms
    reasons: tuple[str, ...]
    facts: tuple[dict[str, Data], ...]


def build_actors(
    erp: Erp, bank: Bank, reader: Reader = read_invoice, today: Callable[[], date] = date.today
) -> list[Actor]:
    """All actors of the process on these two systems."""
    return [
        _reading(reader),
        _checking(today),
        _finding(erp),
        _comparing(),
        _posting(erp),
        _reversing(erp),
        _paying(bank, today),
    ]


def _reading(reader: Reader) -> Actor:
    @actor("read-invoice", purpose="Read the invoice", timeout_s=120, retries=2)
    def read(document: BlobRef, job: Job) -> Completed:
        content = job.blobs.read(document.sha256)
        try:
            reading = reader(content, document.media_type, document.name)
        except UnreadableInvoice as error:
            raise BpmnError("unreadable", error.reason) from error
        text = job.blobs.keep(reading.text.encode(), "text/plain; charset=utf-8", f"{document.name}.txt")
        shown = fields_of(reading)
        variables = {
            "invoice": to_data(reading.invoice),
            "reading": {
                "confidence": to_data(reading.confidence),
                "syntax": reading.syntax,
                "kind": reading.invoice.kind,
                "fields": shown,
                "problems": list(reading.problems),
                "text": text.sha256,
            },
        }
        sources = tuple(
            Source(field.name, document.sha256, field.location, field.start, field.end, field.text)
            for field in reading.fields
            if field.name in {"number", "totals.payable", "totals.gross", "seller.vat_id", "order_number"}
        )
        return Completed(variables, Evidence(reading.confidence, reading.problems, sources, reading.model))

    return read


def _checking(today: Callable[[], date]) -> Actor:
    @actor("check-invoice", purpose="Check the invoice against itself")
    def check(invoice: Invoice) -> dict[str, tuple[Finding, ...]]:
        return {"findings": check_invoice(invoice, today())}

    return check


def _finding(erp: Erp) -> Actor:
    @actor("find-in-erp", systems=("erp",), purpose="Find supplier, order, receipts and earlier invoices", retries=30)
    def find(invoice: Invoice) -> dict[str, Found]:
        seller = invoice.seller
        iban = next((means.iban for means in invoice.payment if means.iban), "")
        supplier = erp.find_supplier(vat_id=seller.vat_id, name=seller.name, iban=iban)
        order = erp.find_order(invoice.order_number) if invoice.order_number else None
        receipts = erp.receipts(order.id) if order else ()
        earlier = duplicates(invoice, erp.prior_invoices(supplier.id)) if supplier else ()
        value = sum((line.quantity * line.unit_price for line in order.lines), Decimal(0)) if order else None
        return {"found": Found(supplier, order, receipts, earlier, value or invoice.totals.net or Decimal(0))}

    return find


def _comparing() -> Actor:
    @actor(
        "compare-invoice", purpose="Match the invoice with order, receipts, earlier invoices and the account on file"
    )
    def compare(
        invoice: Invoice,
        found: Found,
        tolerances: Tolerances,
        findings: tuple[Finding, ...] = (),
        weights: tuple[str, ...] = (),
    ) -> dict[str, Comparison]:
        supplier = found.supplier
        told = tuple(one for one, weight in zip(findings, weights, strict=True) if weight != "ignore")
        match = match_invoice(invoice, found.order, found.receipts, tolerances, supplier.id if supplier else "")
        change = bank_detail_change(invoice, supplier) if supplier else None
        comparison = Comparison(
            match=match,
            duplicate=found.duplicates[0].kind if found.duplicates else "none",
            supplier=_standing(supplier),
            account=change.kind if change else "same",
            terms=terms_of(invoice),
            reasons=reasons_of(invoice, found.duplicates, supplier, change, told, match),
            facts=facts_of(invoice, supplier, found.order, found.duplicates, change, match, told),
        )
        return {"comparison": comparison}

    return compare


def _posting(erp: Erp) -> Actor:
    @actor(
        "post-invoice",
        systems=("erp",),
        purpose="Post the invoice in the ERP",
        action="post",
        risk="medium",
        retries=30,
    )
    def post(invoice: Invoice, found: Found, comparison: Comparison, job: Job) -> dict[str, str]:
        if found.supplier is None or invoice.issue_date is None:
            raise Permanent("an invoice without a known supplier and a date cannot be posted")
        totals = invoice.totals
        due = comparison.terms.due or invoice.issue_date
        posting = Posting(
            supplier=found.supplier.id,
            invoice_number=invoice.number,
            invoice_date=invoice.issue_date.isoformat(),
            due_date=due.isoformat(),
            currency=invoice.currency,
            net=totals.net or Decimal(0),
            tax=totals.tax or Decimal(0),
            gross=totals.gross or Decimal(0),
            lines=_posting_lines(invoice, comparison.match),
            order=found.order.id if found.order else "",
            fingerprint=fingerprint(invoice),
        )
        reference = erp.post_invoice(posting, idempotency_key=job.idempotency_key)
        prior = erp.prior_invoices(found.supplier.id)
        charged = _charged_meanwhile(invoice, found, prior, reference)
        if charged is None:
            return {"posting": reference}
        if not any(one.reference == reference and one.status == "reversed" for one in prior):
            reason = f"charged already: {charged}"
            erp.reverse_posting(reference, reason=reason, idempotency_key=f"{job.idempotency_key}-reversal")
        raise BpmnError("charged meanwhile", charged)

    return post


def _charged_meanwhile(invoice: Invoice, found: Found, prior: tuple[PriorInvoice, ...], reference: str) -> str | None:
    """What came between the look for duplicates and our posting; None when nothing did.

    Two copies of an invoice that are under way at once do not see each other when they look, but both see what was
    posted once they have posted: the ERP's order decides which of them yields. What a person has been shown does not
    count again.
    """
    references = [one.reference for one in prior]
    mine = references.index(reference) if reference in references else len(prior)
    if mine < len(prior) and prior[mine].status == "reversed":
        return "this posting was taken back before"  # by an earlier attempt of this job
    shown = {one.reference for one in found.duplicates}
    earlier = duplicates(invoice, prior[:mine])
    return next((one.message for one in earlier if one.reference not in shown), None)


def _reversing(erp: Erp) -> Actor:
    @actor("reverse-posting", systems=("erp",), purpose="Undo the posting", action="post", risk="medium", retries=30)
    def reverse(posting: str, job: Job) -> dict[str, str]:
        reason = "the bank refused the payment"
        return {"reversal": erp.reverse_posting(posting, reason=reason, idempotency_key=job.idempotency_key)}

    return reverse


def _paying(bank: Bank, today: Callable[[], date]) -> Actor:
    @actor("pay-invoice", systems=("bank",), purpose="Pay the supplier", action="pay", risk="high", retries=30)
    def pay(
        supplier: str, creditor: str, iban: str, amount: Decimal, currency: str, reference: str, posting: str, job: Job
    ) -> dict[str, str]:
        payment = Payment(
            supplier=supplier,
            iban=iban,
            creditor=creditor,
            amount=amount,
            currency=currency,
            reference=reference,
            posting=posting,
        )
        try:
            return {"payment": bank.pay(payment, idempotency_key=job.idempotency_key)}
        except Permanent as error:
            raise BpmnError("payment refused", str(error)) from error

    return pay


def terms_of(invoice: Invoice) -> Terms:
    """What is to be paid and by when; the discount is reckoned on its base, or on the gross amount."""
    totals = invoice.totals
    payable = totals.payable if totals.payable is not None else totals.gross or Decimal(0)
    offered = [discount for discount in invoice.discounts if discount.last_day is not None]
    best = max(offered, key=lambda discount: discount.percent, default=None)
    if best is None:
        return Terms(payable, payable, None, invoice.due_date, invoice.due_date)
    base = best.base if best.base is not None else payable
    off = (base * best.percent / 100).quantize(CENT, ROUND_HALF_UP)
    return Terms(payable, payable - off, best.last_day, invoice.due_date, best.last_day)


def _standing(supplier: Supplier | None) -> str:
    if supplier is None:
        return "unknown"
    return "known" if supplier.active else "inactive"


def _posting_lines(invoice: Invoice, match: Match) -> tuple[PostingLine, ...]:
    pairs = {line.line: line.order_line for line in match.lines}
    return tuple(
        PostingLine(
            order_line=pairs.get(line.id or str(index), line.order_line),
            item=line.seller_item,
            description=line.name,
            quantity=line.quantity or Decimal(0),
            unit_price=line.unit_price or Decimal(0),
            net=line.net or Decimal(0),
            vat_rate=line.vat_rate or Decimal(0),
        )
        for index, line in enumerate(invoice.lines, 1)
    )
