"""A shard's process: an engine at one end of a pipe, and nothing else.

It ends when it is told to, or when whoever runs it is gone: then the pipe closes, and what has arrived is committed.
Interrupts are for those who run it.
"""

import signal
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from clearance.cluster import speech
from clearance.engine.engine import Engine
from clearance.engine.intake import Reply
from clearance.engine.ports import StoreError
from clearance.engine.shards import Carry, Committed

MakeEngine = Callable[[int, Carry], Engine]
"""The engine of a shard by its number, not started, with what takes parcels to other shards."""

_STATE_EVERY_S = 0.5


def run(pipe: Connection, number: int, make: MakeEngine) -> None:
    """The process's main function."""
    for interrupt in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interrupt, signal.SIG_IGN)
    say = _Speaker(pipe)
    try:
        engine = make(number, partial(_carry, say))
        engine.listen(lambda position: say(speech.Committed(position)))
        outstanding = list(engine.outstanding())
        engine.start()
    except (StoreError, ValueError, OSError) as error:
        say(speech.Failed(str(error)))
        return
    ended = threading.Event()
    teller = threading.Thread(target=_tell_state, args=(say, engine, ended), name="clearance-state", daemon=True)
    say(speech.Started())
    if outstanding:
        say(speech.Carried(outstanding))
    teller.start()
    try:
        _serve(pipe, say, engine)
    finally:
        ended.set()
        say(speech.Stopped(engine.stop()))
        teller.join()


def _serve(pipe: Connection, say: "_Speaker", engine: Engine) -> None:
    while True:
        try:
            message = pipe.recv()
        except (EOFError, OSError):
            return
        if isinstance(message, speech.Submit):
            engine.submit(message.command).add_done_callback(partial(_reply, say, message.number))
        elif isinstance(message, speech.Push):
            engine.push(message.commands)
        elif isinstance(message, speech.Stop):
            return


def _reply(say: "_Speaker", number: int, reply: Reply) -> None:
    say(speech.Replied(number, reply.result()))


def _carry(say: "_Speaker", cut: Committed) -> None:
    posted = list(cut.posted)
    if cut.parcels or cut.arrived or cut.caused or posted:
        say(speech.Carried(cut.parcels, cut.arrived, cut.caused, posted))


def _tell_state(say: "_Speaker", engine: Engine, ended: threading.Event) -> None:
    told = speech.State("", "", 0)
    while not ended.wait(_STATE_EVERY_S):
        state = speech.State(engine.trouble, engine.lost, engine.waiting)
        if state != told:
            say(state)
            told = state


class _Speaker:
    """Says one thing after the other, from whatever thread. Once nobody listens any more, it is silent."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def __call__(self, message: Any) -> None:
        with self._lock:
            try:
                self._pipe.send(message)
            except OSError:
                return  # whoever ran this is gone: the reading end finds out, and stops the engine
