"""Tryton, an open-source ERP, as the system of record of invoice-to-pay; see docs/tryton.md.

``rpc.py`` talks to the server, ``records.py`` names its records, ``erp.py`` reads orders and posts invoices,
``invoices.py`` fills the supplier invoice that a posting becomes, ``payments.py`` books payments. The process asks for
an ``Erp`` and a ``Bank``: :func:`connect` gives both, over one connection.
"""

from invoice_to_pay.systems.tryton.erp import TrytonErp
from invoice_to_pay.systems.tryton.payments import TrytonBank
from invoice_to_pay.systems.tryton.rpc import Tryton, TrytonSettings, TrytonWarning

__all__ = ["Tryton", "TrytonBank", "TrytonErp", "TrytonSettings", "TrytonWarning", "connect"]


def connect(settings: TrytonSettings) -> tuple[TrytonErp, TrytonBank]:
    """The ERP and the bank of one Tryton database; raises ValueError for settings that cannot be right."""
    tryton = Tryton(settings)
    return TrytonErp(tryton), TrytonBank(tryton)
