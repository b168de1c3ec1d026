"""The control tower as it ships, in Chromium: real engine, gate, views and sandbox company; people do their work."""

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from clearance.compose import ControlTower
from invoice_to_pay.app import build
from invoice_to_pay.systems.sandbox import SandboxBank, SandboxConnection, SandboxErp
from sandbox_company.generator import generate
from sandbox_company.launch import Sandbox
from sandbox_company.truth import Comparison

pytestmark = pytest.mark.xdist_group("tower")

PEOPLE = ("clerk", "approver", "manager", "auditor")
PASSWORD = "a password for tests"
SEED, COUNT = 5, 60
FOUR_EYES_ABOVE = 10_000


class Office:
    """A running tower with its sandbox company."""

    def __init__(self, tower: ControlTower, url: str, connection: SandboxConnection, large: str) -> None:
        self.tower = tower
        self.large = large
        """The number of an invoice that needs approval in the process, and its payment once more at the gate."""
        self.url = url
        self.connection = connection

    def has_paid(self, number: str) -> bool:
        return any(number in str(payment) for payment in self.connection.get("/bank/payments", list))

    def compared(self) -> Comparison:
        return self.connection.get("/admin/comparison", Comparison)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("office")
    inbox = folder / "inbox"
    inbox.mkdir()
    today = date.today()
    cases = list(generate(SEED, COUNT, as_of=today))
    for case in cases:
        (inbox / case.name).write_bytes(case.content)
    large = next(
        case.truth.invoice_number for case in cases if case.truth.should_be_paid and case.truth.amount > FOUR_EYES_ABOVE
    )
    with Sandbox(folder / "sandbox", seed=SEED, invoices=COUNT, as_of=today) as sandbox:
        connection = SandboxConnection(sandbox.url)
        tower = ControlTower(build(SandboxErp(connection), SandboxBank(connection), inbox), folder / "tower")
        for name in PEOPLE:
            tower.users.add(name, PASSWORD, [name], name.capitalize())
        tower.start()
        yield Office(tower, tower.serve(port=0), connection, large)
        tower.stop()
        connection.close()


def enter(browser: Browser, office: Office, name: str) -> Page:
    """A window of its own, in which the person is logged in."""
    page = browser.new_context(base_url=office.url, viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(20_000)
    expect.set_options(timeout=20_000)
    page.goto("/")
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Inbox")).to_be_visible()
    return page


def open_item(page: Page, text: str) -> None:
    page.get_by_text(text).first.click()
    expect(page.get_by_role("heading", name="Why this came to you")).to_be_visible()


def decide(page: Page, option: str, comment: str) -> None:
    page.get_by_role("radio", name=option).first.check()
    page.get_by_label("Comment").fill(comment)
    page.get_by_role("button", name="Confirm").click()


def test_a_clerk_sees_why_an_invoice_came_and_rejects_it(browser: Browser, office: Office) -> None:
    page = enter(browser, office, "clerk")
    open_item(page, "Look into the invoice")
    expect(page.get_by_role("table", name="What was read")).to_be_visible()
    expect(page.get_by_role("table", name="What other systems said")).to_be_visible()
    subject = page.get_by_text("Invoice ").first.inner_text()
    assert subject
    decide(page, "Reject", "Not ours")
    expect(page.get_by_text("Not ours")).to_have_count(0)
    assert not office.compared().wrongly_paid


def test_a_payment_above_ten_thousand_needs_two_different_people(browser: Browser, office: Office) -> None:
    approver = enter(browser, office, "approver")
    open_item(approver, office.large)
    decide(approver, "Approve", "Matches the order")
    manager = enter(browser, office, "manager")
    manager.get_by_text("Approval").first.wait_for()
    open_item(manager, office.large)
    assert not office.has_paid(office.large)
    decide(manager, "Approve", "Second pair of eyes")
    for _ in range(100):
        if office.has_paid(office.large):
            break
        manager.wait_for_timeout(100)
    else:
        pytest.fail("the payment was approved twice and not made")
    assert not office.compared().paid_twice
    told = "".join(entry.content.decode() for entry in office.tower.stores[0].reader().entries(limit=10_000))
    assert "Second pair of eyes" in told
    assert "pay-large-amounts" in told
    verified = office.tower.verify()
    assert verified.ok, verified.problems


def test_an_auditor_looks_and_cannot_act(browser: Browser, office: Office) -> None:
    page = enter(browser, office, "auditor")
    page.goto("/overview")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    answer = page.request.post("/v2/inbox/search", data={"filter": {"scope": "open"}})
    assert answer.ok
    assert not any("DE" in item["reason"] for item in answer.json()["items"]), "account numbers are not for auditors"
    for item in answer.json()["items"]:
        options = page.request.get(f"/v2/inbox/{item['key']}").json()["brief"]["options"]
        answered = {"option": options[0]["value"], "comment": "I may not"}
        refused = page.request.post(f"/v2/inbox/{item['key']}/answer", data=answered)
        assert refused.status == 403, refused.text()
