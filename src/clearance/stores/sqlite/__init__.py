"""The SQLite store (WAL, synchronous=FULL)."""
