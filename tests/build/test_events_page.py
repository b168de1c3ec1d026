"""Every example in docs/bpmn-events.md runs as it stands, is fine, and survives being written and read."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

from clearance import bpmn, feel
from clearance.build import Process, events
from clearance.model.work import Raised
from clearance.testing import Scenario
from tests.bpmn.files import without_diagrams

DOCUMENT = Path(__file__).parents[2] / "docs" / "bpmn-events.md"
TEXT = DOCUMENT.read_text("utf-8")
BLOCKS = re.findall(r"^```(xml|python)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
FILES = [text for language, text in BLOCKS if language == "xml"]
ROOTS = ("message", "signal", "error", "escalation")
NAMESPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:clearance="urn:clearance:bpmn:1"'
)
EXAMPLES = [
    (before if language == "xml" else "", example)
    for (language, before), (kind, example) in pairwise([("", ""), *BLOCKS])
    if kind == "python"
]


def file_of(example: str) -> bytes:
    """A file with the root elements of the example and a process p that holds the others."""
    parts = list(etree.fromstring(f"<x {NAMESPACES}>{example}</x>").iterchildren("*"))
    texts = [etree.tostring(part, encoding="unicode", with_tail=False) for part in parts]
    roots = [text for part, text in zip(parts, texts, strict=True) if etree.QName(part).localname in ROOTS]
    inner = [text for part, text in zip(parts, texts, strict=True) if etree.QName(part).localname not in ROOTS]
    process = f'<process id="p" isExecutable="true">{"".join(inner)}</process>'
    head = f'<definitions {NAMESPACES} id="d" targetNamespace="urn:example">'
    return f"{head}{''.join(roots)}{process}</definitions>".encode()


def first_id(example: str) -> str:
    return ", ".join(re.findall(r' id="(\w+)"', example)[:3])


def test_the_page_shows_each_kind_of_event_in_a_file_and_most_with_the_builder() -> None:
    shown = set(re.findall(r"<(\w+)EventDefinition", "".join(FILES)))
    kinds = {"message", "timer", "signal", "conditional", "error", "link", "compensate", "cancel", "terminate"}
    assert kinds <= shown
    assert sum("Process(" in example for _, example in EXAMPLES) >= 8


@pytest.mark.parametrize("example", FILES, ids=first_id)
def test_the_file_is_fine_and_the_same_when_written(example: str) -> None:
    definitions = bpmn.read(file_of(example))
    (process,) = definitions.processes
    assert [str(finding) for finding in bpmn.check(process) if finding.severity == bpmn.Severity.ERROR] == []
    assert [str(finding) for finding in bpmn.validate(process, feel.compile)] == []
    assert without_diagrams(bpmn.read(bpmn.write(definitions))) == without_diagrams(definitions)
    assert Scenario().deploy(definitions) == ["p"]


@pytest.mark.parametrize(("file", "example"), EXAMPLES, ids=[str(number) for number in range(len(EXAMPLES))])
def test_the_example_runs(file: str, example: str) -> None:
    names = {"scenario": Scenario(), "file": file_of(file), "Process": Process, "events": events, "Raised": Raised}
    exec(compile(example, str(DOCUMENT), "exec"), names)
    for made in (value for value in names.values() if isinstance(value, Process)):
        assert [str(finding) for finding in bpmn.validate(made.definition(), feel.compile)] == []


def test_links_lead_somewhere() -> None:
    for page, anchor in re.findall(r"\]\(([\w-]+\.md)(#[\w-]+)?\)", TEXT):
        target = (DOCUMENT.parent / page).read_text("utf-8")
        titles = {title.lower().replace(" ", "-") for title in re.findall(r"^#+ (.*)$", target, re.MULTILINE)}
        assert not anchor or anchor.removeprefix("#") in titles, (page, anchor)
