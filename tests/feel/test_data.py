"""Values in and out: Python and JSON data, text, and FEEL literals that read back."""

import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest

from clearance import feel
from tests.feel.reading import value


class Invoice(msgspec.Struct):
    amount: float
    lines: tuple[str, ...]


def test_python_values_become_feel_values() -> None:
    paris = datetime.datetime(2024, 7, 1, 12, tzinfo=ZoneInfo("Europe/Paris"))
    offset = datetime.timezone(datetime.timedelta(hours=-3))
    assert value("string(x)", x=paris) == "2024-07-01T12:00:00@Europe/Paris"
    assert value("string(x)", x=datetime.datetime(2024, 1, 2, 3, 4, 5, 600, offset)) == "2024-01-02T03:04:05.0006-03:00"
    assert value('x = @"2024-02-29"', x=datetime.date(2024, 2, 29)) is True
    assert value('x = @"10:30:00"', x=datetime.time(10, 30)) is True
    assert value('x = @"P1DT1S"', x=datetime.timedelta(days=1, seconds=1)) is True
    assert value("x.amount + 1", x=Invoice(0.5, ("a",))) == Decimal("1.5")
    assert value("x.lines[1]", x=Invoice(0.5, ("a",))) == "a"
    assert value("x.y[2]", x={"y": (1, 2.5)}) == Decimal("2.5")
    assert value("sum(x)", x=[0.1, 0.2]) == Decimal("0.3")


def test_clean_data_is_not_copied() -> None:
    data = {"a": [1, Decimal("2"), {"b": "x"}], "c": None}
    assert feel.from_data(data) is data


def test_results_become_plain_json_data() -> None:
    result = value('{d: @"2024-01-02", t: [@"10:00:00Z", @"P1Y"], r: [1..2], n: 1.5, b: true, z: null}')
    assert feel.to_data(result) == {
        "d": "2024-01-02",
        "t": ["10:00:00Z", "P1Y"],
        "r": "[1..2]",
        "n": Decimal("1.5"),
        "b": True,
        "z": None,
    }


def test_text_quotes_strings_only_within_other_values() -> None:
    assert feel.to_text("a") == "a"
    assert feel.to_text(value('["a", {b: "c", "d-e": 1}, null, true, (1..2], < 3, >= 4]')) == (
        '["a", {b: "c", "d-e": 1}, null, true, (1..2], < 3, >= 4]'
    )
    assert feel.to_text(value("function(a, b) a")) == "function(a, b)"


def test_a_result_without_end_is_refused_at_the_border_and_does_not_exhaust_memory() -> None:
    shared = feel.evaluate("for i in 1..60 return if i = 1 then [1] else [partial[-1], partial[-1]]")
    deep = feel.evaluate("for i in 1..5000 return if i = 1 then [1] else [partial[-1]]")
    for endless in (shared, deep):
        for convert in (feel.to_data, feel.to_text, feel.to_literal):
            with pytest.raises(feel.LimitReached):
                convert(endless)


def test_a_result_may_be_changed_without_changing_the_expression() -> None:
    compiled = feel.compile("[1, 2]")
    compiled.evaluate({}).append(3)
    assert compiled.evaluate({}) == [1, 2]
