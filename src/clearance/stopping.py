"""How whoever runs a process in a terminal, or under a supervisor, asks it to stop."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALLED = 128
"""A shell's exit code for what a signal has ended begins here."""
_ONE_WISH_S = 0.5
"""Signals that come together are one wish."""


@contextmanager
def interruptible() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set; the second of them ends at once.

    Those who stop a process and its whole group (``timeout``, some supervisors) send two, and mean one.
    """
    stopped = threading.Event()
    asked_s = 0.0

    def stop(number: int, frame: object) -> None:
        nonlocal asked_s
        if not stopped.is_set():
            asked_s = time.monotonic()
        elif time.monotonic() - asked_s > _ONE_WISH_S:
            os._exit(_SIGNALLED + number)  # whatever threads are still doing; what is committed is on the disk
        stopped.set()

    before = [signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield stopped
    finally:
        for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
            signal.signal(number, handler)
