"""Ad-hoc sub-process (10.3.5, 13.3.5): who chooses what is done in it is said in ``kernel/shared/ad_hoc.py``."""

from clearance.kernel.elements.behaviour import Behaviour
from clearance.kernel.shared import ad_hoc

BEHAVIOUR = Behaviour(activate=ad_hoc.begin, complete=ad_hoc.end)
