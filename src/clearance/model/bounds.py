"""What the number of a setting may be, said where the setting is.

A bound below one lets nothing through, and a negative one is not meant: msgspec refuses them when the settings file is
read, before anything has been started.
"""

from typing import Annotated

from msgspec import Meta

_COUNT_MAX = 10**12
_SPAN_S_MAX = 10**9
"""Thirty years: longer than anybody means, and short enough for every clock."""

Count = Annotated[int, Meta(ge=1, le=_COUNT_MAX)]
CountOrNone = Annotated[int, Meta(ge=0, le=_COUNT_MAX)]
"""None at all may be meant."""
Span = Annotated[float, Meta(gt=0, le=_SPAN_S_MAX)]
"""Of time, in the unit that the setting's name ends with."""
SpanOrNone = Annotated[float, Meta(ge=0, le=_SPAN_S_MAX)]
