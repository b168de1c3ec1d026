"""The world outside: a system of record that honours idempotency keys, and actors that work on it well or badly.

What an actor does is drawn anew for each attempt. Besides working well it may fail before or after its effect, answer
late, twice or never, hand over, and lie: return what is no outcome, or an outcome with what no ledger can hold.
"""

import random
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from clearance.model.work import (
    Actor,
    BpmnError,
    Completed,
    Escalated,
    Evidence,
    Failed,
    Job,
    Outcome,
    Permanent,
    Raised,
    Temporary,
    Waiting,
)
from clearance.testing.simulation.processes import ERROR

PAYLOAD_MAX = 64 * 1024


class Effect(msgspec.Struct):
    """What the system of record knows under one idempotency key."""

    job: int
    type: str
    instance: int
    element: str
    attempts: list[int] = []
    done: int = 0


class SystemOfRecord:
    """Acts once for each idempotency key, and remembers who asked."""

    def __init__(self) -> None:
        self.effects: dict[str, Effect] = {}
        self.contradictions: list[str] = []
        self._key_of: dict[int, str] = {}

    def act(self, job: Job) -> None:
        effect = self.effects.get(job.idempotency_key)
        asked = (job.key, job.type, job.instance, job.element)
        if self._key_of.setdefault(job.key, job.idempotency_key) != job.idempotency_key:
            self.contradictions.append(f"job {job.key} came with {job.idempotency_key} and {self._key_of[job.key]}")
        if effect is None:
            effect = Effect(*asked)
            self.effects[job.idempotency_key] = effect
            effect.done += 1
        elif (effect.job, effect.type, effect.instance, effect.element) != asked:
            self.contradictions.append(f"key {job.idempotency_key} came for {effect} and for {asked}")
        effect.attempts.append(job.attempt)


class Actors(Mapping[str, Actor]):
    """Declares an actor for every job type, as it is asked for; some types are left to remote workers."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._known: dict[str, Actor | None] = {}

    def __getitem__(self, job_type: str) -> Actor:
        if job_type not in self._known:
            self._known[job_type] = self._declare(job_type) if self._chance.random() < 0.85 else None
        actor = self._known[job_type]
        if actor is None:
            raise KeyError(job_type)
        return actor

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def _declare(self, job_type: str) -> Actor:
        return Actor(
            job_type,
            _nobody,
            retries=self._chance.choice((0, 1, 3)),
            backoff_s=self._chance.choice((0.0, 1.0, 30.0)),
            timeout_s=self._chance.choice((5.0, 60.0)),
            idempotent=self._chance.random() < 0.9,
        )


def _nobody(job: Job) -> Outcome:
    raise AssertionError("the simulation says for each attempt what its actor does")


Behaviour = Callable[[SystemOfRecord, Job, random.Random], Any]


def works(record: SystemOfRecord, job: Job, chance: random.Random) -> Outcome:
    """As it should be."""
    record.act(job)
    number = job.input.get("n")
    result = number if isinstance(number, int) and not isinstance(number, bool) else 0
    evidence = Evidence(0.5, ("because",), tokens_in=job.attempt) if chance.random() < 0.3 else None
    return Completed({"r": result, "n": result + chance.choice((0, 0, 1))}, evidence)


def fails(record: SystemOfRecord, job: Job, chance: random.Random) -> Outcome:
    raise chance.choice((Temporary, Temporary, Permanent, OSError))("down")


def fails_after_its_effect(record: SystemOfRecord, job: Job, chance: random.Random) -> Outcome:
    record.act(job)
    raise Temporary("connection reset")


def raises_a_business_error(record: SystemOfRecord, job: Job, chance: random.Random) -> Outcome:
    raise BpmnError(chance.choice((ERROR, ERROR, "unheard-of", "")), "no", {"why": job.attempt})


def hands_over(record: SystemOfRecord, job: Job, chance: random.Random) -> Outcome:
    return Escalated("not sure enough", Evidence(0.1))


def leaves_it_open(record: SystemOfRecord, job: Job, chance: random.Random) -> Outcome:
    record.act(job)
    return Waiting()


def lies(record: SystemOfRecord, job: Job, chance: random.Random) -> Any:
    if chance.random() < 0.5:
        record.act(job)
    return chance.choice(_LIES)()


def _nested() -> list[Any]:
    nested: list[Any] = []
    for _ in range(5000):
        nested = [nested]
    return nested


def _circular() -> list[Any]:
    circular: list[Any] = []
    circular.append(circular)
    return circular


def _of(kind: Callable[..., Any], *values: Any) -> Callable[[], Any]:
    return lambda: kind(*values)


_LIES: tuple[Callable[[], Any], ...] = (
    *(_of(type, None), _of(dict), _of(int), lambda: None, lambda: {"n": 1}, lambda: Completed),
    _of(Completed, {"n": float("nan")}),
    _of(Completed, {"n": float("inf")}),
    _of(Completed, {"n": object()}),
    _of(Completed, {1: 2}),
    _of(Completed, {"n": "\ud800"}),
    _of(Completed, {"\ud800": 1}),
    _of(Completed, {"": 1, "a b": 2, "n.m": 3}),
    _of(Completed, {"n": "y" * (PAYLOAD_MAX + 1)}),
    _of(Completed, {"n": 10**400}),
    _of(Completed, {"n": -(10**18)}),
    _of(Completed, {"n": Decimal("1E+5000")}),
    _of(Completed, {"n": Decimal("NaN")}),
    _of(Completed, {"n": 1.5, "r": Decimal("0.1000")}),
    _of(Completed, {"n": b"bytes", "r": {1, 2}}),
    _of(Completed, None),
    _of(Completed, [1, 2]),
    _of(Completed, "text"),
    _of(Completed, {"n": "one", "r": None}),
    _of(Completed, {"n": [[1], {"a": None}], "results": 3, "item": 4, "loopCounter": "x"}),
    _of(Completed, {}, "no evidence"),
    _of(Completed, {}, Evidence("very", "because", (7,))),  # type: ignore[arg-type]
    _of(Completed, {}, Evidence(float("nan"))),
    _of(Completed, {}, Evidence(reasons=("\udfff",))),
    _of(Failed, None),
    _of(Failed, 7, "perhaps"),
    _of(Failed, "\ud800"),
    _of(Failed, "x" * 1_000_000),
    _of(Failed, "x", True, "no evidence"),
    _of(Raised, None),
    _of(Raised, 5, 6, 7),
    _of(Raised, ERROR, "\ud800"),
    _of(Raised, ERROR, "m", {"n": object()}),
    _of(Raised, ERROR, "m", None),
    _of(Raised, "\ud800"),
    _of(Escalated, None),
    _of(Escalated, 3.5),
    _of(Escalated, "\ud800", "no evidence"),
    lambda: Completed({"n": _nested()}),
    lambda: Completed({"n": _circular()}),
)
