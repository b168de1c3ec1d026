"""Boundary event (10.5.4): entered when its trigger reaches the activity that it sits on; then passes through.

Waiting for the trigger belongs to the activity, see ``kernel/shared/waits.py``.
"""

from clearance.kernel.elements.behaviour import Behaviour

BEHAVIOUR = Behaviour()
