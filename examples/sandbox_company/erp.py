"""The ERP: suppliers, orders, receipts and the invoices in its books.

It checks what an ERP checks (that supplier and order exist, that an entry balances) and not more: it posts a duplicate
or an excessive quantity if asked to, because stopping those is what the control tower is there for, and a sandbox
that caught them would hide its mistakes.
"""

import sqlite3
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import msgspec

from sandbox_company.books import Books, Refused
from sandbox_company.records import (
    Answer,
    Clearing,
    MasterData,
    Order,
    Posted,
    Posting,
    Receipt,
    Reversal,
    Supplier,
    is_money,
)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS suppliers (id TEXT PRIMARY KEY, name TEXT, vat_id TEXT, iban TEXT, body BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS suppliers_by_vat_id ON suppliers (vat_id);
CREATE INDEX IF NOT EXISTS suppliers_by_name ON suppliers (name);
CREATE INDEX IF NOT EXISTS suppliers_by_iban ON suppliers (iban);
CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY, number TEXT NOT NULL UNIQUE, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS invoices (
  sequence INTEGER PRIMARY KEY, reference TEXT UNIQUE, supplier TEXT NOT NULL, order_number TEXT NOT NULL,
  status TEXT NOT NULL, reversal TEXT NOT NULL, reason TEXT NOT NULL, payment TEXT NOT NULL,
  opening INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS invoices_by_supplier ON invoices (supplier);
CREATE INDEX IF NOT EXISTS invoices_by_order ON invoices (order_number);
"""
_INVOICE_COLUMNS = "reference, status, body, reversal, reason, payment"


class Erp:
    """See ``service.py`` for the paths under which these methods are reached."""

    def __init__(self, path: Path) -> None:
        self._books = Books(path, _SCHEMA)

    def close(self) -> None:
        self._books.close()

    def origin(self) -> str | None:
        return self._books.origin()

    def load(self, data: MasterData, origin: str | None = None) -> None:
        """Add or replace master data; with an origin, in the same transaction as the record of it."""
        with self._books.writing() as books:
            for supplier in data.suppliers:
                row = (supplier.id, _same(supplier.name), _same(supplier.vat_id), _same(supplier.iban))
                books.execute(
                    "INSERT OR REPLACE INTO suppliers VALUES (?, ?, ?, ?, ?)", (*row, msgspec.json.encode(supplier))
                )
            for order in data.orders:
                row_ = (order.id, order.number, msgspec.json.encode(order))
                books.execute("INSERT OR REPLACE INTO orders VALUES (?, ?, ?)", row_)
            for posted in data.invoices:
                _insert(books, posted, opening=True)
            if origin is not None:
                books.execute("INSERT INTO origin VALUES (?)", (origin,))

    def suppliers(self, *, vat_id: str, name: str, iban: str) -> tuple[Supplier, ...]:
        """Those that agree in any of the terms given, the VAT id counting most, then the name, then the IBAN.

        Case, spaces and punctuation do not matter; otherwise names must be the same. Without any term: all.
        """
        if not (vat_id or name or iban):
            with self._books.reading() as books:
                rows = books.execute("SELECT body FROM suppliers ORDER BY id").fetchall()
            return tuple(msgspec.json.decode(row[0], type=Supplier) for row in rows)
        found: dict[str, Supplier] = {}
        with self._books.reading() as books:
            for column, value in (("vat_id", vat_id), ("name", name), ("iban", iban)):
                if not _same(value):
                    continue
                query = f"SELECT body FROM suppliers WHERE {column} = ? ORDER BY id"
                for (body,) in books.execute(query, (_same(value),)):
                    supplier = msgspec.json.decode(body, type=Supplier)
                    found.setdefault(supplier.id, supplier)
        return tuple(found.values())

    def order(self, name: str) -> Order:
        """By number or id; raises Refused (404)."""
        with self._books.reading() as books:
            return _order(books, name)

    def receipts(self, name: str) -> tuple[Receipt, ...]:
        """What was received of each line of the order, and what its invoices not reversed have charged."""
        with self._books.reading() as books:
            order = _order(books, name)
            query = "SELECT body FROM invoices WHERE order_number = ? AND status != 'reversed'"
            rows = books.execute(query, (order.number,)).fetchall()
        charged: dict[str, Decimal] = {}
        for (body,) in rows:
            for line in msgspec.json.decode(body, type=Posting).lines:
                charged[line.order_line] = charged.get(line.order_line, Decimal(0)) + line.quantity
        return tuple(
            Receipt(order_line=line.number, received=line.received, invoiced=charged.get(line.number, Decimal(0)))
            for line in order.lines
        )

    def invoices(self, supplier: str) -> tuple[Posted, ...]:
        """All invoices of the supplier in the books, oldest first; raises Refused (404) for an unknown supplier."""
        with self._books.reading() as books:
            _check_supplier(books, supplier, 404)
            query = f"SELECT {_INVOICE_COLUMNS} FROM invoices WHERE supplier = ? ORDER BY sequence"
            rows = books.execute(query, (supplier,)).fetchall()
        return tuple(_posted(row) for row in rows)

    def postings(self) -> tuple[Posted, ...]:
        """What was posted since the start, in order; not what the books held before."""
        with self._books.reading() as books:
            query = f"SELECT {_INVOICE_COLUMNS} FROM invoices WHERE opening = 0 ORDER BY sequence"
            return tuple(_posted(row) for row in books.execute(query))

    def posting(self, reference: str) -> Posted:
        """Raises Refused (404)."""
        with self._books.reading() as books:
            return _find(books, reference)

    def post(self, posting: Posting, key: str) -> Answer:
        """Post an invoice; raises Refused (422) when it does not balance or names what is not there."""

        def act(books: sqlite3.Connection) -> str:
            _check_amounts(posting)
            _check_supplier(books, posting.supplier, 422)
            order = _order(books, posting.order, 422).number if posting.order else ""
            entry = msgspec.structs.replace(posting, order=order)
            return _insert(books, Posted(reference="", status="posted", posting=entry), opening=False)

        return self._books.once(key, "post", posting, act)

    def reverse(self, reference: str, reversal: Reversal, key: str) -> Answer:
        """Cancel a posting; raises Refused: 404 when there is none, 409 when it is reversed or paid already."""

        def act(books: sqlite3.Connection) -> str:
            posted = _find(books, reference)
            if posted.status != "posted":
                raise Refused(409, f"{reference} is {posted.status}: only what is posted can be reversed")
            name = f"REV-{reference}"
            books.execute(
                "UPDATE invoices SET status = 'reversed', reversal = ?, reason = ? WHERE reference = ?",
                (name, reversal.reason, reference),
            )
            return name

        return self._books.once(key, f"reverse {reference}", reversal, act)

    def clear(self, reference: str, clearing: Clearing, key: str) -> Answer:
        """Mark a posting as paid; raises Refused: 404 when there is none, 409 when it is not open."""

        def act(books: sqlite3.Connection) -> str:
            posted = _find(books, reference)
            if posted.status != "posted":
                raise Refused(409, f"{reference} is {posted.status}: only what is posted can be paid")
            books.execute(
                "UPDATE invoices SET status = 'paid', payment = ? WHERE reference = ?", (clearing.payment, reference)
            )
            return reference

        return self._books.once(key, f"clear {reference}", clearing, act)


def _check_amounts(posting: Posting) -> None:
    for name in ("net", "tax", "gross"):
        if not is_money(getattr(posting, name)):
            raise Refused(422, f"{name} {getattr(posting, name)} is not an amount in whole cents")
    if posting.net + posting.tax != posting.gross:
        raise Refused(422, f"net {posting.net} and tax {posting.tax} do not make gross {posting.gross}")
    for line in posting.lines:
        if not line.quantity.is_finite():
            raise Refused(422, f"a quantity of {line.quantity} cannot be posted (order line {line.order_line})")


def _same(text: str) -> str:
    """What remains when spelling does not count."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _order(books: sqlite3.Connection, name: str, status: int = 404) -> Order:
    row = books.execute("SELECT body FROM orders WHERE number = ? OR id = ?", (name.strip(), name)).fetchone()
    if row is None:
        raise Refused(status, f"there is no order {name}")
    return msgspec.json.decode(row[0], type=Order)


def _check_supplier(books: sqlite3.Connection, supplier: str, status: int) -> None:
    row = books.execute("SELECT body FROM suppliers WHERE id = ?", (supplier,)).fetchone()
    if row is None:
        raise Refused(status, f"there is no supplier {supplier}")


def _find(books: sqlite3.Connection, reference: str) -> Posted:
    query = f"SELECT {_INVOICE_COLUMNS} FROM invoices WHERE reference = ?"
    row = books.execute(query, (reference,)).fetchone()
    if row is None:
        raise Refused(404, f"there is no posting {reference}")
    return _posted(row)


def _posted(row: Sequence[str]) -> Posted:
    reference, status, body, reversal, reason, payment = row
    posting = msgspec.json.decode(body, type=Posting)
    return Posted(
        reference=reference, status=status, posting=posting, reversal=reversal, reason=reason, payment=payment
    )


def _insert(books: sqlite3.Connection, posted: Posted, *, opening: bool) -> str:
    """Enter the invoice and return its reference: the one it has, or the next free one."""
    posting = posted.posting
    cursor = books.execute(
        "INSERT INTO invoices (reference, supplier, order_number, status, reversal, reason, payment, opening, body)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            posted.reference or None,
            posting.supplier,
            posting.order,
            posted.status,
            posted.reversal,
            posted.reason,
            posted.payment,
            opening,
            msgspec.json.encode(posting),
        ),
    )
    if posted.reference:
        return posted.reference
    reference = f"INV-{cursor.lastrowid:06d}"
    books.execute("UPDATE invoices SET reference = ? WHERE sequence = ?", (reference, cursor.lastrowid))
    return reference
