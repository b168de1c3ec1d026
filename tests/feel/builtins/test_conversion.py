"""Table 72: conversion functions; and not, is, now, today, range."""

import pytest

from tests.feel.builtins.claims import check_refused, check_true


@pytest.mark.parametrize(
    "claim",
    [
        'date("2012-12-25") - date("2012-12-24") = duration("P1D")',
        'date(date and time("2012-12-25T11:00:00Z")) = date("2012-12-25")',
        'date(2012, 12, 25) = date("2012-12-25")',
        'date(day: 25, month: 12, year: 2012) = date("2012-12-25")',
        'string(date("-999999999-01-01")) = "-999999999-01-01"',
        'date and time("2012-12-24T23:59:00") = date and time(date("2012-12-24"), time("23:59:00"))',
        'date and time("2012-12-24T24:00:00") = date and time("2012-12-25T00:00:00")',
        'date and time("2012-12-24") = date and time("2012-12-24T00:00:00")',
        'time("23:59:00z") + duration("PT2M") = time("00:01:00@Etc/UTC")',
        'time(date and time("2012-12-25T11:00:00Z")) = time("11:00:00Z")',
        'time("23:59:00z") = time(23, 59, 0, duration("PT0H"))',
        'string(time(1, 2, 3.25)) = "01:02:03.25"',
        'number("1 000,0", " ", ",") = number("1,000.0", ",", ".")',
        'number("-1.5", null, null) = -1.5',
        'number(".5") = 0.5',
        'string(1.1) = "1.1"',
        "string(null) = null",
        'string("a") = "a"',
        'string(@"2020-01-01T10:00:00.10@Europe/Paris") = "2020-01-01T10:00:00.1@Europe/Paris"',
        'duration("P2Y2M") = duration("P26M")',
        'string(duration("-P1DT25H61M61.500S")) = "-P2DT2H2M1.5S"',
        'duration("PT0S") = @"P0D"',
        'years and months duration(date("2011-12-22"), date("2013-08-24")) = duration("P1Y8M")',
        'years and months duration(date("2013-08-24"), date("2011-12-22")) = duration("-P1Y8M")',
        'years and months duration(date("2020-01-31"), date("2020-02-29")) = duration("P0M")',
        "not(false)",
        "not(null) = null",
        'not("x") = null',
        'not(is(date("2012-12-25"), time("23:00:50")))',
        'is(time("23:00:50z"), time("23:00:50+00:00"))',
        'not(is(time("23:00:50z"), time("23:00:50")))',
        "is([1, {a: 2}], [1.0, {a: 2}])",
        'now() = @"2024-05-06T07:08:09Z"',
        'today() = @"2024-05-06"',
        'range("[1..3)") = [1..3)',
        'range("(@\\"2020-01-01\\"..date(\\"2020-02-01\\")]") = (@"2020-01-01"..@"2020-02-01"]',
    ],
)
def test_conversions(claim: str) -> None:
    check_true(claim)


@pytest.mark.parametrize(
    "call",
    [
        'date("2012-2-3")',
        'date("2021-02-29")',
        'date("+2012-01-01")',
        'date("02012-01-01")',
        "date(2012, 13, 1)",
        "date(2012.5, 1, 1)",
        "date(null)",
        "date()",
        'time("25:00:00")',
        'time("24:00:01")',
        'time("10:00:00+15:00")',
        'time("10:00:00@Nowhere/City")',
        'time("10:00")',
        "time(10, 60, 0)",
        'time(10, 0, 0, duration("PT15H"))',
        'date and time("2012-01-01 10:00:00")',
        'duration("P1Y1D")',
        'duration("PT")',
        'duration("P1H")',
        'number("1,000", ".", ".")',
        'number("abc")',
        'number("1e3")',
        'number("1.", null, ".")',
        'number("1,5", ";", ",")',
        'range("1..3")',
        'range("[3..1]")',
        'range("[1..x]")',
        '@"2020-13-01"',
    ],
)
def test_what_is_out_of_the_domain_is_null(call: str) -> None:
    check_refused(call)
