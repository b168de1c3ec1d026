"""The formats in which invoices arrive: one module each, each with one function from an invoice to bytes."""

from collections.abc import Callable, Mapping

from sandbox_company.documents import cii, facturx, scan, text, ubl
from sandbox_company.invoice import Invoice

EXTENSIONS: Mapping[str, str] = {"ubl": "xml", "cii": "xml", "facturx": "pdf", "text": "pdf", "scan": "pdf"}
MEDIA_TYPES: Mapping[str, str] = {
    name: "application/xml" if extension == "xml" else "application/pdf" for name, extension in EXTENSIONS.items()
}

_RENDERERS: Mapping[str, Callable[[Invoice, int, str], bytes]] = {
    "ubl": lambda invoice, layout, seed: ubl.render(invoice),
    "cii": lambda invoice, layout, seed: cii.render(invoice),
    "facturx": lambda invoice, layout, seed: facturx.render(invoice, layout),
    "text": lambda invoice, layout, seed: text.render(invoice, layout),
    "scan": scan.render,
}


def render(format_: str, invoice: Invoice, layout: int, seed: str) -> bytes:
    """The document. The layout tells printed pages apart; the seed spoils scans, always in the same way."""
    return _RENDERERS[format_](invoice, layout, seed)
