"""The three-way match: what is charged against what was ordered and what was received.

Each invoice line is paired with an order line by the line it refers to, else by the article, else by description and
price. Then quantities (received, less what was already invoiced), prices and VAT rates are compared. What lies within
the tolerances is still reported, as ``tolerated``: the record should show what was let through.
"""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from invoice_to_pay.reading import Invoice, Line
from invoice_to_pay.systems import Order, OrderLine, Receipt

from .pairing import pair_lines

ZERO = Decimal(0)


class Tolerances(msgspec.Struct, frozen=True, kw_only=True):
    """How much a line may differ; a price passes when it is within either of its two bounds."""

    price_percent: Decimal = ZERO
    price_absolute: Decimal = ZERO
    """Per line, in the invoice's currency."""
    quantity_percent: Decimal = ZERO


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One way in which the invoice differs from the order or the receipts."""

    kind: str
    """price, quantity, over-invoiced, receipt, no order line, vat rate, charge, currency or supplier."""
    message: str
    """A sentence for a person."""
    line: str = ""
    order_line: str = ""
    expected: str = ""
    actual: str = ""
    amount: Decimal = ZERO
    """The money at stake: what is charged too much, never negative."""
    tolerated: bool = False


class LineMatch(msgspec.Struct, frozen=True, kw_only=True):
    """One invoice line beside its order line."""

    line: str
    order_line: str = ""
    paired_by: str = ""
    """order line, item, description, or empty when nothing fits."""
    invoiced: Decimal = ZERO
    ordered: Decimal = ZERO
    received: Decimal = ZERO
    invoiced_before: Decimal = ZERO
    price: Decimal = ZERO
    order_price: Decimal = ZERO


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """The result of the match."""

    result: str
    """matched, tolerated, mismatch or no order."""
    order: str = ""
    lines: tuple[LineMatch, ...] = ()
    differences: tuple[Difference, ...] = ()
    reasons: tuple[str, ...] = ()
    """The sentences of the differences that are not tolerated."""
    amount: Decimal = ZERO
    """The money at stake in them."""


def match_invoice(
    invoice: Invoice,
    order: Order | None,
    receipts: tuple[Receipt, ...],
    tolerances: Tolerances,
    supplier: str = "",
) -> Match:
    """Match an invoice; ``supplier`` is the id of the one that the ERP found for it, to compare with the order's."""
    if order is None:
        number = invoice.order_number
        named = f"Order {number} is not in the ERP." if number else "The invoice names no order."
        difference = Difference(kind="no order", message=named, amount=invoice.totals.net or ZERO)
        return Match(result="no order", differences=(difference,), reasons=(named,), amount=difference.amount)
    received = {receipt.order_line: receipt for receipt in receipts}
    lines: list[LineMatch] = []
    differences = list(_document_differences(invoice, order, tolerances, supplier))
    used: dict[str, Decimal] = {}
    for pair in pair_lines(invoice.lines, order.lines):
        if pair.ordered is None:
            lines.append(LineMatch(line=pair.name, invoiced=pair.line.quantity or ZERO, price=unit_price(pair.line)))
            message = f'Line {pair.name}: "{pair.line.name}" is not in order {order.number}.'
            amount = max(ZERO, pair.line.net or ZERO)
            differences.append(Difference(kind="no order line", line=pair.name, message=message, amount=amount))
            continue
        number = pair.ordered.number
        receipt = received.get(number, Receipt(order_line=number, received=ZERO, invoiced=ZERO))
        match = LineMatch(
            line=pair.name,
            order_line=number,
            paired_by=pair.by,
            invoiced=pair.line.quantity or ZERO,
            ordered=pair.ordered.quantity,
            received=receipt.received,
            invoiced_before=receipt.invoiced + used.get(number, ZERO),
            price=unit_price(pair.line),
            order_price=pair.ordered.unit_price,
        )
        used[number] = used.get(number, ZERO) + match.invoiced
        lines.append(match)
        credit = invoice.kind == "credit note"
        differences.extend(_credit(match) if credit else _quantity(match, tolerances))
        differences.extend(_price(match, tolerances))
        differences.extend(_vat(match, pair.line, pair.ordered))
    return _judged(order, tuple(lines), tuple(differences))


def unit_price(line: Line) -> Decimal:
    """The net price of one unit; with allowances or charges on the line, what one unit comes to."""
    if line.net is not None and line.quantity and (line.allowances or line.unit_price is None):
        return line.net / line.quantity
    return (line.unit_price or ZERO) / (line.base_quantity or Decimal(1))


