"""What all parts of a definition have in common: texts, and what is kept of a file without being executed."""

import msgspec

Text = str
"""Static text, or a FEEL expression after a leading ``=``."""


def is_expression(text: Text) -> bool:
    """Whether the text is a FEEL expression (leading ``=``)."""
    return text.startswith("=")


class Frozen(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Plain, immutable, and silent about defaults: a new attribute changes no content hash."""


class Part(Frozen, frozen=True, kw_only=True):
    """A part of an element that can hold extension elements of its own."""

    extensions: tuple[str, ...] = ()
    """As of elements: XML that we do not know, kept."""
