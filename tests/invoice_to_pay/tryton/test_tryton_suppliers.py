"""Whom an invoice comes from: by VAT id, by IBAN, by name, and rather nobody than the wrong one."""

import pytest
from tests.invoice_to_pay.tryton.shop import STEEL, STEEL_IBAN, STEEL_VAT_ID, Shop

PAPER = "Papier & Co. KG"
PAPER_IBAN = "DE02120300000000202051"


@pytest.mark.parametrize(
    ("vat_id", "name", "iban", "found"),
    [
        (STEEL_VAT_ID, "", "", STEEL),
        ("DE 136 695 976", "", "", STEEL),
        (STEEL_VAT_ID, PAPER, PAPER_IBAN, STEEL),
        ("", "", STEEL_IBAN, STEEL),
        ("", "", "DE89 3704 0044 0532 0130 00", STEEL),
        ("", PAPER, "", PAPER),
        ("", "PAPIER & CO. KG", "", PAPER),
        ("DE999999999", PAPER, "", PAPER),
        ("DE999999999", STEEL, STEEL_IBAN, None),
        ("", "Papier", "", None),
        ("", "%", "", None),
        ("", "Papier _ Co. KG", "", None),
        ("", "", "", None),
        ("", "Nobody Ltd", "GB82WEST12345698765432", None),
    ],
)
def test_a_supplier_is_found_by_what_identifies_it(
    shop: Shop, vat_id: str, name: str, iban: str, found: str | None
) -> None:
    supplier = shop.erp.find_supplier(vat_id=vat_id, name=name, iban=iban)
    assert (supplier.name if supplier else None) == found


def test_the_account_on_file_stays_the_one_on_file_when_the_invoice_names_another(shop: Shop) -> None:
    supplier = shop.erp.find_supplier(vat_id=STEEL_VAT_ID, name="", iban="GB82WEST12345698765432")
    assert supplier is not None
    assert supplier.iban == STEEL_IBAN


def test_any_of_several_accounts_on_file_is_on_file(shop: Shop) -> None:
    party = int(shop.supplier.partition(",")[2])
    second = "NL91ABNA0417164300"
    numbers = [("create", [{"type": "iban", "number": second}])]
    shop.admin.create("bank.account", {"owners": [("add", [party])], "numbers": numbers})
    by_second = shop.erp.find_supplier(vat_id=STEEL_VAT_ID, name="", iban=second)
    by_none = shop.erp.find_supplier(vat_id=STEEL_VAT_ID, name="", iban="")
    assert by_second is not None
    assert by_none is not None
    assert (by_second.iban, by_none.iban) == (second, STEEL_IBAN)


def test_two_suppliers_of_one_name_are_nobody(shop: Shop) -> None:
    for _ in range(2):
        shop.admin.create("party.party", {"name": "Twin Trading"})
    assert shop.erp.find_supplier(vat_id="", name="Twin Trading", iban="") is None


def test_a_blocked_supplier_is_found_and_not_active(shop: Shop) -> None:
    shop.admin.create("party.party", {"name": "Blocked & Sons", "active": False})
    supplier = shop.erp.find_supplier(vat_id="", name="Blocked & Sons", iban="")
    assert supplier is not None
    assert (supplier.active, supplier.iban) == (False, "")
