"""The engine that is killed, with a defect: it answers before it commits. The test must find that."""

import time

from clearance.engine.runtime.loop import Loop, WorkedOut
from tests.crash import engine

_settle = Loop.settle


def _answer_first(self: Loop, batch: WorkedOut) -> None:
    for (_, tell), answer in zip(batch.items, batch.answers, strict=True):
        if tell is not None:
            tell(answer)
    time.sleep(0.005)
    _settle(self, batch)


if __name__ == "__main__":
    Loop.settle = _answer_first  # type: ignore[method-assign]
    engine.serve(engine.live)
