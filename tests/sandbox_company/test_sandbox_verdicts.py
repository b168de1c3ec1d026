"""The truth is fair: checks and matching find a reason to stop every flawed invoice, and none to stop a clean one."""

from collections.abc import Iterator
from typing import Any

import pytest

from invoice_to_pay.checking import check_invoice
from invoice_to_pay.matching import Tolerances, bank_detail_change, duplicates, match_invoice
from invoice_to_pay.reading import UnreadableInvoice, read_invoice
from invoice_to_pay.systems.sandbox import SandboxConnection, SandboxErp
from sandbox_company.flaws import FLAWS
from sandbox_company.generator import AS_OF, CLEAN, Case, generate

SEED, INVOICES = 11, 100
FORMALITIES = ("BR-01", "BR-09", "BR-11")
"""What printed invoices never say: the specification that they follow, and countries by their codes."""


@pytest.fixture(scope="module")
def erp(tmp_path_factory: pytest.TempPathFactory, company_class: Any) -> Iterator[SandboxErp]:
    folder = tmp_path_factory.mktemp("company")
    company = company_class(folder, "--seed", str(SEED), "--invoices", str(INVOICES))
    connection = SandboxConnection(company.url)
    yield SandboxErp(connection)
    connection.close()
    company.stop()


def reasons(case: Case, erp: SandboxErp) -> set[str]:
    """Everything that speaks against paying, by its kind."""
    try:
        invoice = read_invoice(case.content, case.media_type, case.name).invoice
    except UnreadableInvoice:
        return {"unreadable"}
    found = {finding.kind for finding in check_invoice(invoice, AS_OF) if finding.code not in FORMALITIES}
    seller = invoice.seller
    supplier = erp.find_supplier(vat_id=seller.vat_id, name=seller.name, iban=invoice.payment[0].iban)
    if supplier is None:
        return found | {"unknown supplier"}
    order = erp.find_order(invoice.order_number)
    receipts = erp.receipts(order.number) if order else ()
    match = match_invoice(invoice, order, receipts, Tolerances(), supplier.id)
    found |= {difference.kind for difference in match.differences}
    found |= {duplicate.kind for duplicate in duplicates(invoice, erp.prior_invoices(supplier.id))}
    return found | ({"changed iban"} if bank_detail_change(invoice, supplier) else set())


def test_every_flaw_is_found_by_its_own_reason_and_clean_invoices_have_none(erp: SandboxErp) -> None:
    own_reason = {
        "price mismatch": "price",
        "quantity mismatch": "over-invoiced",
        "missing order": "no order",
        "unknown supplier": "unknown supplier",
        "duplicate number": "same number",
        "duplicate content": "same content",
        "changed iban": "changed iban",
        "wrong vat": "vat rate",
        "arithmetic error": "arithmetic",
        "unreadable": "unreadable",
    }
    assert own_reason.keys() == FLAWS.keys()
    for case in generate(SEED, INVOICES):
        found = reasons(case, erp)
        if case.kind == CLEAN:
            assert found == set(), (case.name, found)
        elif case.kind == "quantity mismatch":
            assert found & {"over-invoiced", "receipt", "quantity"}, (case.name, found)
        else:
            assert own_reason[case.kind] in found, (case.name, case.kind, found)
