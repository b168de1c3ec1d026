"""The sandbox company: an ERP and a bank that stand for the systems of record."""
