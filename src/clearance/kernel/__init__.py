"""The pure process kernel: no clock, randomness, ids, input or output inside."""
