"""The engine's bounds, each with a name and a default. ``compose.py`` reads them from the settings file, section
[engine].
"""

import msgspec


class EngineSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    shards: int = 0
    """Parts that the instances are spread over, each with a ledger of its own: fixed when the ledger is made. 0: as
    many as it has, and a new one gets one."""
    processes: bool = False
    """Whether each shard runs in a process of its own, to use several processors; may be changed with any start."""
    shard: int = 0
    """Goes into the high bits of every key; of several shards each gets its own."""
    batch_max: int = 500
    """Commands worked out before a commit."""
    jobs_waiting_max: int = 100_000
    """Jobs that may wait for an actor that is free; while there are more, nothing new is started (HTTP 429)."""
    queue_max: int = 10_000
    """Commands that may wait; beyond that they are refused as busy (HTTP 429), not lost."""
    instances_cached_max: int = 10_000
    """Instances kept in memory between commands."""
    snapshot_every: int = 32
    """Ledger entries of one instance between snapshots: the most that loading it replays (of an instance with more
    elements at work than this: as many as those)."""
    payload_max: int = 4 * 1024 * 1024
    """Bytes of JSON that one command may bring; larger things are blobs."""
    message_ids_kept_s: int = 90 * 24 * 3600
    """How long the id of a message is remembered, at least: publishing it again starts nothing."""
    repeats_max: int = 1000
    """How often one element may be entered by one command: beyond that it loops without a wait state."""
    hops_max: int = 100
    """How many messages and signals may lead to one another by one command: beyond that instances talk in circles."""
    call_depth_max: int = 100
    """How deep call activities may be nested; beyond that a process calls itself for ever."""
    calls_max: int = 10_000
    """Called instances that one command may lead to."""
    loop_items_max: int = 100_000
    """Inner instances of one multi-instance activity."""
    parcels_max: int = 10_000
    """What one shard may have under way to another; while there is more, nothing new is started (HTTP 429)."""
    drain_s: float = 30.0
    """Seconds that running jobs have to end when the engine stops; those that have not are done again at the next
    start."""
    workers: int = 16
    """Threads that run actors."""
    timers_per_turn: int = 1000
    """Timers taken from the store at once."""
