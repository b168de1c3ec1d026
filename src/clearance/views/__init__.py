"""Read models projected from the ledger; they can be dropped and rebuilt."""
