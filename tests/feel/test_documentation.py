"""The documentation is true: its examples run, and every bound is in it with its default."""

import doctest
from pathlib import Path

import msgspec

from clearance import feel

PATH = Path(__file__).parents[2] / "docs" / "feel.md"
DOCUMENT = PATH.read_text(encoding="utf-8")


def test_the_examples_of_the_package_run() -> None:
    assert doctest.testmod(feel).failed == 0


def test_the_examples_of_the_document_run() -> None:
    results = doctest.testfile(str(PATH), module_relative=False)
    assert results.failed == 0
    assert results.attempted >= 6


def test_every_bound_is_documented_with_its_default() -> None:
    for field in msgspec.structs.fields(feel.Bounds):
        default = f"{field.default:,}" if isinstance(field.default, int) else str(field.default)
        assert f"| `{field.name}` | {default} |" in DOCUMENT, field.name
