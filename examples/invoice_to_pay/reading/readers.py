"""Which reader reads a document: structured ones are parsed exactly, text goes to a model when one is configured.

The result has the same type whoever reads, so the step in the process is the same.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from clearance.model.work import Temporary

from . import read_invoice, text_of
from .document import Reading, UnreadableInvoice
from .model_reader import read_with_model

if TYPE_CHECKING:
    from pydantic_ai.models import Model

TEXT = frozenset({"text", "text-pdf"})
_PASSES = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""HTTP statuses of a model service after which trying again may help."""


def reader_with_model(model: "Model | str") -> Callable[[bytes, str, str], Reading]:
    """A reader like ``read_invoice`` that gives text documents to a model (pydantic-ai's, or ``provider:name``)."""

    def read(content: bytes, media_type: str = "", name: str = "") -> Reading:
        try:
            reading = read_invoice(content, media_type, name)
        except UnreadableInvoice:
            syntax = "text-pdf" if b"%PDF-" in content[:1024] else "text"
        else:
            if reading.syntax not in TEXT:
                return reading
            syntax = reading.syntax
        return _ask(content, media_type, name, model, syntax)

    return read


def _ask(content: bytes, media_type: str, name: str, model: "Model | str", syntax: str) -> Reading:
    from pydantic_ai.exceptions import ModelHTTPError

    text = text_of(content, media_type, name)
    try:
        return read_with_model(text, model, name, syntax)
    except ModelHTTPError as error:
        if error.status_code in _PASSES:
            raise Temporary(f"the model {error.model_name} answered {error.status_code}") from error
        raise
