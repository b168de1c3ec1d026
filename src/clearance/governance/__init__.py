"""Policy, gate and masking: nothing acts without clearance.

    gate = PolicyGate.load("policies")
    ruling = gate.rule(request)

Policies are Cedar files that are read and checked at the start (``files.py``); the gate rules by them (``gate.py``).
What the shipped policies say is in ``policies/``, what a person may write in ``docs/governance.md``.
"""

from clearance.governance.errors import Finding, PolicyError
from clearance.governance.gate import PolicyGate, check_policies

__all__ = ["Finding", "PolicyError", "PolicyGate", "check_policies"]
