"""The ledger: entries and their chain, archives, and the contract of the stores that keep them."""
