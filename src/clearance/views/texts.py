"""The index of all parts of texts: what a list that looks for a text reads instead of every row.

SQLite's FTS5 keeps, for every three letters in a row, which rows have them (:mod:`clearance.views.hits` says how a text
is found by them). Each row's texts end with two fillers, so that one and two letters are found as the beginning of
three.

What is found *may* contain the text; the list that asks compares each row itself, so a row that is named once too often
does no harm: a changed text is added to what is known of its row, and nothing is ever taken back.

Rows that are new wait in a table of their own until there are enough to make adding them cheap; until then they are
always among what is found. So what the index holds depends on when it was filled: it is the one part of the views that
does not come back from the ledger byte for byte. Where SQLite has no FTS5, or none with trigrams yet (before 3.34),
there is no index, and lists look at every row.
"""

import sqlite3

import msgspec

DUE_MAX = 2_000
"""So many new rows wait to be added together: a larger number costs less for each of them and more for each search."""
_FILLER = "\x1f"


class Index(msgspec.Struct, frozen=True):
    """The texts of one table."""

    table: str
    texts: tuple[str, ...]
    again: str = ""
    """Columns whose change adds a row once more."""

    @property
    def schema(self) -> str:
        table, again = self.table, ""
        due = f"INSERT OR IGNORE INTO {table}_due VALUES (new.key);"
        if self.again:
            again = f"CREATE TRIGGER await_{table}_again AFTER UPDATE OF {self.again} ON {table} BEGIN {due} END;"
        return f"""
CREATE VIRTUAL TABLE {table}_texts USING fts5(
    text, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1'
);
CREATE VIRTUAL TABLE {table}_threes USING fts5vocab({table}_texts, instance);
CREATE TABLE {table}_due (key INTEGER PRIMARY KEY) STRICT;
CREATE TRIGGER await_{table} AFTER INSERT ON {table} BEGIN {due} END;
{again}"""


INSTANCES = Index("instances", ("subject", "key"), again="subject")
INBOX = Index("inbox", ("title", "reason"))
INDEXES = (INSTANCES, INBOX)
SCHEMA = "".join(index.schema for index in INDEXES)
TABLES = tuple(f"{index.table}_{part}" for index in INDEXES for part in ("texts", "threes", "due"))
"""What the names of the index's tables begin with: their rows tell when they were filled."""


def offered() -> bool:
    """Whether this SQLite can keep the index."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE VIRTUAL TABLE tried USING fts5(text, tokenize='trigram case_sensitive 1')")
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()
    return True


def prepare(connection: sqlite3.Connection) -> None:
    """Let a connection :func:`gather`."""
    connection.create_function("text_of", -1, _text_of, deterministic=True)


def gather(connection: sqlite3.Connection) -> None:
    """Add the rows that wait, where there are enough; within a transaction."""
    for index in INDEXES:
        table = index.table
        if connection.execute(f"SELECT count(*) FROM {table}_due").fetchone()[0] >= DUE_MAX:
            added = f"SELECT key, text_of({', '.join(index.texts)}) FROM {table}_due CROSS JOIN {table} USING (key)"
            connection.execute(f"INSERT INTO {table}_texts (rowid, text) {added} ORDER BY key")
            connection.execute(f"DELETE FROM {table}_due")


def _text_of(*texts: object) -> str:
    return folded(_FILLER.join(map(str, texts))).replace("\0", _FILLER) + 2 * _FILLER


def folded(text: str) -> str:
    """As LIKE compares: letters of ASCII without their case, all others as they are."""
    return text.encode().lower().decode()
