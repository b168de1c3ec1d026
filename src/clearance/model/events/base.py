"""What every event is."""

import msgspec


class Recorded(msgspec.Struct, frozen=True, array_like=True, gc=False, tag_field="event"):
    """A fact; in JSON an array that starts with its tag."""
