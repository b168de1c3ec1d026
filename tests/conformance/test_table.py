"""docs/conformance.md says of each element what it does, and which test shows it."""

import msgspec

from clearance.model import definition as d
from tests.conformance.table import BEGIN, ELEMENTS, PAGE, files, updated


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
