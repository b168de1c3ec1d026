"""The sandbox company: an ERP and a bank that stand for the systems of record.

A process of its own (``python -m sandbox_company serve``), reached over HTTP only, each system on its own SQLite file.
It knows nothing of Clearance. ``generate`` makes invoices with known truth, and what the ERP must hold so that they
mean something; ``truth.compare`` sets what happened in the books against that truth. Start with ``generator.py`` for
the invoices and ``service.py`` for the systems.
"""
