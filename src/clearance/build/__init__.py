"""Processes written in Python: a builder that yields the same model as a BPMN file."""

from clearance.build import events
from clearance.build.briefs import Option
from clearance.build.contracts import Contract
from clearance.build.data import Data
from clearance.build.definitions import Definitions, SharedTasks
from clearance.build.errors import AuthorError
from clearance.build.loops import Each, Repeat, as_long_as, each, times, until
from clearance.build.process import Process
from clearance.build.step import Group, Step
from clearance.model.definition import Form

__all__ = [
    "AuthorError",
    "Contract",
    "Data",
    "Definitions",
    "Each",
    "Form",
    "Group",
    "Option",
    "Process",
    "Repeat",
    "SharedTasks",
    "Step",
    "as_long_as",
    "each",
    "events",
    "times",
    "until",
]
