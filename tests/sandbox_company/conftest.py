"""A sandbox company of its own process for each test that asks for one."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

SEED, INVOICES = 11, 40


class Company:
    """A running sandbox company."""

    def __init__(self, folder: Path, *options: str) -> None:
        command = [sys.executable, "-m", "sandbox_company", "serve", "--data", str(folder), *options]
        roots = [str(Path(__file__).parents[2] / name) for name in ("src", "examples")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*roots, os.environ.get("PYTHONPATH", "")])}
        self.folder = folder
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.wait(10)
            raise RuntimeError(f"the company did not start: {self.errors()}")
        self.url = json.loads(line)["url"]
        self.http = httpx.Client(base_url=self.url, trust_env=False, timeout=20)

    def errors(self) -> str:
        assert self.process.stderr is not None
        return self.process.stderr.read()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.http.close()
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(15)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None and how is not signal.SIGTERM:
                stream.close()
        return code

    def fault(self, **systems: dict[str, object]) -> None:
        answer = self.http.put("/admin/faults", json=systems)
        assert answer.status_code == 200, answer.text

    def supplier(self) -> dict[str, str]:
        found: dict[str, str] = self.http.get("/erp/suppliers").json()[0]
        return found

    def payment(self, **changes: str) -> dict[str, str]:
        supplier = self.supplier()
        payment = {
            "supplier": supplier["id"],
            "iban": supplier["iban"],
            "creditor": supplier["name"],
            "amount": "119.00",
            "currency": "EUR",
            "reference": "RE-1",
            "posting": "INV-000001",
        }
        return payment | changes

    def posting(self, **changes: object) -> dict[str, object]:
        posting: dict[str, object] = {
            "supplier": self.supplier()["id"],
            "invoice_number": "RE-1",
            "invoice_date": "2025-06-30",
            "due_date": "2025-07-30",
            "currency": "EUR",
            "net": "100.00",
            "tax": "19.00",
            "gross": "119.00",
            "lines": [],
        }
        return posting | changes

    def pay(self, payment: dict[str, str], key: str = "") -> httpx.Response:
        return self.http.post("/bank/payments", json=payment, headers={"Idempotency-Key": key} if key else {})

    def paid(self) -> list[dict[str, object]]:
        found: list[dict[str, object]] = self.http.get("/bank/payments").json()
        return found


@pytest.fixture(scope="session")
def company_class() -> type[Company]:
    """For fixtures that start a company of their own."""
    return Company


StartCompany = Callable[..., Company]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[StartCompany]:
    """Starts companies on the test's folder, and ends them with it."""
    started: list[Company] = []

    def start_company(*options: str, folder: Path = tmp_path / "company") -> Company:
        company = Company(folder, *options)
        started.append(company)
        return company

    yield start_company
    for company in started:
        if company.process.poll() is None:
            company.stop(signal.SIGKILL)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """One company for the tests of a module that leave it as they found it, or do not mind."""
    folder = tmp_path_factory.mktemp("company")
    company = Company(folder, "--seed", str(SEED), "--invoices", str(INVOICES))
    yield company
    company.stop()


@pytest.fixture
def company(shared: Company) -> Iterator[Company]:
    """The shared company, without faults before and after."""
    shared.fault()
    yield shared
    shared.fault()
