"""The example in docs/builder.md runs as it stands."""

import re
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs" / "builder.md"


def test_the_example_of_the_builder_runs():
    examples = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    assert len(examples) == 1
    names: dict[str, object] = {}
    exec(compile(examples[0], str(DOCUMENT), "exec"), names)
    assert b"<bpmn:process" in names["xml"]
