"""What Tryton's own database says, read past Tryton and past us: the SQLite file that the server uses."""

import sqlite3
from decimal import Decimal
from pathlib import Path
from typing import Any


class Books:
    """The supplier invoices and entries in one database file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def invoices(self, number: str) -> list[dict[str, Any]]:
        """All supplier invoices, in whatever state, that carry the supplier's number."""
        return self._rows("select * from account_invoice where type = 'in' and reference = ? order by id", number)

    def entries(self, invoice: int, state: str = "posted") -> list[dict[str, Any]]:
        """The entries made for an invoice: its own, its payments, its reversal."""
        query = "select * from account_move where origin = ? and state = ? order by id"
        return self._rows(query, f"account.invoice,{invoice}", state)

    def amounts(self, entry: int) -> list[tuple[Decimal, Decimal]]:
        """Debit and credit of each line of an entry."""
        lines = self._rows("select debit, credit from account_move_line where move = ? order by id", entry)
        # Tryton keeps exact numbers in SQLite as their digits, in a blob.
        return [(Decimal(line["debit"].decode()), Decimal(line["credit"].decode())) for line in lines]

    def due(self, entry: int) -> list[str]:
        query = "select maturity_date from account_move_line where move = ? and maturity_date is not null"
        return [str(line["maturity_date"]) for line in self._rows(query, entry)]

    def drafts(self, order: int) -> list[dict[str, Any]]:
        """The invoices of an order that nobody has posted yet, one row for each line, with its quantity."""
        return self._rows(
            "select invoice.id, line.quantity from account_invoice invoice"
            " join account_invoice_line line on line.invoice = invoice.id"
            " join purchase_line ordered on line.origin = 'purchase.line,' || ordered.id"
            " where ordered.purchase = ? and invoice.state = 'draft' order by line.id",
            order,
        )

    def _rows(self, query: str, *parameters: str | int) -> list[dict[str, Any]]:
        connection = sqlite3.connect(f"file:{self._file}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(query, parameters)]
        finally:
            connection.close()
