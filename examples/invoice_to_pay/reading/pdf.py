"""PDF files: the XML that a Factur-X or ZUGFeRD file carries, and the text of the pages.

Everything that pypdf expands is bounded (``document.py``), and whatever it stumbles over in a damaged file becomes one
:class:`UnreadableInvoice`.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

import msgspec
from pypdf import PdfReader, apply_configuration
from pypdf.errors import FileNotDecryptedError, LimitReachedError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, EmbeddedFile

from .document import DOCUMENT_BYTES_MAX, PDF_PAGES_MAX, PDF_STREAM_BYTES_MAX, TEXT_CHARACTERS_MAX, UnreadableInvoice

# pypdf warns about every oddity of a file. Those who set up logging see it; others are not bothered on stderr.
logging.getLogger("pypdf").addHandler(logging.NullHandler())

INVOICE_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "order-x.xml", "cii.xml", "ubl.xml")
"""What the standards call the embedded invoice; any other .xml is looked at after these."""

_EMBEDDED_MAX = 100
_PARSING_WORK_MAX = 400_000
"""Operators and operands of one page; a dense page has some 20,000."""


class PageText(msgspec.Struct, frozen=True):
    """Where a page's text stands in the whole text."""

    number: int
    start: int
    end: int


class PdfContent(msgspec.Struct, frozen=True):
    """What a PDF offers to a reader of invoices."""

    embedded: tuple[tuple[str, bytes], ...] = ()
    """XML files, the likeliest invoice first."""
    text: str = ""
    """The pages' text, laid out in columns with spaces as on paper."""
    pages: tuple[PageText, ...] = ()


def read_pdf(content: bytes, name: str, text_only: bool = False) -> PdfContent:
    """Open a PDF; its text is extracted only when no XML is embedded or wanted, as that is the slow part."""
    with _clear_errors(name), _bounded():
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise _encrypted(name)
        embedded = () if text_only else tuple(_embedded_xml(reader))
        if embedded:
            return PdfContent(embedded=embedded)
        return _extract_text(reader, name)


def _encrypted(name: str) -> UnreadableInvoice:
    return UnreadableInvoice(name, "the PDF is encrypted with a password; ask the sender for one without")


@contextmanager
def _bounded() -> Iterator[None]:
    with apply_configuration(
        maximum_declared_stream_length=DOCUMENT_BYTES_MAX,
        array_based_stream_maximum_output_length=PDF_STREAM_BYTES_MAX,
        zlib_maximum_output_length=PDF_STREAM_BYTES_MAX,
        lzw_maximum_output_length=PDF_STREAM_BYTES_MAX,
        run_length_maximum_output_length=PDF_STREAM_BYTES_MAX,
        stream_decoding_work_maximum_length=4 * PDF_STREAM_BYTES_MAX,
        stream_parsing_work_maximum_count=_PARSING_WORK_MAX,
    ):
        yield


@contextmanager
def _clear_errors(name: str) -> Iterator[None]:
    try:
        yield
    except UnreadableInvoice:
        raise
    except FileNotDecryptedError:
        raise _encrypted(name) from None
    except LimitReachedError as error:
        raise UnreadableInvoice(
            name, f"the PDF expands beyond the bounds of an invoice ({error}); it is not read"
        ) from None
    except PyPdfError as error:
        raise _damaged(name, error) from None
    except (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError) as error:
        # pypdf trusts the object types of a file; a damaged or hostile one shows as any of these.
        raise _damaged(name, error) from None
    except NotImplementedError as error:
        raise UnreadableInvoice(name, f"the PDF uses a feature that cannot be read ({error})") from None


def _damaged(name: str, error: Exception) -> UnreadableInvoice:
    return UnreadableInvoice(
        name, f"the PDF is damaged ({type(error).__name__}: {error}); ask the sender for the file again"
    )


def _embedded_xml(reader: PdfReader) -> list[tuple[str, bytes]]:
    """The embedded XML files, found through the name tree and, where a producer forgot that, the associated files."""
    files: dict[str, EmbeddedFile] = {}
    for file in reader.attachment_list:
        if len(files) >= _EMBEDDED_MAX:
            break
        files.setdefault(file.name, file)
    catalog = reader.trailer["/Root"].get_object()
    associated = catalog["/AF"] if isinstance(catalog, DictionaryObject) and "/AF" in catalog else ArrayObject()
    for item in associated if isinstance(associated, ArrayObject) else ():
        specification = item.get_object()
        if isinstance(specification, DictionaryObject) and len(files) < _EMBEDDED_MAX:
            name = str(specification.get("/UF", specification.get("/F", "")))
            files.setdefault(name, EmbeddedFile(name, specification, ArrayObject()))
    xml = {name: file for name, file in files.items() if name.lower().endswith(".xml")}
    return [(name, bytes(xml[name].content)) for name in sorted(xml, key=_likelihood)]


def _likelihood(name: str) -> tuple[int, str]:
    lower = name.lower()
    return (INVOICE_NAMES.index(lower) if lower in INVOICE_NAMES else len(INVOICE_NAMES)), lower


def _extract_text(reader: PdfReader, name: str) -> PdfContent:
    count = len(reader.pages)
    if count > PDF_PAGES_MAX:
        raise UnreadableInvoice(name, f"the PDF has {count} pages, more than the {PDF_PAGES_MAX} that are read")
    parts: list[str] = []
    pages: list[PageText] = []
    position = 0
    for number, page in enumerate(reader.pages, 1):
        written = page.extract_text(extraction_mode="layout").rstrip() + "\n"
        if position + len(written) > TEXT_CHARACTERS_MAX:
            raise UnreadableInvoice(name, f"the PDF has more than {TEXT_CHARACTERS_MAX:,} characters of text")
        pages.append(PageText(number, position, position + len(written)))
        parts.append(written)
        position += len(written)
    text = "".join(parts)
    if not text.strip():
        reason = "no pages" if not count else "no text: it is probably a scan, which needs text recognition or a person"
        raise UnreadableInvoice(name, f"the PDF has {reason}")
    return PdfContent(text=text, pages=tuple(pages))
