"""Where the ledger and its indexes are kept; one contract, one suite that all must pass."""