def number_text(number: Decimal) -> str:
    """A number without superfluous zeros, at most four decimals."""
    text = f"{number.quantize(Decimal('0.0001')):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _judged(order: Order, lines: tuple[LineMatch, ...], differences: tuple[Difference, ...]) -> Match:
    serious = tuple(difference for difference in differences if not difference.tolerated)
    result = "mismatch" if serious else ("tolerated" if differences else "matched")
    if not lines:
        result = "mismatch"
    return Match(
        result=result,
        order=order.number,
        lines=lines,
        differences=differences,
        reasons=tuple(difference.message for difference in serious)
        or (() if lines else ("The invoice has no lines.",)),
        amount=sum((difference.amount for difference in serious), ZERO),
    )


def _document_differences(
    invoice: Invoice, order: Order, tolerances: Tolerances, supplier: str
) -> Iterator[Difference]:
    if invoice.currency != order.currency:
        message = f"It is in {invoice.currency or 'no currency'}, order {order.number} is in {order.currency}."
        yield Difference(kind="currency", message=message, expected=order.currency, actual=invoice.currency)
    if supplier and supplier != order.supplier:
        message = f"Order {order.number} was placed with another supplier ({order.supplier}, not {supplier})."
        yield Difference(kind="supplier", message=message, expected=order.supplier, actual=supplier)
    extras = [(item.reason or "no reason given", item.amount) for item in invoice.allowances if item.charge]
    extras += [(payment.description or payment.type, payment.amount) for payment in invoice.third_party_payments]
    if not invoice.allowances and invoice.totals.charges:
        extras.append(("no reason given", invoice.totals.charges))
    for reason, amount in extras:
        message = f"A charge of {number_text(amount)} ({reason}) is not in the order."
        yield Difference(
            kind="charge", message=message, amount=max(ZERO, amount), tolerated=amount <= tolerances.price_absolute
        )


def _quantity(match: LineMatch, tolerances: Tolerances) -> Iterator[Difference]:
    before = f" ({number_text(match.invoiced_before)} before)" if match.invoiced_before else ""
    total = match.invoiced + match.invoiced_before
    for kind, bound, what in (("quantity", match.received, "received"), ("over-invoiced", match.ordered, "ordered")):
        excess = total - bound
        if excess <= 0 or (kind == "over-invoiced" and bound >= match.received):
            # More than received is said once; more than ordered matters only when more was received than ordered.
            continue
        amount = number_text(bound) if bound else "nothing"
        yield Difference(
            kind="receipt" if kind == "quantity" and not bound else kind,
            line=match.line,
            order_line=match.order_line,
            message=f"Line {match.line}: {number_text(match.invoiced)} invoiced{before}, {amount} {what}.",
            expected=number_text(max(ZERO, bound - match.invoiced_before)),
            actual=number_text(match.invoiced),
            amount=min(excess, match.invoiced) * match.price,
            tolerated=bool(bound) and excess * 100 <= bound * tolerances.quantity_percent,
        )


def _credit(match: LineMatch) -> Iterator[Difference]:
    """A credit note may give back what was invoiced, not more."""
    if match.invoiced > match.invoiced_before:
        message = (
            f"Line {match.line}: {number_text(match.invoiced)} credited, "
            f"but only {number_text(match.invoiced_before)} were ever invoiced."
        )
        yield Difference(kind="quantity", line=match.line, order_line=match.order_line, message=message)


def _price(match: LineMatch, tolerances: Tolerances) -> Iterator[Difference]:
    excess = match.price - match.order_price
    if abs(excess) < Decimal("0.00005"):
        return
    amount = excess * match.invoiced
    tolerated = (
        excess < 0
        or excess * 100 <= match.order_price * tolerances.price_percent
        or amount <= tolerances.price_absolute
    )
    direction = "more" if excess > 0 else "less"
    yield Difference(
        kind="price",
        line=match.line,
        order_line=match.order_line,
        message=(
            f"Line {match.line}: {number_text(match.price)} a unit, {number_text(match.order_price)} ordered "
            f"({number_text(abs(amount))} {direction} on the line)."
        ),
        expected=number_text(match.order_price),
        actual=number_text(match.price),
        amount=max(ZERO, amount),
        tolerated=tolerated,
    )


def _vat(match: LineMatch, line: Line, ordered: OrderLine) -> Iterator[Difference]:
    if line.vat_rate is None or line.vat_rate == ordered.vat_rate:
        return
    charged, due = number_text(line.vat_rate), number_text(ordered.vat_rate)
    yield Difference(
        kind="vat rate",
        line=match.line,
        order_line=match.order_line,
        message=f"Line {match.line}: {charged} % VAT charged, {due} % expected by the order.",
        expected=due,
        actual=charged,
        amount=max(ZERO, (line.vat_rate - ordered.vat_rate) * (line.net or ZERO) / 100),
    )
