"""The restore that ``test_restoring.py`` kills: ``BACKUP DATA ADDRESS MOMENT``; the moments are in the order in which
they come.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clearance import backup
from clearance.integrity import rebuild

PARTS = {
    "the first ledger is whole, the second not begun": (rebuild, "finish"),
    "all ledgers are whole, none is verified": (backup, "verify_stores"),
    "all are verified, the documents are missing": (backup, "_copy_documents"),
    "the folder is in place": (backup, "restored"),
}
MOMENTS = ("the first ledger is under way", *PARTS)


def _killed(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _then_killed(do: Callable[..., Any]) -> Callable[..., None]:
    def done(*values: Any) -> None:
        do(*values)
        _killed()

    return done


if __name__ == "__main__":
    source, target, address, moment = sys.argv[1:]
    if moment in PARTS:
        module, name = PARTS[moment]
        setattr(module, name, _then_killed(rebuild.finish) if name == "finish" else _killed)
    backup.restore(Path(source), Path(target), address=address, progress=_killed if moment == MOMENTS[0] else None)
