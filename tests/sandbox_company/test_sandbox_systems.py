"""The ERP and the bank over HTTP, as a process of its own."""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox_company import service
from sandbox_company.generator import CLEAN, generate, plan

SEED, INVOICES = 11, 40


def key(name: str) -> dict[str, str]:
    return {"Idempotency-Key": name}


def test_the_erp_holds_what_the_same_seed_generates(company: Any) -> None:
    data = plan(SEED, INVOICES).master_data
    assert [entry["id"] for entry in company.http.get("/erp/suppliers").json()] == [item.id for item in data.suppliers]
    order = data.orders[0]
    assert company.http.get(f"/erp/orders/{order.number}").json()["id"] == order.id
    assert company.http.get(f"/erp/orders/{order.id}").json()["number"] == order.number


def test_the_truth_of_the_company_is_that_of_the_generator(company: Any) -> None:
    truth = company.http.get("/admin/truth").json()
    cases = list(generate(SEED, INVOICES))
    assert [entry["sha256"] for entry in truth] == [case.truth.sha256 for case in cases]
    assert [entry["kind"] for entry in truth] == [case.kind for case in cases]
    assert sum(entry["kind"] == CLEAN for entry in truth) == 36


def test_suppliers_are_found_by_vat_id_name_or_iban_however_they_are_spelt(company: Any) -> None:
    supplier = company.supplier()
    spaced = " ".join(re.findall("..?", supplier["iban"]))
    for terms in ({"vat_id": supplier["vat_id"].lower()}, {"name": supplier["name"].upper() + " "}, {"iban": spaced}):
        assert company.http.get("/erp/suppliers", params=terms).json() == [supplier]
    assert company.http.get("/erp/suppliers", params={"name": supplier["name"][:-5]}).json() == []
    assert company.http.get("/erp/suppliers", params={"name": "..."}).json() == []


def test_a_posting_counts_as_invoiced_and_a_reversal_takes_it_back(company: Any) -> None:
    order = company.http.get(f"/erp/orders/{plan(SEED, INVOICES).master_data.orders[1].number}").json()
    line = order["lines"][0]
    lines = [
        {"order_line": line["number"], "item": line["item"], "description": "", "quantity": "1.5"}
        | {"unit_price": "1", "net": "1.5", "vat_rate": "19"}
    ]
    posting = company.posting(order=order["id"], supplier=order["supplier"], lines=lines)

    def invoiced() -> float:
        return float(company.http.get(f"/erp/orders/{order['number']}/receipts").json()[0]["invoiced"])

    before = invoiced()
    reference = company.http.post("/erp/postings", json=posting, headers=key("take back")).json()["reference"]
    assert invoiced() == before + 1.5
    path = f"/erp/postings/{reference}"
    reversal = company.http.post(f"{path}/reversal", json={"reason": "bank refused"}, headers=key("reverse"))
    again = company.http.post(f"{path}/reversal", json={"reason": "bank refused"}, headers=key("reverse"))
    assert reversal.json() == again.json()
    assert invoiced() == before
    assert company.http.get(path).json()["status"] == "reversed"
    assert company.http.get(path).json()["reason"] == "bank refused"
    assert company.http.post(f"{path}/reversal", json={"reason": "x"}, headers=key("other")).status_code == 409


def test_a_cleared_posting_is_paid_and_can_no_longer_be_reversed(company: Any) -> None:
    reference = company.http.post("/erp/postings", json=company.posting(), headers=key("clear")).json()["reference"]
    cleared = company.http.post(f"/erp/postings/{reference}/clearing", json={"payment": "PAY-1"})
    assert cleared.status_code == 201
    assert company.http.get(f"/erp/postings/{reference}").json()["status"] == "paid"
    refused = company.http.post(f"/erp/postings/{reference}/reversal", json={"reason": "x"})
    assert (refused.status_code, "is paid" in refused.json()["error"]) == (409, True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"gross": "120.00"}, "do not make gross"),
        ({"net": "NaN"}, "net NaN is not an amount"),
        ({"gross": "1E+999999"}, "not an amount"),
        ({"supplier": "K0"}, "no supplier K0"),
        ({"order": "4711"}, "no order 4711"),
        ({"net": "100.001", "gross": "119.001"}, "whole cents"),
    ],
)
def test_the_erp_refuses_what_does_not_balance_or_is_not_there(company: Any, changes: Any, message: str) -> None:
    answer = company.http.post("/erp/postings", json=company.posting(**changes), headers=key(message))
    assert answer.status_code == 422
    assert message in answer.json()["error"]


