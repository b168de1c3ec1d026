"""A control tower without its web, for the kill test: ``python -m tests.crash.driver DATA INBOX SANDBOX-URL``.

Prints ``ready``, then a line of JSON whenever its figures change, until it is killed.
"""

import json
import sys
import time
from pathlib import Path

from clearance.compose import ControlTower
from clearance.views.ask import overview
from invoice_to_pay.app import build
from invoice_to_pay.systems.sandbox import SandboxBank, SandboxConnection, SandboxErp


def main(data: Path, inbox: Path, url: str) -> None:
    connection = SandboxConnection(url)
    tower = ControlTower(build(SandboxErp(connection), SandboxBank(connection), inbox), data)
    tower.start()
    print("ready", flush=True)
    before = ""
    while True:
        totals = overview.overview(tower.views.reader).totals
        now = json.dumps(
            {
                "instances": totals.running + totals.completed,
                "moving": totals.running - totals.waiting,
                "incidents": totals.incidents,
            }
        )
        if now != before:
            print(now, flush=True)
            before = now
        time.sleep(0.02)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
