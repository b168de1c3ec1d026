"""Every command that goes straight is worked out the general way as well: both must say and leave behind the same."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import pytest

from clearance.kernel import straight
from clearance.kernel.state import Instance, restore, snapshot
from clearance.kernel.step import begin, work_out
from clearance.kernel.straight import Passage
from clearance.model.commands import InstanceCommand
from clearance.model.effects import NeedClearance
from clearance.model.graph import Graph

_encode = msgspec.json.Encoder(decimal_format="number").encode
_NOW = 1_000


@contextmanager
def compared(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Passage]]:
    """While it lasts, both ways are gone; gives the passages so far."""
    alone: Callable[..., Passage | None] = straight.work_out
    passages: list[Passage] = []

    def both(graph: Graph, instance: Instance | None, command: InstanceCommand, key: int) -> Passage | None:
        before = snapshot(instance) if instance is not None else None
        passage = alone(graph, instance, command, key)
        if passage is None:
            assert instance is None or snapshot(instance) == before, "nothing may change when it does not go straight"
            return None
        general(graph, before, command, key, passage)
        passages.append(passage)
        return passage

    with monkeypatch.context() as patched:
        patched.setattr(straight, "work_out", both)
        yield passages


def general(graph: Graph, before: bytes | None, command: InstanceCommand, key: int, passage: Passage) -> None:
    """The general way from the same state comes to the same."""
    working = begin(graph, restore(before) if before is not None else None, command, _NOW, key)
    assert work_out(working, command) is None
    assert _encode(passage.events) == _encode(working.events)
    assert snapshot(passage.instance) == snapshot(working.instance)
    assert passage.next_key == working.next_key
    assert [NeedClearance(passage.job)] * bool(passage.job) == working.effects
