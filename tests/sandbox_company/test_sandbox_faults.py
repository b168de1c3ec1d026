"""Faults that the systems are told to have."""

import time
from typing import Any

import httpx
import pytest


def statuses(company: Any, count: int) -> list[int]:
    return [company.http.get("/erp/suppliers").status_code for _ in range(count)]


def test_a_slow_system_takes_its_time_and_the_other_does_not(company: Any) -> None:
    company.fault(erp={"latency_ms": 300})
    before = time.monotonic()
    company.http.get("/erp/postings")
    middle = time.monotonic()
    company.http.get("/bank/payments")
    after = time.monotonic()
    assert middle - before >= 0.3
    assert after - middle < 0.3


def test_failures_come_in_the_share_asked_for_and_repeat_with_the_seed(company: Any) -> None:
    company.fault(erp={"fail": 0.3, "seed": 7})
    first = statuses(company, 100)
    company.fault(erp={"fail": 0.3, "seed": 7})
    assert statuses(company, 100) == first
    assert 15 <= first.count(503) <= 45
    company.fault(erp={"fail": 0.3, "seed": 8})
    assert statuses(company, 100) != first


def test_a_failed_request_was_not_carried_out(company: Any) -> None:
    before = len(company.paid())
    company.fault(bank={"fail": 1})
    assert company.pay(company.payment(), "failed").status_code == 503
    company.fault()
    assert len(company.paid()) == before


def test_a_system_that_is_down_refuses_everything_until_it_is_turned_on(company: Any) -> None:
    company.fault(bank={"down": True})
    assert company.http.get("/bank/payments").status_code == 503
    assert company.http.get("/erp/suppliers").status_code == 200
    company.fault()
    assert company.http.get("/bank/payments").status_code == 200


def test_a_system_that_is_down_for_a_time_comes_back_by_itself(company: Any) -> None:
    company.fault(bank={"down_for_s": 0.5})
    assert company.http.get("/bank/payments").status_code == 503
    time.sleep(0.6)
    assert company.http.get("/bank/payments").status_code == 200


def test_a_lost_answer_closes_the_connection_after_the_payment_was_made(company: Any) -> None:
    before, payment = len(company.paid()), company.payment()
    company.fault(bank={"lost": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        company.pay(payment, "lost")
    company.fault()
    assert len(company.paid()) == before + 1
    assert company.pay(payment, "lost").json()["reference"] == company.paid()[-1]["reference"]
    assert len(company.paid()) == before + 1


def test_a_request_delivered_twice_pays_twice_unless_it_has_a_key(company: Any) -> None:
    before, payment = len(company.paid()), company.payment()
    company.fault(bank={"twice": 1})
    assert company.pay(payment, "twice").status_code == 201
    assert company.pay(payment).status_code == 201
    company.fault()
    assert len(company.paid()) == before + 3


def test_payments_to_a_refused_account_fail_for_good_until_it_is_lifted(company: Any) -> None:
    payment = company.payment()
    company.fault(bank={"refuse_ibans": [payment["iban"]]})
    answer = company.pay(payment, "refused")
    assert answer.status_code == 422
    assert "refuses payments" in answer.json()["error"]
    company.fault()
    assert company.pay(payment, "refused").status_code == 201


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        ({"bank": {"fail": 2}}, "bank.fail is 2.0"),
        ({"erp": {"latency_ms": -1}}, "erp.latency_ms is -1"),
        ({"erp": {"latency": 5}}, "unknown field `latency`"),
        ({"tax office": {}}, "unknown field `tax office`"),
    ],
)
def test_faults_that_make_no_sense_are_refused_and_change_nothing(company: Any, faults: Any, message: str) -> None:
    company.fault(erp={"latency_ms": 1})
    answer = company.http.put("/admin/faults", json=faults)
    assert answer.status_code == 400
    assert message in answer.json()["error"]
    assert company.http.get("/admin/faults").json()["erp"]["latency_ms"] == 1
