"""Start event (10.5.2): passes through; what it waits for before the instance exists is the engine's business."""

from clearance.kernel.elements.behaviour import Behaviour

BEHAVIOUR = Behaviour()
