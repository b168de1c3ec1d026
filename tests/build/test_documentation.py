"""Every example in docs/builder.md runs as it stands, is fine, and survives being written and read."""

import re
from pathlib import Path

import pytest

from clearance import bpmn, feel
from clearance.build import Definitions, Process
from tests.bpmn.files import without_diagrams

DOCUMENT = Path(__file__).parents[2] / "docs" / "builder.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)


def named(example: str) -> str:
    return re.search(r'(?:Process|Definitions)\("(.*?)"', example)[1]


def written(example: str):
    names: dict[str, object] = {}
    exec(compile(example, str(DOCUMENT), "exec"), names)
    files = [value for value in names.values() if isinstance(value, Definitions)]
    files = files or [value for value in names.values() if isinstance(value, Process)]
    assert files
    return [file.definitions() for file in files]


def test_the_documentation_has_examples():
    assert len(EXAMPLES) >= 10


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_the_example_has_no_mistake(example):
    for definitions in written(example):
        for process in definitions.processes:
            assert [str(finding) for finding in bpmn.validate(process, feel.compile)] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_the_example_is_the_same_after_a_file(example):
    for definitions in written(example):
        assert without_diagrams(bpmn.read(bpmn.write(definitions))) == without_diagrams(definitions)
