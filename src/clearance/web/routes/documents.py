"""Documents: kept once under the SHA-256 of their content, shown to those who may see an instance that has them."""

import re

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import Response

from clearance.views.ask import record
from clearance.views.variables import Document, is_sha256
from clearance.web.exchange import Call, Routes
from clearance.web.masking import DOCUMENT
from clearance.web.ports import KnowsDocuments
from clearance.web.problems import Problem, of_ruling
from clearance.web.routes.definitions import unchanging

routes = Routes("Documents")

MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(; ?charset=[\w-]+)?", re.ASCII)
SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
"""Browsers do not show PDFs in a sandbox, and PDFs run nothing in our origin."""


class Metadata(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    content_type: str
    file_name: str
    size: int


class Kept(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    document_type: str = msgspec.field(default="camunda", name="camunda.document.type")
    document_id: str
    content_hash: str
    store_id: str = "clearance"
    metadata: Metadata


@routes.add("POST", "/v2/documents", answer=Kept, status=201, raw=True)
async def keep_document(call: Call[None]) -> Kept:
    """Keep a document (multipart, field ``file``); the same content again is the same document."""
    await run_in_threadpool(call.tower.access.require, call.account, "upload")
    async with call.request.form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Problem(400, "file: missing; send multipart/form-data with the document as field 'file'")
        content, name = await file.read(), file.filename or ""
        media_type = file.content_type or ""
    media_type = media_type if MEDIA_TYPE.fullmatch(media_type) else "application/octet-stream"
    try:
        kept = await run_in_threadpool(call.tower.engine.blobs.keep, content, media_type, name)
    except ValueError as error:
        raise Problem(413, str(error)) from None
    return Kept(
        document_id=kept.sha256,
        content_hash=kept.sha256,
        metadata=Metadata(content_type=media_type, file_name=name, size=kept.size),
    )


@routes.add("GET", "/v2/documents/{sha256}", media_type="application/octet-stream")
def get_document(call: Call[None]) -> Response:
    """A document's bytes; whatever they hold, they run nothing in the reader's browser."""
    sha256 = call.path("sha256")
    if not is_sha256(sha256):
        raise Problem(400, "sha256: a document's id is 64 lower-case hexadecimal digits")
    document = _shown(call, sha256)
    try:
        content = call.tower.engine.blobs.read(sha256)
    except KeyError:
        raise Problem(404, f"There is no document {sha256}.") from None
    media_type = document.media_type if MEDIA_TYPE.fullmatch(document.media_type) else "application/octet-stream"
    answer = unchanging(call, content, sha256, media_type)
    answer.headers["Content-Disposition"] = _disposition(document.name)
    answer.headers["Content-Security-Policy"] = PDF_POLICY if media_type == "application/pdf" else SANDBOX
    return answer


def _shown(call: Call[None], sha256: str) -> Document:
    """The reference by which the person may see the document."""
    found = record.documents(call.tower.reader, sha256)
    if not found:
        call.tower.access.require(call.account, "see", element=DOCUMENT)
        return _kept_as(call, sha256)
    ruling = None
    for process, document in found:
        ruling = call.tower.access.on(call.account, "see", process)
        if ruling.permits and DOCUMENT not in ruling.mask:
            return document
    if ruling is None or ruling.permits:
        raise Problem(403, "Your roles may not see this document.")
    raise of_ruling(ruling)


def _kept_as(call: Call[None], sha256: str) -> Document:
    """A document that no instance refers to (yet)."""
    blobs = call.tower.engine.blobs
    if isinstance(blobs, KnowsDocuments):
        try:
            about = blobs.about(sha256)
        except KeyError:
            raise Problem(404, f"There is no document {sha256}.") from None
        return Document(sha256, about.name, about.media_type, about.size)
    return Document(sha256, "", "application/octet-stream", 0)


def _disposition(name: str) -> str:
    """Shown in place, under its name; RFC 6266 with the extended form for what ASCII lacks."""
    plain = re.sub(r"[^\w .()-]", "_", name, flags=re.ASCII)[:100] or "document"
    encoded = "".join(
        chr(byte) if re.match(r"[\w.-]", chr(byte), re.ASCII) else f"%{byte:02X}" for byte in name.encode()
    )
    return f'inline; filename="{plain}"' + (f"; filename*=UTF-8''{encoded}" if name and name != plain else "")
