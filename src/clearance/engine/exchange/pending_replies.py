"""Knows when all that something has led to on other shards has happened there.

On one shard, whatever follows from a command is committed with it: who was told that an instance has started may
publish what it waits for. With several shards a parcel is on its way, and others may follow from it. So a caller is
answered when the last of them has been taken; it is told earlier, once its patience is at an end, because its command
is committed whatever becomes of the rest. Nothing of this outlives the process, and nothing depends on it.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence

import msgspec

Parcels = Iterable[tuple[int, int]]
"""The shards that they are for, with their numbers."""
Caused = Sequence[tuple[tuple[int, int], tuple[tuple[int, int], ...]]]


class _Waiter(msgspec.Struct):
    left: int
    until: float
    """Its patience is at an end; in monotonic seconds."""
    then: Callable[[], object] | None


class _Parcel(msgspec.Struct):
    key: tuple[int, int, int]
    """From which shard, to which, and its number."""
    cause: "_Parcel | None"
    left: int = 1
    """Itself, until it has been taken, and the parcels that follow from it, until they are done."""
    waiters: list[_Waiter] = []


class Ripples:
    """What is on its way between shards, by what it follows from."""

    def __init__(self) -> None:
        self._under_way: dict[tuple[int, int, int], _Parcel] = {}
        self._waiters: list[_Waiter] = []
        self._lock = threading.Lock()

    def committed(self, shard: int, posted: Parcels, caused: Caused) -> None:
        """A batch of the shard is in its store; to be told before anything of it leaves.

        ``posted``: the parcels that are new with it; ``caused``: each that was taken, with those that follow from it.
        """
        causes = {child: cause for cause, children in caused for child in children}
        done: list[_Parcel] = []
        with self._lock:
            for target, number in posted:
                origin, before = causes.get((target, number), (-1, 0))
                cause = self._under_way.get((origin, shard, before))
                parcel = _Parcel((shard, target, number), cause)
                self._under_way[parcel.key] = parcel
                if cause is not None:
                    cause.left += 1
            for (origin, number), _ in caused:
                taken = self._under_way.get((origin, shard, number))
                if taken is not None:
                    self._less(taken, done)
            ready = self._told(done)
        for then in ready:
            then()

    def when(self, shard: int, sent: Parcels, then: Callable[[], object], patience_s: float) -> None:
        """Do it once all that follows from these parcels of the shard has happened, or after so long."""
        with self._lock:
            parcels = [self._under_way[key] for to, number in sent if (key := (shard, to, number)) in self._under_way]
            if parcels:
                waiter = _Waiter(len(parcels), time.monotonic() + patience_s, then)
                self._waiters.append(waiter)
                for parcel in parcels:
                    parcel.waiters.append(waiter)
        if not parcels:
            then()

    def forget(self, shard: int) -> None:
        """The shard has begun anew, and may have taken what it had no time to say: nobody waits for that any longer."""
        done: list[_Parcel] = []
        with self._lock:
            for parcel in [parcel for (_, to, _), parcel in self._under_way.items() if to == shard]:
                while parcel.key in self._under_way:
                    self._less(parcel, done)
            ready = self._told(done)
        for then in ready:
            then()

    def look(self) -> None:
        """Whoever has no patience left waits no longer."""
        now = time.monotonic()
        with self._lock:
            late = [waiter for waiter in self._waiters if waiter.until <= now]
            ready = [waiter.then for waiter in late if waiter.then is not None]
            for waiter in late:
                waiter.then = None
            self._waiters = [waiter for waiter in self._waiters if waiter.then is not None]
        for then in ready:
            then()

    def _told(self, done: Iterable[_Parcel]) -> list[Callable[[], object]]:
        """What is to be done now that these are."""
        ready = [then for parcel in done for waiter in parcel.waiters if (then := _one_less(waiter)) is not None]
        self._waiters = [waiter for waiter in self._waiters if waiter.then is not None]
        return ready

    def _less(self, parcel: _Parcel, done: list[_Parcel]) -> None:
        following: _Parcel | None = parcel
        while following is not None:
            following.left -= 1
            if following.left:
                return
            del self._under_way[following.key]
            done.append(following)
            following = following.cause


def _one_less(waiter: _Waiter) -> Callable[[], object] | None:
    """What is to be done when that was the last it waited for."""
    waiter.left -= 1
    if waiter.left:
        return None
    then, waiter.then = waiter.then, None
    return then
