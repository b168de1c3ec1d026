"""What the tests of suspension, modification and migration have in common."""

from clearance.model import commands
from clearance.model.clearance import Person
from clearance.model.commands import Answer, Refusal
from clearance.testing import Scenario
from clearance.testing.scenario import Run

OLGA = Person("olga", ("operator",))


def suspend(scenario: Scenario, run: Run) -> Answer | Refusal:
    return scenario.submit(commands.SuspendInstance(instance=run.key, reason="wait for the audit", by=OLGA))


def resume(scenario: Scenario, run: Run) -> Answer | Refusal:
    return scenario.submit(commands.ResumeInstance(instance=run.key, by=OLGA))


def refused(answer: Answer | Refusal) -> str:
    """Why; fails when it was not refused."""
    assert isinstance(answer, Refusal), answer
    return answer.reason


def done(answer: Answer | Refusal) -> Answer:
    assert isinstance(answer, Answer), answer
    return answer
