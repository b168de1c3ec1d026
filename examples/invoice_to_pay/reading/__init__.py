"""Reading an invoice: bytes in, a typed invoice out, with the place of every value and how sure we are of it.

:func:`read_invoice` looks at the content, not at the name. Structured documents (UBL, CII, and PDFs that carry one) are
read exactly; for text there is a deterministic reader, and ``model_reader`` for those who have a model. Start with
``invoice.py`` for what comes out, ``terms.py`` for what is read where.
"""

from .document import DOCUMENT_BYTES_MAX, Field, Reading, UnreadableInvoice
from .invoice import Allowance, Invoice, Line, Party, from_data
from .pdf import INVOICE_NAMES, PageText, PdfContent, read_pdf
from .structured import read_structured
from .text_reader import read_text
from .xml_source import parse

__all__ = [
    "Allowance",
    "Field",
    "Invoice",
    "Line",
    "Party",
    "Reading",
    "UnreadableInvoice",
    "from_data",
    "read_invoice",
    "text_of",
]

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_invoice(content: bytes, media_type: str = "", name: str = "") -> Reading:
    """Read one invoice or credit note.

    The format is seen from the content; ``media_type`` only decides for content that shows none. Raises
    :class:`UnreadableInvoice` with one clear message for everything that cannot be read as an invoice.
    """
    _check_size(content, name)
    if _is_pdf(content):
        return _read_pdf(content, name)
    if _is_xml(content):
        return read_structured(parse(content, name), name)
    text = _decode_text(content, media_type, name)
    return read_text(text, name, "text", ())


def text_of(content: bytes, media_type: str = "", name: str = "") -> PdfContent:
    """The text of a text document, for another reader such as a model; raises as :func:`read_invoice` does."""
    _check_size(content, name)
    if _is_pdf(content):
        return read_pdf(content, name, text_only=True)
    text = _decode_text(content, media_type, name)
    return PdfContent(text=text, pages=(PageText(1, 0, len(text)),))


def _check_size(content: bytes, name: str) -> None:
    if not content.strip():
        raise UnreadableInvoice(name, "the file is empty; ask the sender for it again")
    if len(content) > DOCUMENT_BYTES_MAX:
        size = len(content) / 1024 / 1024
        limit = DOCUMENT_BYTES_MAX // 1024 // 1024
        raise UnreadableInvoice(name, f"the file has {size:.1f} MB, more than the {limit} MB that are read")


def _is_pdf(content: bytes) -> bool:
    return b"%PDF-" in content[:1024]


def _is_xml(content: bytes) -> bool:
    start = content[:200]
    if start.startswith(_UTF16_MARKS) or b"\x00" in start[:4]:
        return "<" in start.decode("utf-16", "replace").lstrip("\ufeff \t\r\n")[:1] or start[:4] in (
            b"<\x00?\x00",
            b"\x00<\x00?",
        )
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def _read_pdf(content: bytes, name: str) -> Reading:
    pdf = read_pdf(content, name)
    if not pdf.embedded:
        return read_text(pdf.text, name, "text-pdf", pdf.pages)
    for embedded_name, xml in pdf.embedded:
        inner = f"{name or 'the document'} ({embedded_name})"
        try:
            _check_size(xml, inner)
            return read_structured(parse(xml, inner), inner, "factur-x")
        except UnreadableInvoice:
            # Under an invoice's name it is meant to be one, so the error counts; other XML is some attachment.
            if embedded_name.lower() in INVOICE_NAMES:
                raise
    pdf = read_pdf(content, name, text_only=True)
    return read_text(pdf.text, name, "text-pdf", pdf.pages)


def _decode_text(content: bytes, media_type: str, name: str) -> str:
    """The text of a text file; what is neither UTF-8 nor printable is no text."""
    for codec in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(codec)
        except UnicodeError:
            continue
        strange = sum(1 for character in text[:4000] if character < " " and character not in "\t\n\r\f")
        if not strange:
            return text
    kind = f" ({media_type})" if media_type else ""
    raise UnreadableInvoice(name, f"the file{kind} is neither XML, PDF nor text; send UBL, CII, Factur-X or a PDF")
