"""Two engines on one PostgreSQL, and everything that can be done to them, at random, for as long as one likes:

    python -m tests.crash.shake SEED SECONDS

They are killed and paused, their connections are cut, the server is restarted and loses its power. Whoever has ended is
started again, as a supervisor would. In the end what ``test_postgres.py`` checks must hold.
"""

import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.crash.test_postgres import Process, all_told_have_ended, check, told
from tests.stores.server import Server, cut, fresh, serving

_ENDS = (0, 1, 3, -signal.SIGKILL)
"""How an engine may end: asked to, because the server was away when it started, replaced, killed."""


class Shaking:
    """The engines and the server, and what can be done to them."""

    def __init__(self, server: Server, folder: Path, chance: random.Random) -> None:
        self.database = fresh(server.address)
        self.folder = folder
        self.begun = 0
        self._server = server
        self._chance = chance
        self.engines = [self._begin(), self._begin()]
        self.ways: dict[str, Callable[[], None]] = {
            "kill": self._kill,
            "pause": self._pause,
            "cut": self._cut,
            "restart": lambda: self._away(signal.SIGINT),
            "power": lambda: self._away(signal.SIGQUIT),
        }

    def revive(self) -> None:
        """Start again whoever has ended."""
        for place, engine in enumerate(self.engines):
            code = engine.code
            if code is not None:
                assert code in _ENDS, f"an engine ended with {code}; see {self.folder}"
                self.engines[place] = self._begin()

    def end(self) -> None:
        """One of them waits for the other to stop."""
        left = [engine for engine in self.engines if engine.code is None]
        for engine in left:
            engine.ask_to_stop()
        for engine in left:
            engine.ends()
        for engine in self.engines:
            engine.kill()

    def _begin(self) -> Process:
        self.begun += 1
        return Process(self.database, self.folder, self.folder / f"log-{self.begun}")

    def _kill(self) -> None:
        self._chance.choice(self.engines).send(signal.SIGKILL)

    def _pause(self) -> None:
        engine = self._chance.choice(self.engines)
        engine.send(signal.SIGSTOP)
        time.sleep(self._chance.uniform(0.1, 7))
        engine.send(signal.SIGCONT)

    def _cut(self) -> None:
        for _ in range(self._chance.randint(1, 5)):
            cut(self.database)
            time.sleep(self._chance.uniform(0, 0.5))

    def _away(self, how: signal.Signals) -> None:
        self._server.stop(how)
        time.sleep(self._chance.uniform(0, 3))
        self._server.start()


def main(seed: int, seconds: float) -> None:
    chance = random.Random(seed)
    done: Counter[str] = Counter()
    folder = Path(tempfile.mkdtemp(prefix="clearance-shake-"))
    with serving() as server:
        shaking = Shaking(server, folder, chance)
        time.sleep(3)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            way = chance.choice(sorted(shaking.ways))
            done[way] += 1
            shaking.revive()
            shaking.ways[way]()
            time.sleep(chance.uniform(0, 2.5))
        before, limit = len(told(folder)), time.monotonic() + 60
        while len(told(folder)) < before + 5:
            assert time.monotonic() < limit, f"nothing goes on; see {folder}"
            shaking.revive()
            time.sleep(0.1)
        all_told_have_ended(shaking.database, folder)
        shaking.end()
        print(f"seed {seed}: {dict(done)}, {shaking.begun} engines begun")
        check(shaking.database, folder)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
