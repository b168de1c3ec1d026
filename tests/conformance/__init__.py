"""Standards, tested with their own cases."""
