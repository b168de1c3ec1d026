"""Compiled expressions: what they read, the time they are given, and what they say about nulls."""

from datetime import UTC, datetime

from clearance import feel
from clearance.feel.problems import Run


def test_an_expression_knows_the_free_names_that_it_reads() -> None:
    assert feel.compile("for x in xs return x + y.z").reads == {"xs", "y"}
    assert feel.compile('count(a) + date("2020-01-01").year').reads == {"a"}
    assert feel.compile("{a: b, c: a}").reads == {"b"}
    assert feel.compile("list[price > limit]").reads == {"list", "price", "limit"}
    assert feel.compile("function(a) a + b").reads == {"b"}


def test_time_is_an_argument() -> None:
    now = datetime(2024, 2, 29, 12, 30, tzinfo=UTC)
    assert feel.to_text(feel.compile("now()").evaluate({}, now)) == "2024-02-29T12:30:00Z"
    assert feel.compile("today()").evaluate({}, now) == feel.Date(2024, 2, 29)
    compiled = feel.compile("today()")
    assert compiled.evaluate({}) is None
    assert "needs a time" in str(compiled.problems({})[0])
    assert feel.evaluate('now() > @"2024-01-01T00:00:00Z"') is True, "the edge helper reads the clock"


def test_problems_say_where_in_a_text_of_several_lines() -> None:
    problem = feel.compile('1 +\n  amount * "x"').problems({"amount": 2})[0]
    assert (problem.line, problem.column) == (2, 10)
    assert problem.message == "a number cannot be multiplied by a string"
    assert feel.compile("missing").problems({})[0].message == "there is no variable 'missing'"


def test_a_problem_in_a_loop_is_said_once() -> None:
    assert len(feel.compile("for i in 1..50 return i + null").problems({})) == 1


def test_a_good_expression_has_no_problems() -> None:
    assert feel.compile("for i in [1, 2, 3][item > 1] return if i = 2 then {a: i}.a else null").problems({}) == ()


def test_expressions_can_share_a_run() -> None:
    run = Run(collect=True)
    for text in ("1 + null", "2 / 0"):
        feel.compile(text).apply({}, run)
    assert [problem.message.split()[0] for problem in run.problems or ()] == ["a", "the"]


def test_the_same_compiled_expression_serves_nested_and_repeated_evaluations() -> None:
    compiled = feel.compile("{f: function(n) if n = 0 then [] else append(f(n - 1), n), r: f(k)}.r")
    assert [compiled.evaluate({"k": count}) for count in (2, 0, 3)] == [[1, 2], [], [1, 2, 3]]
