"""What reading a document gives: the invoice, how sure we are, and where each value stands.

The bounds of what is read at all stand here too, so that they can be found and changed in one place.
"""

import msgspec

from .invoice import Invoice

DOCUMENT_BYTES_MAX = 20 * 1024 * 1024
"""A larger file is not read: an invoice with its attachments is rarely above 5 MB."""

PDF_PAGES_MAX = 200
PDF_STREAM_BYTES_MAX = 30 * 1024 * 1024
"""What one compressed stream of a PDF may grow to."""
TEXT_CHARACTERS_MAX = 500_000
"""What the text of one PDF or text file may come to: some 200 full pages."""
TEXT_LINES_MAX = 20_000
TEXT_LINE_CHARACTERS_MAX = 400
"""What is read of one line; printed lines have up to 200, and looking for labels takes time with the length."""
XML_ELEMENTS_MAX = 1_000_000


class UnreadableInvoice(ValueError):
    """The document cannot be read as an invoice; the message names the file, the reason and the remedy."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name or 'the document'}: {reason}")
        self.name = name
        self.reason = reason


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One value that was read, and where it stands."""

    name: str
    """As in :class:`Invoice`, e.g. ``seller.vat_id`` or ``lines[1].net``; lines count from 1."""
    term: str
    """The business term of EN 16931, e.g. BT-31."""
    value: str
    confidence: float = 1.0
    location: str = ""
    """An XPath for XML, ``page 2`` for PDF, ``line 7`` for plain text."""
    start: int = 0
    end: int = 0
    """Character offsets in the reading's ``text``, end exclusive; both 0 for what was derived and stands nowhere."""
    text: str = ""
    """What stands there, as written."""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """The result of reading one document."""

    invoice: Invoice
    confidence: float
    """0 to 1: 1 for a complete structured document, an estimate from what was found and agrees for free text."""
    fields: tuple[Field, ...]
    syntax: str
    """ubl, cii, factur-x, text-pdf or text."""
    text: str
    """The decoded XML or the extracted text: what the fields' offsets refer to."""
    problems: tuple[str, ...] = ()
    """What was missing, twice there or not understood, in sentences."""
    model: str = ""
    """The language model that read it, if one did."""
