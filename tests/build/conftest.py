"""Whatever these tests build is also written as a file and read again: it must be the same."""

import pytest

from clearance import bpmn
from clearance.build import Process
from clearance.model.definition import Definitions
from tests.bpmn.files import without_diagrams

_definition = Process.definition


def _survives_its_file(self):
    process = _definition(self)
    whole = Definitions(id="round-trip", processes=(process,))
    assert without_diagrams(bpmn.read(bpmn.write(whole))) == without_diagrams(whole)
    return process


@pytest.fixture(autouse=True)
def _round_trip(monkeypatch):
    monkeypatch.setattr(Process, "definition", _survives_its_file)
