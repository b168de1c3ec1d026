"""The built-in functions of clause 10.3.4, a file for each theme; ``registry.py`` says how they are declared.

``more.py`` holds what Camunda's FEEL adds, as far as it does not contradict the standard.
"""

from clearance.feel.builtins import (
    context,
    conversion,
    lists,
    more,
    numeric,
    ranges,
    statistics,
    strings,
    temporal,
)
from clearance.feel.builtins.registry import BUILTINS

__all__ = [
    "BUILTINS",
    "context",
    "conversion",
    "lists",
    "more",
    "numeric",
    "ranges",
    "statistics",
    "strings",
    "temporal",
]
