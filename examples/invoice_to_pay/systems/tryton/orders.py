"""Confirmed purchases and their lines, as Tryton keeps them, and what they come to outside of it.

An order line goes by its position in the order, ``"1"``, ``"2"`` ..., which is what suppliers print; comments and
subtotals between the lines are not counted. Quantities are in the line's unit, whatever unit they came or were charged
in.
"""

from decimal import Decimal

from clearance.model.values import Data
from clearance.model.work import Permanent
from invoice_to_pay.systems import OrderLine, Receipt
from invoice_to_pay.systems.tryton.records import PURCHASE, identifier, in_unit, plain
from invoice_to_pay.systems.tryton.rpc import Tryton

_ORDERED = ["confirmed", "processing", "done"]
"""The states in which a purchase binds us; drafts and quotations are not orders yet."""
_CHARGED = ("posted", "paid")
_LINE_FIELDS = (
    "quantity",
    "unit_price",
    "description",
    "unit.factor",
    "taxes",
    "product.code",
    "product.rec_name",
    "product.type",
    "moves.state",
    "moves.quantity",
    "moves.unit.factor",
    "moves.from_location.type",
    "moves.to_location.type",
    "invoice_lines.quantity",
    "invoice_lines.unit.factor",
    "invoice_lines.invoice.state",
)


class Orders:
    """The purchases of one company."""

    def __init__(self, tryton: Tryton) -> None:
        self._tryton = tryton

    def find(self, order: str) -> dict[str, Data] | None:
        """By number or by reference (``purchase.purchase,3``), once it is confirmed; None before and when cancelled."""
        named: tuple[str, str, str | int] = ("number", "=", order)
        if order.startswith(f"{PURCHASE},"):
            named = ("id", "=", identifier(order, PURCHASE))
        domain = [named, ("state", "in", _ORDERED), ("company", "=", self._tryton.company)]
        rows = self._tryton.search_read(PURCHASE, domain, ["number", "party", "currency.code"])
        if len(rows) > 1:
            raise Permanent(f"Tryton has {len(rows)} orders with the number {order!r}: a person has to say which one")
        return rows[0] if rows else None

    def lines(self, purchase: int) -> list[dict[str, Data]]:
        """The lines of a purchase in its order, each with its stock moves and invoice lines."""
        domain = [("purchase", "=", purchase), ("type", "=", "line")]
        order = [("sequence", "ASC NULLS FIRST"), ("id", "ASC")]
        return self._tryton.search_read("purchase.line", domain, _LINE_FIELDS, order=order)

    def rates(self, taxes: set[int]) -> dict[int, Decimal]:
        """Per cent by tax; a tax that is made of others has their sum."""
        rows = self._tryton.search_read("account.tax", [("id", "in", sorted(taxes))], ["type", "rate", "childs"])
        rates = {}
        for row in rows:
            own = row["rate"] * 100 if row["type"] == "percentage" else Decimal(0)
            parts = self.rates(set(row["childs"])) if row["childs"] else {}
            rates[row["id"]] = own + sum(parts.values())
        return rates


def order_line(position: int, line: dict[str, Data], rates: dict[int, Decimal]) -> OrderLine:
    product = line["product."] or {}
    return OrderLine(
        number=str(position),
        item=product.get("code") or product.get("rec_name") or "",
        description=line["description"] or product.get("rec_name") or "",
        quantity=plain(line["quantity"]),
        unit_price=plain(line["unit_price"]),
        vat_rate=plain(sum((rates[tax] for tax in line["taxes"]), Decimal(0))),
    )


def receipt(position: int, line: dict[str, Data]) -> Receipt:
    """What was received and charged of a line. Services and lines without a product need no receipt in Tryton."""
    received = Decimal(line["quantity"])
    if line["product."] and line["product."]["type"] != "service":
        received = sum((_arrived(move, line) for move in arrivals(line)), Decimal(0))
    charged = [row for row in line["invoice_lines."] if row["invoice."] and row["invoice."]["state"] in _CHARGED]
    invoiced = sum((in_unit(row["quantity"], row["unit."], line["unit."]) for row in charged), Decimal(0))
    return Receipt(order_line=str(position), received=plain(received), invoiced=plain(invoiced))


def arrivals(line: dict[str, Data]) -> list[dict[str, Data]]:
    """The stock moves of a line that have been done."""
    return [move for move in line["moves."] if move["state"] == "done"]


def _arrived(move: dict[str, Data], line: dict[str, Data]) -> Decimal:
    """What a stock move added to the line's receipts; goods sent back to the supplier count negative."""
    quantity = in_unit(move["quantity"], move["unit."], line["unit."])
    came = move["from_location."]["type"] == "supplier"
    went = move["to_location."]["type"] == "supplier"
    return quantity * (int(came) - int(went))
