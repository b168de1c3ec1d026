"""What goes through a pipe: all of it, in order, together; what cannot go holds nothing else up."""

import threading
from collections.abc import Iterator
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

import pytest

from clearance.cluster.outbox import Outbox

ROOM = 10_000
"""Messages that an outbox holds before whoever has more waits."""
Ends = tuple[Outbox, Connection]


@pytest.fixture
def ends() -> Iterator[Ends]:
    far_end, pipe = Pipe(duplex=True)
    outbox = Outbox(pipe, "outbox", lambda message, error: ("instead", type(error).__name__))
    yield outbox, far_end
    far_end.close()
    outbox.close()
    pipe.close()


def heard(far_end: Connection, count: int) -> list[Any]:
    messages: list[Any] = []
    while len(messages) < count:
        assert far_end.poll(20), f"only {len(messages)} of {count} have come"
        messages += far_end.recv()
    return messages


def test_all_comes_in_order_and_what_cannot_be_put_into_bytes_is_replaced(ends: Ends) -> None:
    outbox, far_end = ends
    outbox.say(bytes(10_000_000))  # more than a pipe holds, so that what follows goes together
    for number in range(100):
        outbox.say(threading.Lock() if number in (30, 31, 99) else number)
    messages = heard(far_end, 101)[1:]
    expected = [("instead", "TypeError") if number in (30, 31, 99) else number for number in range(100)]
    assert messages == expected


def test_who_says_more_than_there_is_room_for_waits_unless_it_must_not(ends: Ends) -> None:
    outbox, far_end = ends
    outbox.say(bytes(10_000_000))
    through = threading.Event()

    def flood() -> None:
        for number in range(2 * ROOM):
            outbox.say(number)
        through.set()

    flooding = threading.Thread(target=flood, daemon=True)
    flooding.start()
    assert not through.wait(1), "nobody listens, and still there is room without end"
    assert outbox.say("urgent", waits=False)
    messages = heard(far_end, 2 * ROOM + 2)[1:]
    flooding.join(20)
    assert "urgent" in messages
    assert [message for message in messages if message != "urgent"] == list(range(2 * ROOM))
