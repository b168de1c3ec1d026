"""What one end of a pipe says to the other, from a thread of its own: what has come meanwhile goes together.

One message costs a call of the system at both ends, which a busy shard has no time for: under load some hundred answers
go at once, alone each goes without waiting.
"""

import logging
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

log = logging.getLogger("clearance.cluster")

_UNSENT_MAX = 10_000
"""Messages that wait to be sent; whoever has more waits."""


class Outbox:
    """Sends lists of messages. Once nobody listens any more, it is silent."""

    def __init__(self, pipe: Connection, name: str, instead: Callable[[Any, Exception], Any]) -> None:
        """``instead`` gives what is said in the place of a message that cannot be put into bytes; None: nothing."""
        self._pipe = pipe
        self._instead = instead
        self._unsent: list[Any] = []
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._send_all, name=name, daemon=True)
        self._thread.start()

    def say(self, message: Any, *, waits: bool = True) -> bool:
        """From any thread; False: nobody will hear it.

        Who hears what another end says must not wait (``waits``) until this one listens: two that hear, each waiting
        for the other's end, would wait for ever.
        """
        with self._changed:
            while waits and len(self._unsent) >= _UNSENT_MAX and not self._closed:
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
                self._send(messages)
            except OSError:
                with self._changed:  # whoever is at the other end is gone: the reading thread finds out
                    self._closed = True
                    self._unsent.clear()
                    self._changed.notify_all()
                return

    def _send(self, messages: list[Any]) -> None:
        """Together, or where one of them cannot be sent, in halves down to that one."""
        try:
            self._pipe.send(messages)
        except OSError:
            raise
        except Exception as error:
            if len(messages) == 1:
                log.exception("a %s cannot be said", type(messages[0]).__name__)
                instead = self._instead(messages[0], error)
                if instead is not None:
                    self._pipe.send([instead])
            else:
                half = len(messages) // 2
                self._send(messages[:half])
                self._send(messages[half:])
