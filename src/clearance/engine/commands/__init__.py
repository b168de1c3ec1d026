"""What commands do that are for no single instance, and what follows when instances act on one another.

One file a family; ``table.py`` lists them in one place. Handlers change :class:`ShardState` through its named methods
and never run an instance: a handler that needs instances to act yields commands for them (``steps.py``), and
``engine/shard.py`` runs these.
"""
