"""The engine's clock: what the machine says, without its tremor.

Time services move a machine's clock by small steps, back as well as forth; a small step back stands still instead, so
that entries follow one another in time. A large step back means that the clock was wrong before: it is followed, since
standing still would stop every timer until the wrong time has come.
"""

import logging
import time
from collections.abc import Callable

log = logging.getLogger("clearance.engine")

_STEP_BACK_MAX_MS = 60_000


def machine_time() -> int:
    """Milliseconds since 1970 (UTC) by the machine."""
    return time.time_ns() // 1_000_000


class SteadyClock:
    """Milliseconds since 1970 (UTC)."""

    def __init__(self, read: Callable[[], int] = machine_time) -> None:
        self._read = read
        self._last = 0

    def now(self) -> int:
        said = self._read()
        back = self._last - said
        if back > _STEP_BACK_MAX_MS:
            log.warning("the clock was set back by %.0f s: timers that are set fire by the new time", back / 1000)
        elif back > 0:
            return self._last
        self._last = said
        return said
