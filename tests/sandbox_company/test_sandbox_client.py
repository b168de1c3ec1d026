"""The client that the process uses: the protocols over HTTP, and what becomes of errors."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest

from clearance.model.work import Permanent, Temporary
from invoice_to_pay.matching import duplicates
from invoice_to_pay.reading import read_invoice
from invoice_to_pay.systems import Bank, Erp, Payment, Posting, PostingLine
from invoice_to_pay.systems.sandbox import SandboxBank, SandboxConnection, SandboxErp
from sandbox_company.generator import generate, plan

SEED, INVOICES = 11, 40


@pytest.fixture
def connection(company: Any) -> Iterator[SandboxConnection]:
    opened = SandboxConnection(company.url)
    yield opened
    opened.close()


@pytest.fixture
def erp(connection: SandboxConnection) -> Erp:
    return SandboxErp(connection)


@pytest.fixture
def bank(connection: SandboxConnection) -> Bank:
    return SandboxBank(connection)


def payment(company: Any, amount: str = "50.00", **changes: str) -> Payment:
    fields = company.payment(**changes)
    return Payment(**{**fields, "amount": Decimal(amount)})


def test_suppliers_orders_and_receipts_arrive_typed_and_exact(erp: Erp) -> None:
    order = plan(SEED, INVOICES).master_data.orders[0]
    found = erp.find_order(f" {order.number} ")
    assert found is not None
    assert [line.unit_price for line in found.lines] == [line.unit_price for line in order.lines]
    assert [receipt.received for receipt in erp.receipts(order.number)] == [line.received for line in order.lines]
    assert erp.receipts(found.id) == erp.receipts(found.number)


def test_the_vat_id_counts_more_than_the_name_and_the_name_more_than_the_iban(erp: Erp) -> None:
    first, second, third = plan(SEED, INVOICES).master_data.suppliers[:3]
    for terms, expected in (
        ((first.vat_id, second.name, third.iban), first.id),
        (("DE000000000", second.name, third.iban), second.id),
        (("", "", third.iban), third.id),
    ):
        vat_id, name, iban = terms
        found = erp.find_supplier(vat_id=vat_id, name=name, iban=iban)
        assert found is not None
        assert found.id == expected


def test_what_is_not_there_is_none(erp: Erp) -> None:
    assert erp.find_supplier(vat_id="DE000000000", name="Niemand GmbH", iban="") is None
    assert erp.find_supplier(vat_id="", name=" ", iban="") is None
    assert erp.find_order("4711") is None
    assert erp.find_order("") is None
    assert erp.find_order("../../admin/truth?x=1#y") is None


def test_duplicates_are_found_by_number_and_by_content_and_nothing_else_is(erp: Erp) -> None:
    for case in generate(SEED, INVOICES):
        if not case.truth.supplier or case.format == "scan":
            continue
        invoice = read_invoice(case.content, case.media_type, case.name).invoice
        found = [duplicate.kind for duplicate in duplicates(invoice, erp.prior_invoices(case.truth.supplier))]
        expected = {"duplicate number": ["same number"], "duplicate content": ["same content"]}
        assert found == expected.get(case.kind, []), (case.name, case.kind)


def test_posting_and_reversing_are_done_once_for_a_key(erp: Erp, company: Any) -> None:
    supplier = company.supplier()["id"]
    line = PostingLine(
        order_line="10",
        item="A",
        description="Schrauben",
        quantity=Decimal(3),
        unit_price=Decimal("10.00"),
        net=Decimal("30.00"),
        vat_rate=Decimal(19),
    )
    posting = Posting(
        supplier=supplier,
        invoice_number="RE-77",
        invoice_date="2025-06-30",
        due_date="2025-07-30",
        currency="EUR",
        net=Decimal("30.00"),
        tax=Decimal("5.70"),
        gross=Decimal("35.70"),
        lines=(line,),
        fingerprint="f" * 64,
    )
    reference = erp.post_invoice(posting, idempotency_key="post 77")
    assert erp.post_invoice(posting, idempotency_key="post 77") == reference
    mine = [prior for prior in erp.prior_invoices(supplier) if prior.number == "RE-77"]
    assert [(prior.status, prior.total, prior.fingerprint) for prior in mine] == [
        ("posted", Decimal("35.70"), "f" * 64)
    ]
    reversal = erp.reverse_posting(reference, reason="refused", idempotency_key="reverse 77")
    assert erp.reverse_posting(reference, reason="refused", idempotency_key="reverse 77") == reversal
    with pytest.raises(Permanent, match=r"only what is posted can be reversed .*409"):
        erp.reverse_posting(reference, reason="refused", idempotency_key="again")


def test_a_payment_whose_answer_was_lost_is_made_once(bank: Bank, company: Any) -> None:
    before, wanted = len(company.paid()), payment(company)
    company.fault(bank={"lost": 1})
    with pytest.raises(Temporary):
        bank.pay(wanted, idempotency_key="client lost")
    company.fault()
    assert bank.pay(wanted, idempotency_key="client lost") == company.paid()[-1]["reference"]
    assert len(company.paid()) == before + 1


def test_what_the_bank_refuses_is_permanent_in_its_own_words(bank: Bank, company: Any) -> None:
    with pytest.raises(Permanent, match="no account DE89370400440532013000 can be reached"):
        bank.pay(payment(company, iban="DE89370400440532013000"), idempotency_key="client unknown")
    bank.pay(payment(company), idempotency_key="client conflict")
    with pytest.raises(Permanent, match="used for another request"):
        bank.pay(payment(company, "51.00"), idempotency_key="client conflict")


def test_an_action_without_a_key_is_refused_before_it_leaves(bank: Bank, company: Any) -> None:
    before = len(company.paid())
    with pytest.raises(Permanent, match="needs an idempotency key"):
        bank.pay(payment(company), idempotency_key="")
    assert len(company.paid()) == before


def test_a_system_that_is_down_or_slow_is_temporary(company: Any) -> None:
    impatient = SandboxConnection(company.url, timeout_s=0.2)
    company.fault(erp={"down": True})
    with pytest.raises(Temporary, match="the system is down"):
        SandboxErp(impatient).find_order("4500000001")
    company.fault(erp={"latency_ms": 1000})
    with pytest.raises(Temporary, match="no answer in time"):
        SandboxErp(impatient).find_order("4500000001")
    impatient.close()


def test_nobody_listening_is_temporary() -> None:
    with pytest.raises(Temporary, match=r"127\.0\.0\.1"):
        SandboxErp(SandboxConnection("http://127.0.0.1:1")).find_order("1")


def test_one_connection_serves_many_threads(bank: Bank, company: Any) -> None:
    before, wanted = len(company.paid()), payment(company)
    with ThreadPoolExecutor(16) as pool:
        references = list(pool.map(lambda number: bank.pay(wanted, idempotency_key=f"thread {number % 20}"), range(60)))
    assert len(set(references)) == 20
    assert len(company.paid()) == before + 20


class _Fixed(BaseHTTPRequestHandler):
    """Answers whatever the test wants."""

    answer: ClassVar[tuple[int, bytes]] = (200, b"")

    def do_GET(self) -> None:
        status, body = self.answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the name is given
        """Quiet."""


@pytest.mark.parametrize(
    ("status", "body", "error", "message"),
    [
        (429, b'{"error": "too fast"}', Temporary, "too fast"),
        (500, b"<html>oops", Temporary, "<html>oops"),
        (502, b"", Temporary, "502"),
        (400, b'{"error": "bad"}', Permanent, "bad"),
        (401, b"[]", Permanent, "401"),
        (302, b"", Permanent, "302"),
        (200, b"<html>a proxy's page", Permanent, "not what was agreed"),
        (200, b'{"id": 1}', Permanent, "not what was agreed"),
    ],
)
def test_statuses_become_temporary_or_permanent(
    status: int, body: bytes, error: type[Exception], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Fixed, "answer", (status, body))
    server = HTTPServer(("127.0.0.1", 0), _Fixed)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with pytest.raises(error, match=message):
            SandboxErp(SandboxConnection(f"http://127.0.0.1:{server.server_port}")).find_order("1")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
