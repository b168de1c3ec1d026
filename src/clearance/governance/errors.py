"""What is wrong with policy files, told to the person who wrote them: file, line, policy, and what to do."""

from collections.abc import Sequence

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """One mistake in a policy or schema file."""

    file: str
    """Its name without folders; the folder's name when the folder itself is at fault."""
    message: str
    """What is wrong and what to do about it."""
    line: int = 0
    """Where the policy starts, from 1; 0: the file as a whole."""
    policy: str = ""
    """Its ``@id``, when it has one."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: policy {self.policy}: {self.message}" if self.policy else f"{place}: {self.message}"


class PolicyError(ValueError):
    """Policies that cannot be used. The text names the first mistake; ``findings`` has all of them."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__(f"{findings[0]}{more}")
        self.findings = tuple(findings)
