"""Shards in processes of their own: on this machine now, on others later. What runs them is wired in ``compose.py``."""

from clearance.cluster.child import MakeEngine
from clearance.cluster.limits import shares
from clearance.cluster.process import ShardProcess

__all__ = ["MakeEngine", "ShardProcess", "shares"]
