"""Supplier invoices in the making: find the one that carries a key, or fill a draft with a posting.

Tryton computes nothing for a record that arrives over the network, so all that its client would fill in is asked for
(``on_change``: address, accounts, journal) or sent along (taxes, units). The totals of the supplier's document are sent
too: Tryton refuses to post an invoice that does not come to them.

Where Tryton itself has proposed an invoice for the order (invoice method "Order Processed" or "On Fulfillment"), that
draft is filled instead of adding a second one. Once a person has begun to work on it (it has a reference or a
description), the person goes on: charging the order beside it would make Tryton ask the supplier for a refund.
"""

import datetime
from collections.abc import Mapping

from clearance.model.values import Data
from clearance.model.work import Permanent
from invoice_to_pay.systems import Posting, PostingLine
from invoice_to_pay.systems.tryton.orders import arrivals
from invoice_to_pay.systems.tryton.records import INVOICE, PARTY, identifier, plain
from invoice_to_pay.systems.tryton.rpc import Tryton

_LINE = "account.invoice.line"
_KEY = "Clearance "
_OF_PARTY = ("invoice_address", "account", "journal", "payment_term", "party_tax_identifier")


class Drafts:
    """The supplier invoices that Clearance makes in Tryton."""

    def __init__(self, tryton: Tryton) -> None:
        self._tryton = tryton

    def find(self, key: str) -> dict[str, Data] | None:
        """The invoice made with this key, in whatever state; the oldest, should there be two."""
        found = self._with_key(key)
        return found[0] if found else None

    def make(self, posting: Posting, key: str, lines: list[dict[str, Data]], comment: str) -> dict[str, Data]:
        """Make the draft of a posting; ``lines`` are those of its order."""
        by_position = {str(position): line for position, line in enumerate(lines, start=1)}
        values = self._head(posting, key, comment)
        charged = [self._line(line, by_position.get(line.order_line), posting, values) for line in posting.lines]
        proposal = self._proposal(lines)
        if proposal is None:
            made = self._tryton.create(INVOICE, {**values, "lines": [("create", charged)]})
        else:
            made = proposal["id"]
            filled = [("create", charged), ("delete", [row["id"] for row in proposal["lines."]])]
            try:
                self._tryton.write(INVOICE, made, {**values, "lines": filled}, unchanged_since=proposal["_timestamp"])
            except Permanent:
                # Another attempt with the same key may have filled and posted the draft in the meantime.
                if not self._with_key(key):
                    raise
        oldest, *others = self._with_key(key)
        if made in [other["id"] for other in others]:
            self._tryton.call(f"model.{INVOICE}.delete", [made])
        return oldest

    def _with_key(self, key: str) -> list[dict[str, Data]]:
        domain = [("company", "=", self._tryton.company), ("type", "=", "in"), ("description", "=", f"{_KEY}{key}")]
        return self._tryton.search_read(INVOICE, domain, ["state", "party", "reference"], order=[("id", "ASC")])

    def _head(self, posting: Posting, key: str, comment: str) -> dict[str, Data]:
        party = identifier(posting.supplier, PARTY)
        given = {"type": "in", "party": party, "company": self._tryton.company}
        by_party = self._tryton.call(f"model.{INVOICE}.on_change", given, ["type", "party"])
        values = {**given, **{field: by_party.get(field) for field in _OF_PARTY}}
        if not values["invoice_address"] or not values["account"]:
            lacking = "payable account" if values["invoice_address"] else "address"
            raise Permanent(f"{posting.supplier} has no {lacking} in Tryton: add one to the party")
        if posting.due_date:
            # Without a payment term the whole amount falls due on this date.
            values |= {"payment_term": None, "payment_term_date": _date(posting.due_date)}
        return {
            **values,
            "currency": self._currency(posting.currency),
            "reference": posting.invoice_number,
            "description": f"{_KEY}{key}",
            "comment": comment,
            "invoice_date": _date(posting.invoice_date),
            "source_untaxed_amount": posting.net,
            "source_tax_amount": posting.tax,
            "source_total_amount": posting.gross,
        }

    def _line(
        self, line: PostingLine, ordered: dict[str, Data] | None, posting: Posting, head: Mapping[str, Data]
    ) -> dict[str, Data]:
        if ordered is None and posting.order:
            raise Permanent(f"order {posting.order} has no line {line.order_line!r} in Tryton")
        product = ordered["product."]["id"] if ordered and ordered["product."] else None
        given = {field: head[field] for field in ("party", "company", "currency")}
        given |= {"type": "line", "invoice_type": "in", "product": product, "quantity": float(line.quantity)}
        by_product = self._tryton.call(f"model.{_LINE}.on_change", given, ["product"]) if product else {}
        values = {
            "type": "line",
            "invoice_type": "in",
            **{field: head[field] for field in ("party", "company", "currency")},
            "account": by_product.get("account") or self._expense_account(line),
            "description": line.description or line.item,
            "quantity": float(line.quantity),
            "unit_price": line.unit_price,
            "taxes": [("add", self._taxes(line, ordered))],
        }
        if by_product.get("taxes_deductible_rate") is not None:
            values["taxes_deductible_rate"] = by_product["taxes_deductible_rate"]
        if ordered is not None:
            unit = ordered["unit."]["id"] if ordered["unit."] else None
            values |= {"product": product, "unit": unit, "origin": f"purchase.line,{ordered['id']}"}
            values["stock_moves"] = [("add", [move["id"] for move in arrivals(ordered)])]
        return values

    def _taxes(self, line: PostingLine, ordered: dict[str, Data] | None) -> list[int]:
        """The order line's taxes; without an order, the one that the settings name for the rate."""
        if ordered is not None:
            return list(ordered["taxes"])
        rate = str(plain(line.vat_rate))
        if rate == "0" and rate not in self._tryton.settings.taxes:
            return []
        name = self._tryton.settings.taxes.get(rate)
        if name is None:
            raise Permanent(f"which tax is VAT at {rate} %? Name it in Tryton's settings: taxes = {{ {rate} = ... }}")
        domain = [("name", "=", name), ("parent", "=", None), ("company", "=", self._tryton.company)]
        return [self._only("account.tax", domain, f"the tax {name!r}")]

    def _expense_account(self, line: PostingLine) -> int:
        code = self._tryton.settings.expense_account
        if not code:
            raise Permanent(f"line {line.description or line.item!r} has no product: set expense_account for Tryton")
        domain = [("code", "=", code), ("company", "=", self._tryton.company)]
        return self._only("account.account", domain, f"the account {code!r}")

    def _currency(self, code: str) -> int:
        return self._only("currency.currency", [("code", "=", code)], f"the currency {code}")

    def _only(self, model: str, domain: list[Data], what: str) -> int:
        rows = self._tryton.search_read(model, domain, ["id"])
        if len(rows) != 1:
            raise Permanent(f"Tryton has {'no' if not rows else len(rows)} record for {what} ({model})")
        return int(rows[0]["id"])

    def _proposal(self, lines: list[dict[str, Data]]) -> dict[str, Data] | None:
        """The draft that Tryton made of this order; Permanent if a person works on it or it is of other orders too."""
        of_order = {f"purchase.line,{line['id']}" for line in lines}
        proposed = {row["invoice."]["id"] for line in lines for row in line["invoice_lines."] if row["invoice."]}
        drafts = self._tryton.search_read(
            INVOICE,
            [("id", "in", sorted(proposed)), ("state", "=", "draft"), ("type", "=", "in")],
            ["reference", "description", "lines.origin", "_timestamp"],
            order=[("id", "ASC")],
        )
        others = [draft for draft in drafts if not (draft["description"] or "").startswith(_KEY)]
        for draft in others:
            touched = draft["reference"] or draft["description"]
            if touched or any(row["origin"] not in of_order for row in draft["lines."]):
                why = "a person works on it" if touched else "it charges other orders too"
                raise Permanent(
                    f"the draft {INVOICE},{draft['id']} in Tryton charges this order already, and {why}:"
                    " finish or delete it there"
                )
        return others[0] if others else None


def _date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)
