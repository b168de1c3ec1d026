"""Inclusive gateway (10.6.3, 13.4.3): as a split every flow whose condition holds, otherwise the default.

As a join it is entered once no more tokens can come, see ``kernel/shared/joins.py``.
"""

from clearance.kernel.elements.behaviour import Behaviour

BEHAVIOUR = Behaviour()
