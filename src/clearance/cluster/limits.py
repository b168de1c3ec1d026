"""What an actor declares holds for all processes together: each gets its share of it."""

from collections.abc import Iterable

import msgspec

from clearance.model.work import Actor


def shares(actors: Iterable[Actor], processes: int) -> dict[str, Actor]:
    """By job type: the actors as each of so many processes may run them. Raises ValueError for one that cannot be."""
    return {actor.type: _share(actor, processes) for actor in actors}


def _share(actor: Actor, processes: int) -> Actor:
    if actor.concurrency < processes:
        raise ValueError(
            f"the actor {actor.type} does {actor.concurrency} jobs at a time and cannot be shared by {processes} "
            f"processes: let it do {processes}, or run all shards in one process"
        )
    return msgspec.structs.replace(
        actor, concurrency=actor.concurrency // processes, rate_per_s=actor.rate_per_s / processes
    )
