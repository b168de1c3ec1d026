"""What a mask hides, and what it leaves."""

import pytest

from clearance.model.values import Data
from clearance.views.brief import Action, Brief, DocumentRef, Fact, Field
from clearance.web.masking import masked_brief, masked_variable

SUPPLIER = {"name": "Acme", "bank": {"iban": "DE02"}, "accounts": [{"iban": "DE03"}, {"bic": "X"}]}


@pytest.mark.parametrize(
    ("mask", "shown", "masked"),
    [
        (("supplier.bank.iban",), {**SUPPLIER, "bank": {"iban": None}}, True),
        (("supplier.accounts.iban",), {**SUPPLIER, "accounts": [{"iban": None}, {"bic": "X"}]}, True),
        (("supplier",), None, True),
        (("supplier.name", "supplier.bank"), {**SUPPLIER, "name": None, "bank": None}, True),
        (("supplier.phone", "invoice.name", "name"), SUPPLIER, False),
        ((), SUPPLIER, False),
    ],
)
def test_the_value_at_a_path_becomes_null_and_nothing_else(mask: tuple[str, ...], shown: Data, masked: bool) -> None:
    assert masked_variable("supplier", SUPPLIER, mask) == (shown, masked)
    assert SUPPLIER["bank"] == {"iban": "DE02"}, "what is kept is not changed"


def test_a_brief_hides_fields_facts_parameters_and_the_document() -> None:
    brief = Brief(
        document=DocumentRef(sha256="a" * 64),
        fields=(
            Field(name="iban", label="IBAN", value="DE02", start=3, end=7),
            Field(name="total", label="Total", value=5),
        ),
        facts=(Fact(label="IBAN on file", name="supplier.iban", expected="DE01", actual="DE02"),),
        action=Action(
            operation="pay", target="bank", parameters={"supplier": {"iban": "DE02"}, "amount": 5}, sha256="b"
        ),
    )
    shown = masked_brief(brief, ("supplier.iban", "document"))
    assert shown.document is None
    assert [(field.value, field.masked, field.end) for field in shown.fields] == [(None, True, 0), (5, False, 0)]
    assert [(fact.expected, fact.actual, fact.masked) for fact in shown.facts] == [(None, None, True)]
    assert shown.action is not None
    assert shown.action.parameters == {"supplier": {"iban": None}, "amount": 5}
    assert masked_brief(brief, ()) is brief
