"""Table 79: temporal functions."""

import pytest

from tests.feel.builtins.claims import check_refused, check_true


@pytest.mark.parametrize(
    "claim",
    [
        "day of year(date(2019, 9, 17)) = 260",
        'day of year(@"2020-12-31T23:59:59Z") = 366',
        'day of week(date(2019, 9, 17)) = "Tuesday"',
        'month of year(date(2019, 9, 17)) = "September"',
        "week of year(date(2019, 9, 17)) = 38",
        "week of year(date(2003, 12, 29)) = 1",
        "week of year(date(2004, 1, 4)) = 1",
        "week of year(date(2005, 1, 1)) = 53",
        "week of year(date(2005, 1, 3)) = 1",
        "week of year(date(2005, 1, 9)) = 1",
        'day of week(@"-0001-01-01") = "Friday"',
    ],
)
def test_calendar(claim: str) -> None:
    check_true(claim)


@pytest.mark.parametrize(
    "call", ["day of year(null)", 'day of week("2019-09-17")', "month of year()", 'week of year(@"P1D")']
)
def test_what_is_out_of_the_domain_is_null(call: str) -> None:
    check_refused(call)
