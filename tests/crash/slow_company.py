"""An application whose jobs take their time, for tests that stop it: ``clearance serve tests.crash.slow_company:app``.

Every tenth of a second an instance starts; its job says in the file ``LOG`` when it begins and, ``WORK_S`` s later,
when it is done.
"""

import os
import time
from pathlib import Path

from clearance.compose import Application
from clearance.model.work import Actor, Completed, Job, Outcome
from tests.kernel.files import END, bpmn, event, service, timer

_PROCESS = bpmn(
    event("startEvent", "s", timer("R/PT0.1S", "timeCycle")) + service("work") + END, "s -> work\nwork -> e"
)


def _work(job: Job) -> Outcome:
    _say(f"began {job.key}")
    time.sleep(float(os.environ["WORK_S"]))
    _say(f"done {job.key}")
    return Completed({"slept": True})


def _say(line: str) -> None:
    with Path(os.environ["LOG"]).open("a") as log:
        log.write(f"{line}\n")


def app() -> Application:
    file = Path(os.environ["LOG"]).with_name("slow.bpmn")
    file.write_bytes(_PROCESS)
    return Application(name="Slow company", processes=(file,), actors=(Actor("work", _work, concurrency=2),))
