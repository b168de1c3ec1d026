"""Table 76: numeric functions."""

import pytest

from tests.feel.builtins.claims import check_refused, check_true


@pytest.mark.parametrize(
    "claim",
    [
        "decimal(1/3, 2) = 0.33",
        "decimal(1.5, 0) = 2",
        "decimal(2.5, 0) = 2",
        "decimal(0.515, 2) = 0.52",
        "decimal(1234, -2) = 1200",
        "floor(1.5) = 1",
        "floor(-1.56, 1) = -1.6",
        "ceiling(1.5) = 2",
        "ceiling(-1.56, 1) = -1.5",
        "round up(5.5, 0) = 6",
        "round up(-5.5, 0) = -6",
        "round up(1.121, 2) = 1.13",
        "round down(-1.126, 2) = -1.12",
        "round half up(-5.5, 0) = -6",
        "round half up(1.126, 2) = 1.13",
        "round half down(5.5, 0) = 5",
        "round half down(-1.126, 2) = -1.13",
        "round down(5.5, 6176) = 5.5",
        "abs(-10) = 10",
        'abs(@"-PT5H") = @"PT5H"',
        'abs(@"-P5M") = @"P5M"',
        "modulo(12, 5) = 2",
        "modulo(-12, 5) = 3",
        "modulo(12, -5) = -3",
        "modulo(-12, -5) = -2",
        "modulo(10.1, 4.5) = 1.1",
        "modulo(-10.1, 4.5) = 3.4",
        "modulo(10.1, -4.5) = -3.4",
        "modulo(-10.1, -4.5) = -1.1",
        "sqrt(16) = 4",
        "decimal(log(10), 11) = 2.30258509299",
        "decimal(exp(5), 12) = 148.413159102577",
        "odd(5)",
        "not(odd(-2))",
        "even(2)",
        "even(-0.0)",
    ],
)
def test_numbers(claim: str) -> None:
    check_true(claim)


@pytest.mark.parametrize(
    "call",
    [
        "floor(1.5, null)",
        "floor(null)",
        "decimal(1, 7000)",
        "decimal(1)",
        "round up(1, null)",
        "modulo(1, 0)",
        "sqrt(-1)",
        "log(0)",
        "exp(20000)",
        "odd(1.5)",
        'abs("1")',
        "abs(n: 1, m: 2)",
        "round half up(1.5, -7000)",
    ],
)
def test_what_is_out_of_the_domain_is_null(call: str) -> None:
    check_refused(call)