def test_a_body_that_is_none_is_refused_with_the_place(company: Any) -> None:
    answer = company.http.post("/bank/payments", json={"amount": 1})
    assert answer.status_code == 400
    assert "missing required field" in answer.json()["error"]
    assert company.http.post("/bank/payments", content=b"{").status_code == 400


def test_the_same_key_pays_once_and_gives_the_same_answer(company: Any) -> None:
    before, payment = len(company.paid()), company.payment()
    first, second = company.pay(payment, "once"), company.pay(payment, "once")
    assert first.json() == second.json()
    assert len(company.paid()) == before + 1


def test_the_same_key_with_another_body_is_a_conflict(company: Any) -> None:
    assert company.pay(company.payment(), "conflict").status_code == 201
    answer = company.pay(company.payment(amount="120.00"), "conflict")
    assert answer.status_code == 409
    assert "conflict was used for another request" in answer.json()["error"]


def test_twenty_requests_at_once_with_one_key_pay_once(company: Any) -> None:
    before, payment = len(company.paid()), company.payment()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: company.pay(payment, "at once"), range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["reference"] for answer in answers}) == 1
    assert len(company.paid()) == before + 1


def test_paying_twice_without_a_key_shows_as_two_payments(company: Any) -> None:
    before, payment = len(company.paid()), company.payment()
    company.pay(payment)
    company.pay(payment)
    last = company.paid()[before:]
    assert [entry["payment"] for entry in last] == [payment, payment]
    assert last[0]["reference"] != last[1]["reference"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"iban": "DE88370400440532013000"}, "check digits"),
        ({"iban": "DE89370400440532013000"}, "can be reached"),
        ({"amount": "0"}, "above zero"),
        ({"amount": "-5"}, "above zero"),
        ({"amount": "1.005"}, "whole cents"),
        ({"amount": "NaN"}, "not an amount"),
        ({"amount": "1E+999999"}, "not an amount"),
        ({"amount": "99999999.00"}, "insufficient funds"),
        ({"currency": "USD"}, "kept in EUR"),
    ],
)
def test_the_bank_refuses_for_good_and_says_why(company: Any, changes: Any, message: str) -> None:
    before = len(company.paid())
    answer = company.pay(company.payment(**changes), message)
    assert answer.status_code == 422
    assert message in answer.json()["error"]
    assert len(company.paid()) == before


def test_the_balance_is_the_opening_less_all_payments(company: Any) -> None:
    statement = company.http.get("/bank/statement").json()
    total = sum(round(float(entry["payment"]["amount"]) * 100) for entry in statement["payments"])
    assert round(float(statement["paid"]) * 100) == total
    assert float(statement["balance"]) == float(statement["opening"]) - float(statement["paid"])


def test_master_data_can_be_added_while_it_runs(company: Any) -> None:
    supplier = {"id": "K9", "name": "Neu GmbH", "vat_id": "DE136695976", "iban": "DE89370400440532013000"}
    assert company.http.post("/admin/master-data", json={"suppliers": [supplier]}).status_code == 200
    found = company.http.get("/erp/suppliers", params={"vat_id": "DE136695976"}).json()
    assert [entry["id"] for entry in found] == ["K9"]
    assert company.pay(company.payment(iban=supplier["iban"]), "new supplier").status_code == 201


