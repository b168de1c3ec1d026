"""What the tests of FEEL share: evaluate at a fixed time, and claims that are themselves written in FEEL."""

from datetime import UTC, datetime
from typing import Any

from clearance import feel

NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


def value(text: str, **context: Any) -> Any:
    """The value of an expression, with the context's names in scope."""
    return feel.evaluate(text, context, NOW)


def text(expression: str, **context: Any) -> str:
    """The value as FEEL text, which tells 1 from "1" and null from "null"."""
    return feel.to_literal(value(expression, **context))


def problems(expression: str, **context: Any) -> str:
    """What goes wrong in an expression, a line each."""
    names, members = feel.names_in(context)
    return "\n".join(map(str, feel.compile(expression, names, members=members).problems(context, NOW)))
