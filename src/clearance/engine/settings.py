"""The engine's bounds, each with a name and a default. ``settings.py`` reads them from the settings file, section
[engine].
"""

from typing import Annotated

import msgspec

from clearance.ledger.numbering import SHARDS_MAX
from clearance.model.bounds import Count, CountOrNone, SpanOrNone


class EngineSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    shards: Annotated[int, msgspec.Meta(ge=0, le=SHARDS_MAX)] = 0
    """Parts that the instances are spread over, each with a ledger of its own: fixed when the ledger is made. 0: as
    many as it has, and a new one gets one."""
    processes: bool = False
    """Whether each shard runs in a process of its own, to use several processors; may be changed with any start."""
    shard: Annotated[int, msgspec.Meta(ge=0, lt=SHARDS_MAX)] = 0
    """Goes into the high bits of every key; of several shards each gets its own."""
    batch_max: Count = 500
    """Commands worked out before a commit."""
    jobs_waiting_max: Count = 100_000
    """Jobs that may wait for an actor that is free; while there are more, nothing new is started (HTTP 429)."""
    queue_max: Count = 10_000
    """Commands that may wait; beyond that they are refused as busy (HTTP 429), not lost."""
    instances_cached_max: Count = 10_000
    """Instances kept in memory between commands."""
    snapshot_every: Count = 32
    """Ledger entries of one instance between snapshots: the most that loading it replays (of an instance with more
    elements at work than this: as many as those)."""
    payload_max: Count = 4 * 1024 * 1024
    """Bytes of JSON that one command may bring; larger things are blobs."""
    message_ids_kept_s: CountOrNone = 90 * 24 * 3600
    """How long the id of a message is remembered, at least: publishing it again starts nothing."""
    repeats_max: Count = 1000
    """How often one element may be entered by one command: beyond that it loops without a wait state."""
    hops_max: Count = 100
    """How many messages and signals may lead to one another by one command: beyond that instances talk in circles."""
    call_depth_max: Count = 100
    """How deep call activities may be nested; beyond that a process calls itself for ever."""
    calls_max: Count = 10_000
    """Called instances that one command may lead to."""
    loop_items_max: Count = 100_000
    """Inner instances of one multi-instance activity."""
    parcels_max: Count = 10_000
    """What one shard may have under way to another; while there is more, nothing new is started (HTTP 429)."""
    drain_s: SpanOrNone = 30.0
    """Seconds that running jobs have to end when the engine stops; those that have not are done again at the next
    start."""
    workers: Count = 16
    """Threads that run actors."""
    timers_per_turn: Count = 1000
    """Timers taken from the store at once."""
