"""Whether a ledger holds, its tables made again from it, and moving what is old to archives."""
