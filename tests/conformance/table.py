"""The table element × behaviour → test of docs/conformance.md, made from the tests themselves.

    python -m tests.conformance.table --write

A file under ``tests/kernel/elements`` is about the elements that :data:`ELEMENTS` gives it; each of its tests is one
behaviour, read aloud from its name. ``tests/conformance/test_table.py`` fails when the page is not up to date, when a
file is about nothing, and when an element has no test.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "conformance.md"
BEGIN = "<!-- the table begins: python -m tests.conformance.table --write -->"
END = "<!-- the table ends -->"

ELEMENTS = {
    "test_ad_hoc_sub_process": ("adHocSubProcess",),
    "test_boundary_event": ("boundaryEvent",),
    "test_call_activity": ("callActivity",),
    "test_complex_gateway": ("complexGateway",),
    "test_complex_gateway_phases": ("complexGateway",),
    "test_correlation": ("startEvent", "intermediateCatchEvent", "intermediateThrowEvent"),
    "test_data": ("serviceTask", "subProcess", "intermediateCatchEvent"),
    "test_end_event": ("endEvent",),
    "test_event_sub_process": ("subProcess", "startEvent"),
    "test_gateways": ("exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"),
    "test_inclusive_gateway": ("inclusiveGateway",),
    "test_inclusive_join": ("inclusiveGateway",),
    "test_instantiating": ("receiveTask", "eventBasedGateway", "startEvent"),
    "test_intermediate_catch_event": ("intermediateCatchEvent",),
    "test_intermediate_throw_event": ("intermediateThrowEvent",),
    "test_listeners": ("serviceTask", "exclusiveGateway", "subProcess", "boundaryEvent", "callActivity", "receiveTask"),
    "test_loops": ("serviceTask", "scriptTask", "subProcess"),
    "test_multi_instance": ("serviceTask",),
    "test_multi_instance_behavior": ("serviceTask",),
    "test_multiple_event": (
        "startEvent",
        "intermediateCatchEvent",
        "boundaryEvent",
        "intermediateThrowEvent",
        "endEvent",
    ),
    "test_script_task": ("scriptTask",),
    "test_service_task": ("serviceTask",),
    "test_standard_loop": ("serviceTask",),
    "test_start_event": ("startEvent",),
    "test_sub_process": ("subProcess",),
    "test_tasks": ("task", "manualTask", "sendTask", "receiveTask", "scriptTask"),
    "test_tasks_without_people": ("task", "manualTask", "businessRuleTask", "sendTask", "receiveTask"),
    "test_task_listeners": ("userTask",),
    "test_transaction": ("transaction",),
    "test_user_task": ("userTask",),
}
"""What the tests in each file are about, by the tags of BPMN's XML."""


def files() -> list[Path]:
    """The files of tests that the table is made of."""
    return sorted((ROOT / "tests" / "kernel" / "elements").glob("test_*.py"))


def behaviours(path: Path) -> Iterator[str]:
    """Each test of a file as a sentence."""
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name.removeprefix("test_").replace("_", " ")


def table() -> str:
    """The section between the two marks."""
    lines = [BEGIN, "", "| element | behaviour | test |", "|---|---|---|"]
    for path in files():
        elements = ", ".join(ELEMENTS[path.stem])
        name = path.relative_to(ROOT / "tests")
        lines += [f"| {elements} | {sentence} | `{name}` |" for sentence in behaviours(path)]
    return "\n".join([*lines, "", END])


def updated(page: str) -> str:
    """The page with the table as it must be now."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{table()}{after}"


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit("say --write to bring docs/conformance.md up to date")
    PAGE.write_text(updated(PAGE.read_text()))
