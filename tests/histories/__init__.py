"""Golden histories: ledgers as releases wrote them, replayed to the same state for ever.

A release records one with ``python -m tests.histories record NAME``; from then on every later one must read it, migrate
it, verify it, and lead each instance to the state that it had (``test_histories.py``).
"""
