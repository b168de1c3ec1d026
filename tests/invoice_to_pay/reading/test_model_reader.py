"""A model's reading is a claim: each value must stand in the text, and the arithmetic is checked as for any other."""

from datetime import date
from decimal import Decimal

import pytest
from pydantic_ai import models
from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel

from invoice_to_pay.reading import UnreadableInvoice, text_of
from invoice_to_pay.reading.model_reader import MODEL_CHARACTERS_MAX, read_with_model

TEXT = """ACME Ltd
Invoice 17 of 1 March 2026
10 x Cable at 12.50 makes 125.00
VAT 20 % 25.00, altogether 150.00 GBP
Pay to GB33 BUKB 2020 1555 5555 55
"""
WRITTEN = {
    "number": "17",
    "issue_date": "1 March 2026",
    "currency": "GBP",
    "seller_name": "ACME Ltd",
    "iban": "GB33 BUKB 2020 1555 5555 55",
    "net_total": "125.00",
    "vat_total": "25.00",
    "gross_total": "150.00",
    "lines": [{"description": "Cable", "quantity": "10", "unit_price": "12.50", "net_amount": "125.00"}],
    "vat": [{"percent": "20", "taxable_amount": "125.00", "vat_amount": "25.00"}],
}


@pytest.fixture(autouse=True)
def _no_real_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "ALLOW_MODEL_REQUESTS", False)


def _model(**changed: object) -> FunctionModel:
    def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        assert "10 x Cable at 12.50" in str(messages)
        return ModelResponse(parts=[ToolCallPart(info.output_tools[0].name, {**WRITTEN, **changed})])

    return FunctionModel(answer)


def test_what_stands_in_the_text_is_taken_with_its_place() -> None:
    reading = read_with_model(text_of(TEXT.encode()), _model(), "a.txt")
    assert reading.confidence >= 0.95
    assert reading.invoice.issue_date == date(2026, 3, 1)
    assert reading.invoice.seller.ibans == ("GB33BUKB20201555555555",)
    assert reading.invoice.totals.gross == Decimal("150.00")
    assert reading.model.startswith("function")
    for field in reading.fields:
        assert reading.text[field.start : field.end] == field.text != ""


def test_a_value_that_stands_nowhere_costs_confidence_and_has_no_place() -> None:
    reading = read_with_model(text_of(TEXT.encode()), _model(number="18-B", iban="GB00 BUKB 0000"), "a.txt")
    made_up = [field for field in reading.fields if field.start == field.end == 0]
    assert [field.name for field in made_up] == ["number", "iban"]
    assert all(field.confidence < 0.5 for field in made_up)
    assert 'number: "18-B" does not stand in the document.' in reading.problems
    assert reading.confidence < 0.85


def test_figures_that_do_not_agree_cost_confidence() -> None:
    assert read_with_model(text_of(TEXT.encode()), _model(gross_total="125.00"), "a.txt").confidence < 0.85


def test_what_is_no_number_is_a_problem_not_a_crash() -> None:
    reading = read_with_model(text_of(TEXT.encode()), _model(net_total="ACME Ltd"), "a.txt")
    assert reading.invoice.totals.net is None
    assert 'totals.net: "ACME Ltd" is no number.' in reading.problems


def test_the_model_may_say_that_it_is_no_invoice() -> None:
    with pytest.raises(UnreadableInvoice, match="no invoice"):
        read_with_model(text_of(TEXT.encode()), _model(is_invoice=False), "a.txt")


def test_a_book_is_not_sent_to_a_model() -> None:
    with pytest.raises(UnreadableInvoice, match="longer than"):
        read_with_model(text_of(b"a" * (MODEL_CHARACTERS_MAX + 1)), _model(), "a.txt")


def test_nonsense_from_a_model_is_never_trusted() -> None:
    reading = read_with_model(text_of(TEXT.encode()), TestModel(call_tools=[]), "a.txt")
    assert reading.confidence < 0.5
