"""Numbers are decimal128: 34 digits, ties to even, no exponent in text, and no difference between 1 and 1.0."""

from decimal import Decimal

import pytest

from clearance import feel
from tests.feel.reading import text, value


def test_decimals_are_exact_and_floats_enter_by_their_shortest_text() -> None:
    assert value("0.1 + 0.2 = 0.3") is True
    assert value("x + 0.2", x=0.1) == Decimal("0.3")
    assert value("x", x=float("nan")) is None
    assert value("x", x=float("inf")) is None
    assert value("x > 1", x=Decimal("NaN")) is None


def test_thirty_four_digits_are_kept_and_ties_go_to_the_even_neighbour() -> None:
    assert text("9999999999999999999999999999999999 + 1") == "1" + "0" * 34
    assert text("10000000000000000000000000000000000 + 5 = 10000000000000000000000000000000000") == "true"
    assert text("10000000000000000000000000000000000 + 15") == "10000000000000000000000000000000020"
    assert text("99999999999999999999 * 99999999999999999999") == "9999999999999999999800000000000000000000"
    assert text("2/3") == "0." + "6" * 33 + "7"


@pytest.mark.parametrize(
    ("expression", "printed"),
    [
        ("1.50", "1.5"),
        ("1.0", "1"),
        ("-0.0", "0"),
        ("10 ** 3", "1000"),
        ("1 / 1000000000", "0.000000001"),
        ("6/3", "2"),
    ],
)
def test_text_has_no_trailing_zeros_and_no_exponent(expression: str, printed: str) -> None:
    assert feel.to_text(value(expression)) == printed


def test_whole_numbers_look_alike_however_they_were_computed() -> None:
    assert value("[1.0, 4/4, 0.5 + 0.5, 1][item = 1]") == [1, 1, 1, 1]
    assert value("distinct values([1, 1.0, 2/2])") == [1]
    assert text("[1,2,3][4/2]") == "2"
