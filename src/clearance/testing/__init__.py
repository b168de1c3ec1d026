"""Shipped for users: scenarios on a simulated clock, and the suite that every store must pass."""

from clearance.model.work import BpmnError, Permanent, Temporary
from clearance.testing.scenario import Incident, Run, Scenario, ScenarioError, Task

__all__ = ["BpmnError", "Incident", "Permanent", "Run", "Scenario", "ScenarioError", "Task", "Temporary"]
