"""Python's garbage collector in a process that serves.

It looks for cycles among all containers, again and again, and finds nearly none: what the engine keeps are structs
that cannot be part of one. Without this a tenth of the processor's time goes into looking.
"""

import gc

_YOUNG = 10_000
"""So many new containers before the youngest are looked at; Python's own choice is 700."""
_OLDER = 20


def collect_seldom() -> None:
    """What is there by now stays, and is not looked at again; what comes is looked at less often.

    For the end of a start: of ``clearance serve`` and of a shard's process. Whoever embeds the engine decides alone.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _OLDER, _OLDER)
