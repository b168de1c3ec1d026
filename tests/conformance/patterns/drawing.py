"""How the patterns are drawn: works that wait, gateways, and flows as arrows."""

from clearance.testing import Scenario
from clearance.testing.scenario import Run
from tests.kernel.files import END, START, bpmn, service


def works(names: str) -> str:
    """A service task for each name."""
    return "".join(map(service, names.split()))


def gates(kind: str, names: str, *, default: str = "") -> str:
    """Gateways of a kind (exclusive, parallel, inclusive, complex)."""
    written = f' default="{default}"' if default else ""
    return "".join(f'<{kind}Gateway id="{name}"{written}/>' for name in names.split())


def discriminator(name: str, count: int) -> str:
    """A complex gateway that goes on after so many tokens and takes the others without going on again."""
    condition = (
        f'<activationCondition xsi:type="tFormalExpression">=activationCount &gt;= {count}</activationCondition>'
    )
    return f'<complexGateway id="{name}">{condition}</complexGateway>'


def begun(elements: str, flows: str, variables: dict[str, object] | None = None, *, start: str = START) -> Run:
    """An instance of the drawing between a start and an end event ``e``."""
    scenario = Scenario()
    scenario.deploy(bpmn(start + elements + END, flows))
    return scenario.start("p", variables or {})


def done(run: Run, *names: str) -> list[str]:
    """These works are done, in this order; what is at work then, by name."""
    for name in names:
        run._scenario.complete_job(name)
    return sorted(run._scenario.jobs)
