"""Those who do the work: functions, agents and other systems. One contract for all: ``clearance.model.work``."""

from clearance.actors.function import actor

__all__ = ["actor"]
