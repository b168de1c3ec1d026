"""A shard's process: an engine at one end of a pipe, and nothing else.

It ends when it is told to, or when whoever runs it is gone: then the pipe closes, and what has arrived is committed.
Interrupts are for those who run it.
"""

import os
import signal
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from clearance.cluster import speech
from clearance.cluster.outbox import Outbox
from clearance.engine.runtime.engine import Engine, Left
from clearance.engine.runtime.gc_tuning import collect_seldom
from clearance.engine.runtime.shards import Carry, Committed
from clearance.ledger.store import StoreError
from clearance.model.commands import Answer, Refusal

MakeEngine = Callable[[int, Carry], Engine]
"""The engine of a shard by its number, not started, with what takes parcels to other shards."""

Say = Callable[[Any], object]

_STATE_EVERY_S = 0.5


def run(pipe: Connection, number: int, make: MakeEngine) -> None:
    """The process's main function."""
    for interrupt in (signal.SIGINT, signal.SIGTERM):
        signal.signal(interrupt, signal.SIG_IGN)
    outbox = Outbox(pipe, f"clearance-shard-{number}-outbox", _instead)
    try:
        left = _live(pipe, outbox.say, number, make)
    finally:
        outbox.close()
    if left.running:
        os._exit(0)  # nobody can make them end, and they would keep this process


def _live(pipe: Connection, say: Say, number: int, make: MakeEngine) -> Left:
    try:
        engine = make(number, partial(_carry, say))
        engine.listen(partial(_tell_committed, say))
        outstanding = list(engine.outstanding())
        engine.start()
    except (StoreError, ValueError, OSError) as error:
        say(speech.Failed(str(error)))
        return Left(0, 0)
    collect_seldom()
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
        left = engine.stop()
        teller.join()
    say(speech.Stopped(left))
    return left


def _serve(pipe: Connection, say: Say, engine: Engine) -> None:
    while True:
        try:
            messages = pipe.recv()
        except (EOFError, OSError):
            return
        asked = [message for message in messages if isinstance(message, speech.Submit)]
        engine.bring([(one.command, partial(_reply, say, one.number)) for one in asked])
        for message in messages:
            if isinstance(message, speech.Push):
                engine.push(message.commands)
            elif isinstance(message, speech.Stop):
                return


def _reply(say: Say, number: int, answered: Answer | Refusal) -> None:
    say(speech.Replied(number, answered))


def _instead(message: Any, error: Exception) -> Any:
    """Whoever waits for an answer that cannot be said is told so; the command itself is committed."""
    if not isinstance(message, speech.Replied):
        return None
    return speech.Replied(message.number, Refusal("defect", f"it is done, but its answer cannot be said: {error}"))


def _tell_committed(say: Say, position: int) -> None:
    say(speech.Committed(position))


def _carry(say: Say, cut: Committed) -> None:
    posted = list(cut.posted)
    if cut.parcels or cut.arrived or cut.caused or posted:
        say(speech.Carried(cut.parcels, cut.arrived, cut.caused, posted))


def _tell_state(say: Say, engine: Engine, ended: threading.Event) -> None:
    told = speech.State("", "", 0)
    while not ended.wait(_STATE_EVERY_S):
        state = speech.State(engine.trouble, engine.lost, engine.waiting)
        if state != told:
            say(state)
            told = state
