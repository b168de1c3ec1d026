"""The policies of invoice-to-pay: what may be posted and paid, by whose word, and what people may do and see."""

from decimal import Decimal
from pathlib import Path

import pytest

import invoice_to_pay
from clearance.build import Process
from clearance.governance import PolicyGate
from clearance.model.clearance import Approval, ApprovalRule, Facts, Person, Request, Ruling
from clearance.model.commands import GiveApproval
from clearance.model.values import Data
from clearance.model.work import Actor, Completed, Job
from clearance.testing import Scenario
from invoice_to_pay.actors import build_actors
from invoice_to_pay.process import p

POLICIES = Path(invoice_to_pay.__file__).with_name("policies")
GATE = PolicyGate.load(POLICIES)
PROCESS = p.definition()
STAFF = {"carla": "clerk", "anton": "approver", "maria": "manager", "martin": "manager", "audrey": "auditor"}


def pay(amount: Data = Decimal("100.00"), *approvals: str, **other: Data) -> Ruling:
    parameters: dict[str, Data] = {
        "supplier": "S1",
        "creditor": "Supplier",
        "iban": "DE89370400440532013000",
        "amount": amount,
        "currency": "EUR",
        "reference": "R1",
        "posting": "P1",
        **other,
    }
    request = Request("Actor", "pay-invoice", "pay", PROCESS.id, "pay-it", parameters=parameters, risk="high")
    given = tuple(Approval(name, (STAFF[name],), request.digest()) for name in approvals)
    return GATE.rule(
        Request(
            "Actor", "pay-invoice", "pay", PROCESS.id, "pay-it", parameters=parameters, risk="high", facts=Facts(given)
        )
    )


def does(
    who: str, action: str, element: str = "", needed: str = "", people: tuple[str, ...] = (), **more: Data
) -> Ruling:
    needed_roles = tuple(role.strip() for role in needed.split(",") if role)
    facts = Facts(people=people)
    return GATE.rule(
        Request(
            "Person",
            who,
            action,
            PROCESS.id,
            element,
            parameters=more,
            roles=(STAFF[who],),
            needed_roles=needed_roles,
            facts=facts,
        )
    )


def test_the_policies_name_elements_of_the_process():
    ids = {f"{PROCESS.id}/{element.id}" for element in PROCESS.elements}
    text = (POLICIES / "invoice_to_pay.cedar").read_text()
    named = {part.split('"')[0] for part in text.split('Element::"')[1:]}
    assert named
    assert named <= ids


def test_every_actor_of_the_process_has_a_policy_for_its_action():
    places = {"post-invoice": "post-it-in-the-erp", "reverse-posting": "reverse-the-posting", "pay-invoice": "pay-it"}
    parameters: dict[str, Data] = {"amount": 5, "currency": "EUR", "iban": "DE1"}
    for actor in build_actors(None, None):  # type: ignore[arg-type]
        element = places.get(actor.type, "somewhere")
        request = Request(
            "Actor", actor.type, actor.action, PROCESS.id, element, parameters=parameters, risk=actor.risk
        )
        assert GATE.rule(request).permits, actor.type


@pytest.mark.parametrize("element", ["pay-it", "reverse-the-posting", "check-it"])
def test_posting_happens_only_where_the_process_posts(element: str):
    assert not GATE.rule(Request("Actor", "post-invoice", "post", PROCESS.id, element, risk="medium")).permits


def test_no_other_actor_pays():
    request = Request("Actor", "read-invoice", "pay", PROCESS.id, "pay-it", parameters={"amount": 5, "currency": "EUR"})
    assert GATE.rule(request).decision == "deny"


@pytest.mark.parametrize("amount", [Decimal("0.01"), 9999, Decimal("10000.00")])
def test_up_to_ten_thousand_is_paid_straight(amount: Data):
    assert pay(amount).decision == "permit"


@pytest.mark.parametrize("amount", [Decimal("10000.01"), 25000])
def test_above_ten_thousand_an_approver_or_manager_approves(amount: Data):
    ruling = pay(amount)
    assert (ruling.decision, ruling.approval) == ("approval", ApprovalRule(("approver", "manager"), 1, True))
    assert pay(amount, "carla").decision == "approval"
    assert pay(amount, "anton").decision == "permit"


