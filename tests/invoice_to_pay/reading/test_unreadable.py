"""What cannot be read as an invoice gets one clear message, soon, and never a traceback of a library's."""

import contextlib
import time
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from random import Random

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DecodedStreamObject, NameObject

from invoice_to_pay.reading import UnreadableInvoice, read_invoice


def _refusal(content: bytes, name: str = "post.bin") -> str:
    started = time.monotonic()
    with pytest.raises(UnreadableInvoice) as caught:
        read_invoice(content, name=name)
    assert time.monotonic() - started < 20
    assert str(caught.value).startswith(name)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_broken_xml_names_the_line(ubl: str) -> None:
    assert "broken XML at line 5" in _refusal(ubl.replace("R-1", "R & 1").encode())
    assert "broken XML" in _refusal(ubl[: len(ubl) // 2].encode())


def test_an_external_entity_is_refused_and_never_opened(ubl: str, tmp_path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    attack = ubl.replace("?>", f'?><!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>', 1).replace("R-1", "&e;")
    refusal = _refusal(attack.encode())
    assert "DTD" in refusal
    assert "the secret" not in refusal


def test_an_entity_bomb_is_refused_before_it_grows(ubl: str) -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    bomb = ubl.replace("?>", f'?><!DOCTYPE x [<!ENTITY e0 "ha">{entities}]>', 1).replace("R-1", "&e11;")
    assert "DTD" in _refusal(bomb.encode())


def test_a_document_type_without_entities_is_refused_too(ubl: str) -> None:
    remote = ubl.replace("?>", '?><!DOCTYPE Invoice SYSTEM "http://127.0.0.1:9/invoice.dtd">', 1)
    assert "DTD" in _refusal(remote.encode("utf-16"))


def test_xml_nested_without_end_is_refused() -> None:
    assert "broken XML" in _refusal(b"<a>" * 200_000)
    assert "XML" in _refusal(b"<a>" * 2_000 + b"</a>" * 2_000)


def test_xml_that_is_no_invoice_says_what_it_is() -> None:
    assert "no invoice: its root is <order>" in _refusal(b"<order><id>1</id></order>")
    assert "<html>" in _refusal(b"<html><body>Rechnung</body></html>")


def test_xml_in_an_encoding_that_it_is_not_in_is_refused(ubl: str) -> None:
    assert "cannot be decoded" in _refusal(ubl.encode("latin-1"))
    assert "cannot be decoded" in _refusal(ubl.replace("UTF-8", "no-such-code").encode())


def test_an_empty_file_and_an_empty_pdf_are_refused(draw: Callable[..., bytes]) -> None:
    assert "empty" in _refusal(b"")
    assert "empty" in _refusal(b" \n\t ")
    assert "scan" in _refusal(draw([]))
    assert "damaged" in _refusal(b"%PDF-1.7\n")


def test_a_damaged_pdf_is_refused(draw: Callable[..., bytes]) -> None:
    whole = draw(["INVOICE", "Invoice number: 17", "Total 11.90"])
    for cut in (20, len(whole) // 3, len(whole) // 2):
        _refusal(whole[:cut])


def test_an_encrypted_pdf_is_refused(draw: Callable[..., bytes]) -> None:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(draw(["Invoice number: 17"]))))
    writer.encrypt("secret", algorithm="RC4-128")
    target = BytesIO()
    writer.write(target)
    assert "password" in _refusal(target.getvalue())


def test_a_file_that_is_too_large_is_refused_unread() -> None:
    assert "21.0 MB, more than the 20 MB" in _refusal(b"<" * (21 * 1024 * 1024))


def test_a_pdf_stream_that_blows_up_is_refused(draw: Callable[..., bytes]) -> None:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(draw(["Invoice number: 17"]))))
    stream = DecodedStreamObject()
    stream[NameObject("/Filter")] = NameObject("/FlateDecode")
    stream._data = zlib.compress(b"BT (a) Tj ET " * 10_000_000, 9)
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream)
    target = BytesIO()
    writer.write(target)
    assert len(target.getvalue()) < 1_000_000
    assert "beyond the bounds" in _refusal(target.getvalue())


def test_a_zip_bomb_is_not_unpacked() -> None:
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("invoice.xml", b"0" * 50_000_000)
    assert "neither XML, PDF nor text" in _refusal(target.getvalue())


def test_text_that_is_no_invoice_is_refused(draw: Callable[..., bytes]) -> None:
    assert "does not look like an invoice" in _refusal(b"Dear all,\nthe meeting is on Monday.\n")
    assert "does not look like an invoice" in _refusal(draw(["Minutes", "Date: 2026-03-01", "Total present: 12"]))


def test_the_message_names_the_file_inside_a_pdf(draw: Callable[..., bytes], ubl: str) -> None:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(draw(["Invoice number: 17", "Total 11.90"]))))
    writer.add_attachment("factur-x.xml", ubl[:300].encode())
    target = BytesIO()
    writer.write(target)
    assert "(factur-x.xml): broken XML" in _refusal(target.getvalue())


@pytest.mark.parametrize(
    "line",
    [" " * 390 + "x", "1 " * 200, "19 % vat 1.00 " * 28 + "x", "date 1.1.2026 " * 28, "total 1.00 " + " " * 380 + "x"],
)
def test_hostile_lines_take_little_time(line: str) -> None:
    text = "Invoice number: 17\nPos Description Qty Unit price Amount\n" + f"{line}\n" * 300
    started = time.monotonic()
    with contextlib.suppress(UnreadableInvoice):
        read_invoice(text.encode())
    assert time.monotonic() - started < 10


def test_any_damage_to_a_pdf_gives_a_reading_or_one_message(draw: Callable[..., bytes]) -> None:
    whole = draw(["ACME Ltd", "Invoice number: A-17", "Invoice date: 2026-03-01", "Total 99.00 EUR"])
    random = Random(20260301)
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(random.randint(1, 12)):
            damaged[random.randrange(len(damaged))] = random.randrange(256)
        with contextlib.suppress(UnreadableInvoice):
            assert 0 <= read_invoice(bytes(damaged)).confidence <= 1
