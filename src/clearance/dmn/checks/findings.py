"""What a check found."""

from collections.abc import Mapping

import msgspec

from clearance.dmn.errors import Place
from clearance.model.values import Data


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that its author should look at."""

    kind: str
    """gap, overlap, conflict, unreachable, type, ambiguous, name, unsupported or unchecked."""
    severity: str
    """error (the decision gives null or a wrong result), warning, or note (nothing wrong, only not looked at)."""
    message: str
    where: Place
    example: Mapping[str, Data] = {}
    """An input that shows it: the input expression's text and a value."""
    rules: tuple[int, ...] = ()
    """The numbers of the rules concerned, from 1."""

    def __str__(self) -> str:
        shown = ", ".join(f"{name} = {_feel(value)}" for name, value in self.example.items())
        return f"{self.where}: {self.message}" + (f" For example: {shown}." if shown else "")


def _feel(value: Data) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else "null" if value is None else str(value)
