"""Manual task (10.3.3.6): work that no system sees; passes through."""

from clearance.kernel.elements.behaviour import Behaviour

BEHAVIOUR = Behaviour()
