"""Decisions (DMN 1.5, conformance level 3): reading, evaluating, explaining, checking and converting them.

    >>> from clearance import dmn
    >>> decisions = dmn.read("routing.xlsx")                          # or .dmn, or .csv
    >>> decisions.evaluate("Approver", {"Amount": 12000}).value
    'manager'

``read`` gives :class:`Decisions`, compiled once and safe to share. Evaluation is pure: no clock but the ``now`` that
is passed, no files, no network, bounded time. Data that does not fit makes null and a problem, as the standard says; a
file that is wrong makes a :class:`DmnError` that names file, element and remedy. docs/dmn.md is the guide for authors.

Where to go next: ``model.py`` (what was written), ``xml/`` and ``sheets/`` (files), ``assembly.py`` (the requirements
graph), ``boxed/`` (one file for each kind of expression), ``index.py`` (why large tables are fast), ``checks/``.
"""

from clearance.dmn.checks import Finding, check
from clearance.dmn.convert import convert
from clearance.dmn.decisions import Decisions, Explanation, Result
from clearance.dmn.errors import DmnError, Place, Problem
from clearance.dmn.loading import read, read_definitions
from clearance.dmn.run import CellSeen, RuleFired

__all__ = [
    "CellSeen",
    "Decisions",
    "DmnError",
    "Explanation",
    "Finding",
    "Place",
    "Problem",
    "Result",
    "RuleFired",
    "check",
    "convert",
    "read",
    "read_definitions",
]
