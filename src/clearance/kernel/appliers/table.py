"""What an applier looks like."""

from collections.abc import Callable
from typing import Any

Applier = Callable[..., None]
"""``(instance, event, graph) -> None``"""

Table = dict[Any, Applier]
"""Event type to applier."""
