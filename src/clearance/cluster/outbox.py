"""What one end of a pipe says to the other, from a thread of its own: what has come meanwhile goes together.

One message costs a call of the system at both ends, which a busy shard has no time for: under load some hundred answers
go at once, alone each goes without waiting.
"""

import threading
from multiprocessing.connection import Connection
from typing import Any

_UNSENT_MAX = 10_000
"""Messages that wait to be sent; whoever has more waits."""


class Outbox:
    """Sends lists of messages. Once nobody listens any more, it is silent."""

    def __init__(self, pipe: Connection, name: str) -> None:
        self._pipe = pipe
        self._unsent: list[Any] = []
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._send_all, name=name, daemon=True)
        self._thread.start()

    def say(self, message: Any) -> bool:
        """From any thread; False: nobody will hear it."""
        with self._changed:
            while len(self._unsent) >= _UNSENT_MAX and not self._closed:
                self._changed.wait()
            if self._closed:
                return False
            self._unsent.append(message)
            if len(self._unsent) == 1:
                self._changed.notify_all()
            return True

    def close(self) -> None:
        """Send what is there, and no more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def _send_all(self) -> None:
        while True:
            with self._changed:
                while not self._unsent and not self._closed:
                    self._changed.wait()
                messages, self._unsent = self._unsent, []
                if len(messages) >= _UNSENT_MAX:
                    self._changed.notify_all()
            if not messages:
                return
            try:
                self._pipe.send(messages)
            except OSError:
                with self._changed:  # whoever is at the other end is gone: the reading thread finds out
                    self._closed = True
                    self._unsent.clear()
                    self._changed.notify_all()
                return