def test_above_twenty_five_thousand_only_a_manager_approves():
    ruling = pay(Decimal("25000.01"))
    assert (ruling.decision, ruling.approval) == ("approval", ApprovalRule(("manager",), 1, True))
    assert pay(Decimal("25000.01"), "anton").decision == "approval"
    assert pay(Decimal("25000.01"), "maria").decision == "permit"


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"currency": "USD"}, "payments are made in EUR only"),
        ({"currency": None}, "payments are made in EUR only"),
        ({"iban": ""}, "no account is on file"),
        ({"iban": None}, "no account is on file"),
        ({"amount": 0}, "there is nothing to pay"),
        ({"amount": Decimal("-5.00")}, "there is nothing to pay"),
        ({"amount": None}, "parameters.amount is missing"),
        ({"amount": "5.00"}, "parameters.amount must be a number"),
    ],
)
def test_what_may_not_be_paid_is_denied_with_the_reason_and_no_approval_helps(other: dict[str, Data], reason: str):
    amount = other.pop("amount", 20000) if "amount" in other else 20000
    ruling = pay(amount, "maria", "anton", **other)
    assert ruling.decision == "deny"
    assert any(reason in one for one in ruling.reasons)


@pytest.mark.parametrize("element", ["approve-the-invoice", "approve-it-instead"])
def test_who_looked_into_an_invoice_does_not_approve_it(element: str):
    assert does("maria", "complete", element, "approver, manager").permits
    for action in ("claim", "complete"):
        ruling = does("maria", action, element, "approver, manager", people=("carla", "maria"))
        assert ruling.reasons == ("you have already acted on this invoice: somebody else must approve it",)


def test_who_has_acted_may_still_clear_a_refused_payment():
    assert does("maria", "complete", "clear-the-refused-payment", "clerk, manager", people=("maria",)).permits


def test_who_approved_the_invoice_does_not_approve_its_payment():
    assert does("maria", "approve", "pay-it", "manager", people=("maria",)).decision == "deny"
    assert does("martin", "approve", "pay-it", "manager", people=("maria",)).permits


@pytest.mark.parametrize("name", ["carla", "anton", "maria"])
def test_staff_see_invoices_unmasked(name: str):
    ruling = does(name, "see")
    assert (ruling.decision, ruling.mask) == ("permit", ())
    assert not GATE.rule(Request("Person", name, "see", "payroll", "", roles=(STAFF[name],))).permits


def test_auditors_see_no_account_numbers_and_change_nothing():
    for element in ("", "approve-the-invoice"):
        ruling = does("audrey", "see", element)
        assert ruling.permits
        assert {"iban", "found.supplier.iban", "invoice.payment", "document"} <= set(ruling.mask)
    assert not does("audrey", "complete", "approve-the-invoice", "auditor").permits


def test_clerks_hand_in_invoices_and_publish_nothing_else():
    assert does("carla", "upload").permits
    assert does("carla", "publish", name="invoice received").permits
    assert not does("carla", "publish", name="something else").permits
    assert not does("anton", "publish", name="invoice received").permits


def test_only_managers_cancel():
    assert does("maria", "cancel").permits
    assert not does("carla", "cancel").permits


def test_a_payment_waits_for_its_approval_in_the_engine_and_then_leaves():
    paid: list[Data] = []
    scenario = Scenario(gate=GATE, actors={"pay-invoice": _paying(paid)})
    scenario.deploy(_only_paying())
    run = scenario.start(PROCESS.id, {"iban": "DE1", "amount": Decimal("12000.00"), "currency": "EUR"})
    ((key, approval),) = scenario._instance(run.key).approvals.items()
    assert paid == []
    scenario.submit(
        GiveApproval(
            instance=run.key,
            approval=key,
            by=Person("anton", ("approver",)),
            approved=True,
            action_sha256=approval.ruling.action_sha256,
            ruling=does("anton", "approve", "pay-it", "approver, manager"),
        )
    )
    assert paid == [Decimal("12000.00")]
    assert run.state == "completed"


def test_a_payment_in_dollars_becomes_an_incident_that_says_why():
    scenario = Scenario(gate=GATE, actors={"pay-invoice": _paying([])})
    scenario.deploy(_only_paying())
    scenario.start(PROCESS.id, {"iban": "DE1", "amount": 5, "currency": "USD"})
    (incident,) = scenario.incidents
    assert incident.kind == "denied"
    assert "payments are made in EUR only" in incident.message
    assert "pay-in-euro-only" in incident.message


def _only_paying() -> Process:
    process = Process("Invoice to pay")
    process.starts("Begin")
    process.service("Pay it", does="pay-invoice")
    process.ends("Paid")
    return process


def _paying(paid: list[Data]) -> Actor:
    def run(job: Job) -> Completed:
        paid.append(job.input["amount"])
        return Completed({})

    return Actor(type="pay-invoice", run=run, action="pay", risk="high", systems=("bank",))
