"""Inclusive gateway as a split (10.6.3, 13.4.3): every flow whose condition holds, otherwise the default.

The join has a path condition of its own and is refused at deployment until it is here, see ``kernel/compile.py``.
"""

from clearance.kernel.elements.behaviour import Behaviour

BEHAVIOUR = Behaviour()
