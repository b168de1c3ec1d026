"""docs/conformance.md says of each element what it does, and which test shows it."""

import re

import msgspec

from clearance.model import definition as d
from tests.conformance.table import BEGIN, ELEMENTS, PAGE, ROOT, files, updated


def test_the_table_is_up_to_date() -> None:
    page = PAGE.read_text()
    assert BEGIN in page
    assert page == updated(page), "bring it up to date: python -m tests.conformance.table --write"


def test_every_file_of_tests_is_about_something() -> None:
    assert {path.stem for path in files()} == set(ELEMENTS)


def test_every_element_has_tests() -> None:
    tags = {
        str(kind.__struct_config__.tag)
        for kind in vars(d).values()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and hasattr(kind, "carried")
        if isinstance(kind.__struct_config__.tag, str)
    }
    assert tags - {tag for elements in ELEMENTS.values() for tag in elements} == set()
    assert {tag for elements in ELEMENTS.values() for tag in elements} <= tags


def test_each_of_the_43_patterns_is_on_the_page_and_has_a_test() -> None:
    tests = "".join(path.read_text() for path in (ROOT / "tests" / "conformance" / "patterns").glob("test_*.py"))
    names = re.findall(r"def test_wcp_(\d+)(?:_and_(\d+))?_", tests)
    assert {int(number) for found in names for number in found if number} == set(range(1, 44))
    listed = re.findall(r"^\| (\d+) \| ", PAGE.read_text(), re.MULTILINE)
    assert [int(number) for number in listed] == list(range(1, 44))
