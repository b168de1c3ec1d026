"""What can be said of decisions without running them: gaps, overlaps, rules that never fire, wrong types."""

from clearance.dmn.checks.check import check
from clearance.dmn.checks.findings import Finding

__all__ = ["Finding", "check"]
