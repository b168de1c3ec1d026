"""Text to tree: precedence, names of several words, ranges, and errors that say where and what to do."""

import pytest

from clearance import feel
from clearance.feel.parser import parse_expression, parse_unary_tests
from clearance.feel.printer import to_source
from clearance.feel.syntax import meaning
from tests.feel.reading import text, value


@pytest.mark.parametrize(
    ("shorthand", "explicit"),
    [
        ("1 + 2 * 3", "1 + (2 * 3)"),
        ("1 - 2 - 3", "(1 - 2) - 3"),
        ("2 ** 3 ** 2", "(2 ** 3) ** 2"),
        ("-a ** 2", "(-a) ** 2"),
        ("a or b and c", "a or (b and c)"),
        ("a = b and c < d", "(a = b) and (c < d)"),
        ("a between 1 and 2 and b", "(a between 1 and 2) and b"),
        ("a + b in [1..2]", "(a + b) in [1..2]"),
        ("if a then b else c or d", "if a then b else (c or d)"),
        ("for x in y return x and z", "for x in y return (x and z)"),
        ("a.b[1].c(2)", "(((a.b)[1]).c)(2)"),
        ("-a.b", "-(a.b)"),
        ("a instance of number and b", "(a instance of number) and b"),
    ],
)
def test_operators_bind_as_the_order_of_the_grammar_rules_says(shorthand: str, explicit: str) -> None:
    assert meaning(parse_expression(shorthand)) == meaning(parse_expression(explicit))


def test_the_longest_name_in_scope_wins() -> None:
    assert value("a-b", **{"a-b": 7, "a": 5, "b": 3}) == 7
    assert value("a - b", **{"a-b": 7, "a": 5, "b": 3}) == 7
    assert value("(a)-(b)", **{"a-b": 7, "a": 5, "b": 3}) == 2
    assert value("Profit and loss + 1", **{"Profit and loss": 10, "Profit": 1}) == 11
    assert value("Phone   Number", **{"Phone Number": "1"}) == "1"


def test_names_may_hold_keywords_symbols_digits_and_letters_of_any_script() -> None:
    assert value("for sale", **{"for sale": 1}) == 1
    assert value("what if?", **{"what if?": 2}) == 2
    assert value("Extra days case 1 * 2", **{"Extra days case 1": 4}) == 8
    assert value("größe + 数", größe=1, 数=2) == 3
    assert value("🐎", **{"🐎": "horse"}) == "horse"


def test_words_side_by_side_are_one_name_even_when_nobody_announced_it() -> None:
    assert feel.compile("Monthly Income > 5").reads == {"Monthly Income"}
    assert feel.compile("Monthly Income > 5").evaluate({"Monthly Income": 6}) is True


def test_keys_are_in_scope_for_later_entries_paths_and_filters() -> None:
    assert value("{first name: 1, b: first name + 1}.b") == 2
    assert value("{a-b: 1}.a-b") == 1
    assert value('[{first name: "x"}, {first name: "y"}][first name = "y"].first name') == ["y"]
    assert value("person.last name", person={"last name": "Li"}) == "Li"
    assert value("people[last name = 1].age", people=[{"last name": 1, "age": 9}]) == [9]


def test_a_bracket_after_a_range_closes_it_and_does_not_filter() -> None:
    assert text("[18..21[ = [18..21)") == "true"
    assert text("]1..2] = (1..2]") == "true"
    assert text("5 in ]1..5[") == "false"
    assert text("[[1..2[, 3][1] = [1..2)") == "true"


def test_comments_and_white_space_are_nothing() -> None:
    assert value("1 + /* 2 + */ 3 // 4") == 4
    assert value("1\u00a0+\u30002") == 3


def test_string_escapes() -> None:
    assert value(r'"\"\\\n\t\u0041\U01F40E\uD83D\uDCA9"') == '"\\\n\tA🐎💩'
    assert value(r'"\d+"') == "\\d+", "a backslash before any other character stays, for patterns"


@pytest.mark.parametrize(
    ("wrong", "place", "part"),
    [
        ("1 +", (1, 4), "expected an expression, found the end"),
        ("(1\n  + 2", (2, 6), "expected ')'"),
        ('"abc', (1, 1), "not closed"),
        ("/* x", (1, 1), "comment is not closed"),
        ("a == 1", (1, 4), 'one "="'),
        ("a && b", (1, 3), '"and"'),
        ("1.5e3", (1, 4), "10**3"),
        ("if a then b", (1, 12), '"else"'),
        ("f(1, a: 2)", (1, 6), "all named or all positional"),
        ("f(a: 1, a: 2)", (1, 9), "given twice"),
        ("{a 1}", (1, 5), "key"),
        ("for 1 in x return 1", (1, 7), "name"),
        ("[1..", (1, 5), "expected an expression"),
        ("[1..2", (1, 6), "after a range"),
        ("x instance of list<number, string>", (1, 35), "takes one type"),
        ("a b) c", (1, 4), "after the end"),
        ("", (1, 1), "expected an expression"),
    ],
)
def test_a_syntax_error_says_where_and_what(wrong: str, place: tuple[int, int], part: str) -> None:
    with pytest.raises(feel.FeelSyntaxError) as caught:
        feel.compile(wrong)
    assert (caught.value.line, caught.value.column) == place
    assert part in str(caught.value)


def test_text_that_is_too_long_or_too_deep_is_a_syntax_error_and_not_a_crash() -> None:
    for wrong in ("(" * 500 + "1" + ")" * 500, "-" * 5000 + "a", "1+" * 60_000 + "1", "[" * 3000, "not(" * 900):
        with pytest.raises(feel.FeelSyntaxError):
            feel.compile(wrong)


@pytest.mark.parametrize(
    "cell", ["-", "1, 2", 'not("a", "b")', "< 5, [7..9]", "? > 5 and ? < x", "not(true) or y", "null", "!= 3"]
)
def test_unary_tests_print_as_they_were_read(cell: str) -> None:
    tree = parse_unary_tests(cell)
    assert meaning(parse_unary_tests(to_source(tree))) == meaning(tree)