def test_the_comparison_sees_what_was_paid_wrongly(start: Callable[..., Any]) -> None:
    company = start("--seed", "1", "--invoices", "20")
    truth = company.http.get("/admin/truth").json()
    clean = next(entry for entry in truth if entry["route"] == "straight through")
    iban, amount, number = clean["iban"], clean["amount"], clean["invoice_number"]
    company.pay(company.payment(iban=iban, amount=amount, reference=number))
    found = company.http.get("/admin/comparison").json()
    assert (found["wrongly_paid"], found["paid_twice"], len(found["not_paid"])) == ([], [], 16)
    company.pay(company.payment(iban=iban, amount=amount, reference=number))
    company.pay(company.payment(reference="made up"))
    found = company.http.get("/admin/comparison").json()
    assert (found["wrongly_paid"], found["paid_twice"]) == (["PAY-000003"], [clean["file"]])


def test_every_path_is_listed_in_the_description_of_the_service(company: Any) -> None:
    described = re.sub(r"{\w+}", "{}", service.__doc__ or "")
    paths = company.http.get("/openapi.json").json()["paths"]
    assert len(paths) > 10
    for path in paths:
        assert re.sub(r"{\w+}", "{}", path) + "``" in described, path


def test_it_stops_cleanly_on_either_signal(start: Callable[..., Any]) -> None:
    company = start("--invoices", "5")
    assert (company.folder / "port").read_text().strip() == company.url.rsplit(":", 1)[1]
    assert company.stop(signal.SIGTERM) == 0
    assert company.errors() == ""
    assert start().stop(signal.SIGINT) == 0


def test_a_restart_goes_on_with_the_same_books(start: Callable[..., Any]) -> None:
    company = start("--seed", "3", "--invoices", "5")
    company.pay(company.payment(), "before")
    supplier = company.supplier()
    company.stop()
    again = start()
    assert again.supplier() == supplier
    assert len(again.http.get("/admin/truth").json()) == 5
    assert len(again.paid()) == 1
    assert again.pay(again.payment(), "before").json()["reference"] == "PAY-000001"
    again.stop()
    with pytest.raises(RuntimeError, match="--seed 3 --invoices 5"):
        start("--seed", "4")


def test_a_port_in_use_is_one_clear_message(start: Callable[..., Any], tmp_path: Path) -> None:
    port = start("--invoices", "1").url.rsplit(":", 1)[1]
    with pytest.raises(RuntimeError, match=f"^the company did not start: sandbox_company: port {port} cannot be used"):
        start("--port", port, folder=tmp_path / "other")


def test_acknowledged_payments_survive_kill_9(start: Callable[..., Any]) -> None:
    acknowledged: list[str] = []
    company = start("--invoices", "5")
    for round_ in range(3):
        payment = company.payment()
        with ThreadPoolExecutor(4) as pool:

            def pay(name: str, company: Any = company, payment: Any = payment) -> None:
                try:
                    answer = company.pay(payment, name)
                except httpx.TransportError:
                    return
                acknowledged.append(answer.json()["reference"])

            for number in range(60):
                pool.submit(pay, f"{round_}/{number}")
                if number == 40:
                    while len(acknowledged) < (round_ + 1) * 10:
                        time.sleep(0.005)
                    company.process.kill()
        company.stop(signal.SIGKILL)
        company = start()
        books = [entry["reference"] for entry in company.paid()]
        assert len(acknowledged) >= (round_ + 1) * 10
        assert set(acknowledged) <= set(books)
        keys = [entry["idempotency_key"] for entry in company.paid()]
        assert len(set(keys)) == len(keys)


def test_generate_writes_the_invoices_and_their_truth(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox_company", "generate", "--count", "12", "--seed", "3", "--out"]
    roots = [str(Path(__file__).parents[2] / name) for name in ("src", "examples")]
    for name in ("one", "two"):
        subprocess.run([*command, str(tmp_path / name)], check=True, env={"PYTHONPATH": ":".join(roots)})
    files = {path.name: path.read_bytes() for path in (tmp_path / "one" / "invoices").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "two" / "invoices").iterdir()}
    assert files == {case.name: case.content for case in generate(3, 12)}
    assert (tmp_path / "one" / "truth.json").read_bytes() == (tmp_path / "two" / "truth.json").read_bytes()
