"""Those who do the work: functions, agents and other systems."""
