"""Policies in a temporary folder, and requests with what a test is not about filled in."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from clearance.governance import PolicyGate
from clearance.model.clearance import Approval, Facts, Request
from clearance.model.values import Data

PAY_SCHEMA = """
action pay appliesTo {
  principal: Actor,
  resource: Element,
  context: { parameters: { amount: decimal, amount_cents?: Long, note?: String, tags?: Set<String>,
                           urgent?: Bool, pieces?: Long, supplier?: { country: String, rating?: Long } } }
};
"""


def gate(folder: Path, policies: str, schema: str = PAY_SCHEMA) -> PolicyGate:
    """The gate with one file of policies and one schema beside the shipped ones."""
    (folder / "own.cedar").write_text(policies, encoding="utf-8")
    (folder / "own.cedarschema").write_text(schema, encoding="utf-8")
    return PolicyGate.load(folder)


def paying(approvals: Iterable[tuple[str, str]] = (), people: tuple[str, ...] = (), **parameters: Data) -> Request:
    """An actor that pays; the approvals, as (person, role), are for exactly this action."""
    asked: dict[str, Any] = {"amount": 100, **parameters}
    request = Request("Actor", "payer", "pay", "buying", "pay", parameters=asked)
    given = tuple(Approval(person, (role,), request.digest()) for person, role in approvals)
    return Request("Actor", "payer", "pay", "buying", "pay", parameters=asked, facts=Facts(given, people))


def person(action: str, *roles: str, name: str = "anna", element: str = "look", **more: Any) -> Request:
    """Somebody who wants to do something in the process ``buying``."""
    return Request("Person", name, action, "buying", element, roles=roles, **more)
