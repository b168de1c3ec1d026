"""Undefined task (Table 10.8): passes through."""

from clearance.kernel.elements.behaviour import Behaviour

BEHAVIOUR = Behaviour()
