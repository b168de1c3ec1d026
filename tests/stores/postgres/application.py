"""What the towers of ``test_serve.py`` run: one process with one step."""

from clearance.actors import actor
from clearance.build import Process
from clearance.compose import Application
from clearance.model.values import Data


@actor("double")
def double(number: int) -> dict[str, Data]:
    return {"doubled": number * 2}


def application() -> Application:
    process = Process("Doubling")
    process.starts("Asked")
    process.service("Double it", does="double")
    process.ends("Done")
    return Application(name="Doubler", processes=(process,), actors=(double,))
