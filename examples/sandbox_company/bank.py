"""The bank: one account to pay from, and the payments that were executed, for good and in order."""

import sqlite3
from collections.abc import Callable, Collection, Iterable
from decimal import Decimal
from pathlib import Path

import msgspec

from sandbox_company.books import Books, Refused
from sandbox_company.check_digits import iban_is_valid
from sandbox_company.records import Answer, Executed, Payment, Statement, is_money

OPENING_BALANCE = Decimal("25000000.00")
_CURRENCY = "EUR"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS reachable (iban TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS balance (opening_cents INTEGER NOT NULL, paid_cents INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS payments (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT, executed_at TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL
);
"""


class Bank:
    """Pays while there is money. ``clock`` gives the time of execution as ISO 8601 text."""

    def __init__(self, path: Path, clock: Callable[[], str]) -> None:
        self._books = Books(path, _SCHEMA)
        self._clock = clock

    def close(self) -> None:
        self._books.close()

    def origin(self) -> str | None:
        return self._books.origin()

    def open_account(self, opening: Decimal, ibans: Iterable[str], origin: str) -> None:
        """Fill empty books: the balance to begin with, and every IBAN that payments can reach."""
        with self._books.writing() as books:
            books.execute("INSERT INTO balance VALUES (?, 0)", (int(opening * 100),))
            books.executemany("INSERT OR IGNORE INTO reachable VALUES (?)", ((iban,) for iban in ibans))
            books.execute("INSERT INTO origin VALUES (?)", (origin,))

    def add_accounts(self, ibans: Iterable[str]) -> None:
        """Let payments reach these accounts as well."""
        with self._books.writing() as books:
            books.executemany("INSERT OR IGNORE INTO reachable VALUES (?)", ((_compact(iban),) for iban in ibans))

    def pay(self, payment: Payment, key: str, refused: Collection[str] = ()) -> Answer:
        """Execute a payment; raises Refused (422) for good: a wrong, unknown or refused IBAN, or too little money."""

        def act(books: sqlite3.Connection) -> str:
            cents = _checked(books, payment, refused)
            opening, paid = books.execute("SELECT opening_cents, paid_cents FROM balance").fetchone()
            if paid + cents > opening:
                left = Decimal(opening - paid) / 100
                raise Refused(422, f"insufficient funds: {payment.amount} asked for, {left:.2f} {_CURRENCY} left")
            books.execute("UPDATE balance SET paid_cents = paid_cents + ?", (cents,))
            cursor = books.execute(
                "INSERT INTO payments (executed_at, key, body) VALUES (?, ?, ?)",
                (self._clock(), key, msgspec.json.encode(payment)),
            )
            return _reference(cursor.lastrowid or 0)

        return self._books.once(key, "pay", payment, act)

    def payments(self) -> tuple[Executed, ...]:
        """All executed payments in order; one asked for twice without a key is there twice."""
        with self._books.reading() as books:
            return _payments(books)

    def statement(self) -> Statement:
        """The balance, and the payments that led to it."""
        with self._books.reading() as books:
            opening, paid = books.execute("SELECT opening_cents, paid_cents FROM balance").fetchone()
            return Statement(
                opening=Decimal(opening) / 100,
                paid=Decimal(paid) / 100,
                balance=Decimal(opening - paid) / 100,
                payments=_payments(books),
            )


def _payments(books: sqlite3.Connection) -> tuple[Executed, ...]:
    rows = books.execute("SELECT sequence, executed_at, key, body FROM payments ORDER BY sequence")
    return tuple(
        Executed(
            sequence=sequence,
            reference=_reference(sequence),
            executed_at=executed_at,
            payment=msgspec.json.decode(body, type=Payment),
            idempotency_key=key,
        )
        for sequence, executed_at, key, body in rows
    )


def _reference(sequence: int) -> str:
    return f"PAY-{sequence:06d}"


def _compact(iban: str) -> str:
    return iban.replace(" ", "").upper()


def _checked(books: sqlite3.Connection, payment: Payment, refused: Collection[str]) -> int:
    """The amount in cents."""
    iban = _compact(payment.iban)
    if payment.currency != _CURRENCY:
        raise Refused(422, f"the account is kept in {_CURRENCY}, not {payment.currency}")
    if not is_money(payment.amount) or payment.amount <= 0:
        raise Refused(422, f"{payment.amount} is not an amount: it must be above zero, in whole cents")
    if not iban_is_valid(iban):
        raise Refused(422, f"{payment.iban} is not an IBAN: the check digits are wrong")
    if books.execute("SELECT 1 FROM reachable WHERE iban = ?", (iban,)).fetchone() is None:
        raise Refused(422, f"no account {payment.iban} can be reached")
    if iban in refused:
        raise Refused(422, f"the receiving bank refuses payments to {payment.iban}")
    return int(payment.amount * 100)
