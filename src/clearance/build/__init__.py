"""Processes written in Python: a builder that yields the same model as a BPMN file."""

from clearance.build.briefs import Option
from clearance.build.contracts import Contract
from clearance.build.errors import AuthorError
from clearance.build.loops import Each, each, times
from clearance.build.process import Process
from clearance.build.step import Group, Step

__all__ = ["AuthorError", "Contract", "Each", "Group", "Option", "Process", "Step", "each", "times"]
