"""Functions as values: closures, recursion, named arguments, conversions, and what is refused."""

from clearance import feel
from clearance.feel import types
from tests.feel.reading import problems, text, value


def test_functions_close_over_the_scope_in_which_they_were_made() -> None:
    assert value("{x: 5, f: function(y) x + y, x2: {x: 100, r: f(1)}}.x2.r") == 6
    assert value("(function(a) function(b) a * b)(3)(4)") == 12
    assert value("{n: 1, f: function() n}.f()") == 1


def test_functions_of_a_context_may_recur_and_see_those_before_them() -> None:
    assert value("{f: function(n) if n < 2 then 1 else n * f(n - 1), r: f(20)}.r") == 2432902008176640000
    assert value("{p: function(x) x > 0, n: function(x) p(x + 1), r: n(0)}.r") is True
    fib = "{fib: function(n) if n < 2 then n else fib(n - 1) + fib(n - 2), r: for i in 1..10 return fib(i)}.r"
    assert value(fib) == [1, 1, 2, 3, 5, 8, 13, 21, 34, 55]


def test_a_function_that_came_from_elsewhere_keeps_the_scope_in_which_it_was_made() -> None:
    made = value("{k: 5, f: function(x) x + k}")
    assert value("{a: 1, b: f, r: b(a)}.r", f=made["f"]) == 6
    assert value("made.f(2)", made=made) == 7


def test_arguments_are_positional_or_named_and_unsupplied_names_are_null() -> None:
    assert value("{f: function(a, b) a - b, r: f(b: 1, a: 5)}.r") == 4
    assert value("{f: function(a, b) b, r: f(a: 1)}.r") is None
    assert "no parameter 'c'" in problems("{f: function(a) a, r: f(c: 1)}.r")
    assert "takes 1 arguments, not 2" in problems("{f: function(a) a, r: f(1, 2)}.r")
    assert value("substring(start position: 2, string: x)", x="abc") == "bc"


def test_arguments_are_converted_to_the_parameters_types() -> None:
    assert value("(function(a: number) a)([1])") == 1
    assert value("(function(a: list<number>) a)(1)") == [1]
    assert value('(function(a: number) a)("x")') is None
    assert "is a string, not number" in problems('(function(a: number) a)("x")')
    assert text('(function(a: date and time) a)(@"2020-01-01")') == "2020-01-01T00:00:00Z"


def test_builtins_are_values_too() -> None:
    assert value("(function(f) f(-2))(abs)") == 2
    assert value("{f: abs}.f(-3)") == 3
    assert value("for f in [sqrt, abs] return f(4)") == [2, 4]


def test_a_variable_hides_a_builtin_only_if_it_is_a_function() -> None:
    assert text('date("2020-01-01")', date="x") == "2020-01-01"
    assert value("count + count([1, 2])", count=5) == 7
    double = feel.Function("double", ("x",), lambda run, arguments: arguments[0] * 2, (types.NUMBER,))
    assert value("abs(-4)", abs=double) == -8


def test_python_functions_may_be_put_into_the_context() -> None:
    scale = feel.Function("scale", ("x", "by"), lambda run, given: given[0] * given[1], (types.NUMBER, types.NUMBER))
    assert value("scale(2, 3) + scale(by: 4, x: 1)", scale=scale) == 10
    assert value('scale("a", 3)', scale=scale) is None
    bad = feel.Function("bad", (), lambda run, arguments: "text", (), types.NUMBER)
    assert "bad did not return number" in problems("bad()", bad=bad)


def test_what_is_no_function_cannot_be_called() -> None:
    for expression in ("1()", '"abs"(-1)', "nothing(1)", "null()", "{a: 1}.a()"):
        assert value(expression) is None
        assert "cannot be called" in problems(expression)


def test_external_functions_are_refused() -> None:
    external = 'function(a) external {java: {class: "java.lang.Math", method signature: "cos(double)"}}'
    assert value(f"({external})(1)") is None
    assert "external functions (java) are not run" in problems(f"({external})(1)")


def test_functions_equal_themselves_only() -> None:
    assert value("{f: function(x) x, r: f = f}.r") is True
    assert value("(function(x) x) = (function(x) x)") is False
