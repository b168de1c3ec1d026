"""Read models projected from the ledger: one file a view, one SQLite database that can be dropped and rebuilt.

``projector.py`` follows the ledger and hands each event to the views that care; ``registry.py`` lists the views in
order; ``ask/`` holds the questions of the floors above; ``views.py`` is what they hold. Nothing here decides anything,
and nothing is kept that the ledger lacks.
"""
