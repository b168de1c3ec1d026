"""Every example in docs/builder.md runs as it stands."""

import re
from pathlib import Path

import pytest

from clearance.build import Process

DOCUMENT = Path(__file__).parents[2] / "docs" / "builder.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)


def named(example: str) -> str:
    return re.search(r'(?:Process|Definitions)\("(.*?)"', example)[1]


def test_the_documentation_has_examples():
    assert len(EXAMPLES) >= 9


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_the_example_runs(example):
    names: dict[str, object] = {}
    exec(compile(example, str(DOCUMENT), "exec"), names)
    written = [value for value in names.values() if isinstance(value, Process)]
    assert written
    assert all(process.definition().elements for process in written)
