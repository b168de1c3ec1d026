"""Which view database a process keeps: ``views.sqlite``, or the first of ``views-2.sqlite``, … that nobody else keeps.

Over PostgreSQL two towers may have one data folder: one that was paused, and the standby that has taken over from it.
Two that project into one database would spoil it. A view database that is taken up again goes on where it stood.
"""

import fcntl
from itertools import count
from pathlib import Path
from typing import IO


class Claim:
    """Holds a view database for as long as the process lives, or until :meth:`release`."""

    def __init__(self, folder: Path) -> None:
        for number in count(1):
            path = folder / ("views.sqlite" if number == 1 else f"views-{number}.sqlite")
            held = _hold(path.with_name(f"{path.name}.lock"))
            if held is not None:
                self.path = path
                self._held = held
                return

    def release(self) -> None:
        self._held.close()


def _hold(path: Path) -> IO[str] | None:
    """The file, locked until it is closed; None when another process holds it."""
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
