"""Invoice to pay, whole: the real process, actors, tables and sandbox company, on a clock that stands still."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import msgspec
import pytest

import invoice_to_pay
from clearance import bpmn
from clearance.model.clearance import Person
from clearance.model.events import SubjectSet
from clearance.testing import Run, Scenario, ScenarioError
from invoice_to_pay.actors import build_actors
from invoice_to_pay.app import HERE, MESSAGE
from invoice_to_pay.process import p
from invoice_to_pay.systems.sandbox import SandboxBank, SandboxConnection, SandboxErp
from sandbox_company.generator import Case, generate
from sandbox_company.launch import Sandbox
from sandbox_company.truth import Comparison

pytestmark = pytest.mark.xdist_group("sandbox-process")

TODAY = date(2025, 6, 30)
SEED, COUNT = 4, 60


class Desk:
    """A scenario with the process deployed, on a sandbox company of its own."""

    def __init__(self, url: str, process: object = p) -> None:
        self.connection = SandboxConnection(url)
        erp, bank = SandboxErp(self.connection), SandboxBank(self.connection)
        actors = {actor.type: actor for actor in build_actors(erp, bank, today=lambda: TODAY)}
        self.scenario = Scenario(actors=actors, start=datetime(2025, 6, 30, tzinfo=UTC))
        for path in sorted((HERE / "decisions").glob("*.csv")):
            self.scenario.deploy(path)
        self.scenario.deploy(process)  # type: ignore[arg-type]

    def send(self, content: bytes, name: str) -> Run:
        kept = self.scenario.blobs.keep(content, "application/octet-stream", name)
        variables = {"document": msgspec.to_builtins(kept)}
        self.scenario.publish(MESSAGE, variables=variables, message_id=kept.sha256)
        return self.scenario.runs[-1]

    def faults(self, **settings: object) -> None:
        httpx.put(f"{self.connection.base_url}/admin/faults", json=settings, trust_env=False).raise_for_status()

    def compared(self) -> Comparison:
        return self.connection.get("/admin/comparison", Comparison)

    def payments(self) -> list[dict[str, object]]:
        return self.connection.get("/bank/payments", list)


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "sandbox", seed=SEED, invoices=COUNT, as_of=TODAY) as running:
        yield running


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    return list(generate(SEED, COUNT, as_of=TODAY))


def first(cases: list[Case], kind: str, route: str = "") -> Case:
    return next(case for case in cases if case.truth.kind == kind and route in case.truth.route)


def route_of(run: Run) -> str:
    if run.path[-1:] == ["paid"]:
        return "straight through"
    return "approval" if [task.element for task in run.tasks] == ["approve-the-invoice"] else "person"


def subject_of(run: Run) -> str:
    """What people see which case it is by."""
    return [event.text for event in run.events if isinstance(event, SubjectSet)][-1]


def test_the_process_can_be_read_aloud_in_sixty_lines() -> None:
    source = Path(invoice_to_pay.__file__).with_name("process.py").read_text()
    assert len(source.splitlines()) <= 60


def test_every_invoice_goes_the_way_that_the_truth_says(tmp_path: Path) -> None:
    count = 100
    with Sandbox(tmp_path / "sandbox", seed=11, invoices=count, as_of=TODAY) as running:
        desk = Desk(running.url)
        runs = {
            case.truth.file: (desk.send(case.content, case.name), case.truth)
            for case in generate(11, count, as_of=TODAY)
        }
        wrong = {
            name: (truth.kind, truth.route, route_of(run))
            for name, (run, truth) in runs.items()
            if route_of(run) != truth.route
        }
        assert wrong == {}
        assert [run for run, _ in runs.values() if run.incidents] == []
        automated = sum(run.state == "completed" for run, _ in runs.values())
        assert 85 <= automated <= 92
        compared = desk.compared()
    assert (compared.wrongly_paid, compared.missed, compared.paid_twice, compared.not_paid) == ((), (), (), ())


def test_the_exported_file_gives_the_same_traces(tmp_path: Path, cases: list[Case]) -> None:
    paths = []
    for name, process in (("python", p), ("bpmn", bpmn.read(bpmn.write(p.definitions())))):
        with Sandbox(tmp_path / name, seed=SEED, invoices=COUNT, as_of=TODAY) as running:
            desk = Desk(running.url, process)
            runs = [desk.send(case.content, case.name) for case in cases]
            paths.append([(run.path, run.active, run.state) for run in runs])
            assert desk.payments()
    assert paths[0] == paths[1]


def test_the_same_invoice_under_another_name_starts_nothing(company: Sandbox, cases: list[Case]) -> None:
    desk = Desk(company.url)
    desk.send(first(cases, "clean", "straight").content, "a.xml")
    with pytest.raises(ScenarioError, match="published already"):
        desk.send(first(cases, "clean", "straight").content, "b.xml")
    assert len(desk.payments()) == 1


def test_what_cannot_be_read_is_returned_by_a_person(company: Sandbox) -> None:
    desk = Desk(company.url)
    run = desk.send(b"<Invoice", "broken.xml")
    (task,) = run.tasks
    assert task.element == "ask-for-a-readable-invoice"
    assert "XML" in task.brief["reasons"][0]
    assert subject_of(run) == "Document broken.xml", "nobody can tell yet which invoice it is"
    desk.scenario.answer(task, option="returned")
    assert run.path[-1] == "returned-to-the-sender"


def test_a_person_who_looks_rejects_with_a_reason(company: Sandbox, cases: list[Case]) -> None:
    desk = Desk(company.url)
    run = desk.send((case := first(cases, "price mismatch")).content, case.name)
    (task,) = run.tasks
    assert task.groups == ("clerk", "manager")
    assert subject_of(run).startswith("Invoice ")
    assert task.brief["reasons"]
    assert task.brief["recommendation"]["option"] == "reject"
    assert any(field["label"] == "Invoice number" for field in task.brief["fields"])
    desk.scenario.answer(task, option="reject", comment="Not what we agreed", by=Person("cleo", ("clerk",)))
    assert run.path[-1] == "rejected"
    assert run.variables["comment"] == "Not what we agreed"
    assert desk.payments() == []


def test_what_is_settled_goes_on_to_approval_and_is_paid(company: Sandbox, cases: list[Case]) -> None:
    desk = Desk(company.url)
    run = desk.send((case := first(cases, "price mismatch")).content, case.name)
    desk.scenario.answer(run.tasks[0], option="approve", comment="Agreed by telephone")
    assert [task.element for task in run.tasks] == ["approve-the-invoice"]
    desk.scenario.answer("approve-the-invoice", option="approve")
    assert run.path[-2:] == ["pay-it", "paid"]


def test_when_the_approver_is_late_a_manager_is_asked_instead(company: Sandbox, cases: list[Case]) -> None:
    desk = Desk(company.url)
    run = desk.send((case := first(cases, "clean", "approval")).content, case.name)
    desk.scenario.advance("PT23H")
    assert run.tasks[0].element == "approve-the-invoice"
    desk.scenario.advance("PT1H")
    (task,) = run.tasks
    assert (task.element, task.groups) == ("approve-it-instead", ("manager",))
    desk.scenario.answer(task, option="reject", comment="Too late to tell")
    assert run.path[-1] == "rejected"


def test_a_refused_payment_takes_the_posting_back(company: Sandbox, cases: list[Case]) -> None:
    desk = Desk(company.url)
    case = first(cases, "clean", "straight")
    desk.faults(bank={"refuse_ibans": [case.truth.iban]})
    run = desk.send(case.content, case.name)
    assert (
        run.path[-4:] == ["payment-refused", "reverse-the-posting", "undo-the-posting"][-4:]
        or "reverse-the-posting" in run.path
    )
    assert [task.element for task in run.tasks] == ["clear-the-refused-payment"]
    assert run.variables["reversal"]
    assert desk.payments() == []
    assert desk.compared().missed == ()


def test_the_discount_is_taken_while_it_lasts(company: Sandbox, cases: list[Case]) -> None:
    desk = Desk(company.url)
    case = next(c for c in cases if c.truth.route == "straight through" and c.truth.discounted_amount)
    run = desk.send(case.content, case.name)
    assert run.path[-1] == "paid"
    until = date.fromisoformat(run.variables["comparison"]["terms"]["discount_until"])
    expected = case.truth.discounted_amount if until >= TODAY else case.truth.amount
    assert str(expected) in str(desk.payments())


def test_the_erp_may_be_down_for_a_while(company: Sandbox, cases: list[Case]) -> None:
    desk = Desk(company.url)
    desk.faults(erp={"down": True})
    run = desk.send((case := first(cases, "clean", "straight")).content, case.name)
    desk.scenario.advance("PT5M")
    assert run.active == ["find-supplier-order-and-receipts"]
    assert run.incidents == []
    desk.faults(erp={"down": False})
    desk.scenario.advance("PT2M")
    assert run.path[-1] == "paid"


@pytest.mark.parametrize("fault", ["lost", "twice", "fail"])
def test_answers_that_are_lost_repeated_or_refused_for_now_pay_once(
    company: Sandbox, cases: list[Case], fault: str
) -> None:
    desk = Desk(company.url)
    desk.faults(erp={fault: 0.25, "seed": 3}, bank={fault: 0.5, "seed": 4})
    chosen = [case for case in cases if case.truth.route == "straight through"][:8]
    runs = [desk.send(case.content, case.name) for case in chosen]
    desk.scenario.advance("PT2H")
    assert [run.incidents for run in runs] == [[]] * len(chosen)
    assert [run.path[-1] for run in runs] == ["paid"] * len(chosen)
    assert len(desk.payments()) == len(chosen)
    assert desk.compared().paid_twice == ()
