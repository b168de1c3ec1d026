"""From text to syntax tree: the grammar of clause 10.3.1.2 by recursive descent, binary operators by precedence.

Where the grammar is ambiguous (a name may hold ``-`` or ``and``) the names in scope decide; names that nobody
announced are read as one word, or as several that stand side by side, since FEEL has no other use for two adjacent
words.
"""

from collections.abc import Callable, Iterable
from typing import TypeVar

from clearance.feel import numbers
from clearance.feel import syntax as tree
from clearance.feel.bounds import DEFAULT, Bounds
from clearance.feel.cursor import Cursor
from clearance.feel.lexer import Kind
from clearance.feel.temporal_text import parse_literal

T = TypeVar("T")
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
UNARY = ("<", "<=", ">", ">=", "=", "!=")


def parse_expression(
    text: str, names: Iterable[str] = (), members: Iterable[str] = (), bounds: Bounds = DEFAULT
) -> tree.Node:
    """The tree of an expression; raises FeelSyntaxError."""
    return _Parser(text, names, members, bounds).whole(_Parser.expression)


def parse_unary_tests(
    text: str, names: Iterable[str] = (), members: Iterable[str] = (), bounds: Bounds = DEFAULT
) -> tree.UnaryTestsNode:
    """The tree of a decision table's cell (rule 15); raises FeelSyntaxError."""
    return _Parser(text, names, members, bounds).whole(_Parser.unary_tests)


def parse_type(text: str, names: Iterable[str] = (), bounds: Bounds = DEFAULT) -> tree.TypeNode:
    """The tree of a type (rule 52); raises FeelSyntaxError."""
    return _Parser(text, names, (), bounds).whole(_Parser.type)


class _Parser(Cursor):
    def whole(self, rule: "Callable[[_Parser], T]") -> T:
        """The rule for the whole text."""
        try:
            result = rule(self)
        except RecursionError:
            raise self.error("the expression is nested too deeply", "divide it") from None
        if self.token.kind is not Kind.END:
            raise self.error(f"unexpected {self.found()} after the end of the expression", self._hint())
        return result

    def _hint(self) -> str:
        if self.index and self.tokens[self.index - 1].text == "not":
            return "write not(...)"
        if self.token.text == "=":
            return 'equality is written with one "="'
        return "a name of several words must be announced" if self.token.kind is Kind.KEYWORD else ""

    def expression(self) -> tree.Node:
        """Rule 1."""
        with self.nested():
            return self.disjunction()

    def disjunction(self) -> tree.Node:
        return self._junction("or", self.conjunction)

    def conjunction(self) -> tree.Node:
        return self._junction("and", self.comparison)

    def _junction(self, word: str, operand: Callable[[], tree.Node]) -> tree.Node:
        at = self.token.start
        operands = [operand()]
        while self.at_keyword(word):
            self.advance()
            operands.append(operand())
        return operands[0] if len(operands) == 1 else tree.Junction(word, tuple(operands), at=at)

    def comparison(self) -> tree.Node:
        """Rule 49."""
        left = self.additive()
        while True:
            token = self.token
            if self.at_symbol(*COMPARISONS):
                self.advance()
                if self.at_symbol(*UNARY):
                    raise self.error(
                        f"unexpected {self.found()} after {token.text!r}", 'equality is written with one "="'
                    )
                left = tree.Comparison(token.text, left, self.additive(), at=token.start)
            elif self.at_keyword("between"):
                self.advance()
                low = self.additive()
                self.expect_keyword("and", "between the limits of between")
                left = tree.Between(left, low, self.additive(), at=token.start)
            elif self.at_keyword("in"):
                self.advance()
                left = tree.In(left, self._in_tests(), at=token.start)
            else:
                return left

    def _in_tests(self) -> tuple[tree.Node, ...]:
        """What follows ``in``: one test, or several in parentheses (which may also begin an open range)."""
        if not self.at_symbol("("):
            return (self.comparison_operand(),)
        start = self.index
        self.advance()
        tests = [self.expression()]
        while self.accept(","):
            tests.append(self.expression())
        if len(tests) > 1:
            self.expect(")", "after the tests of in")
            return tuple(tests)
        self.index = start
        return (self.comparison_operand(),)

    def comparison_operand(self) -> tree.Node:
        """An operand of a comparison, which may be a range of one endpoint."""
        return self.unary_comparison() if self.at_symbol(*UNARY) else self.additive()

    def unary_comparison(self) -> tree.Node:
        """Rule 7a."""
        token = self.advance()
        return tree.UnaryComparison(token.text, self.additive(), at=token.start)

    def additive(self) -> tree.Node:
        left = self.multiplicative()
        while self.at_symbol("+", "-"):
            token = self.advance()
            left = tree.Arithmetic(token.text, left, self.multiplicative(), at=token.start)
        return left

    def multiplicative(self) -> tree.Node:
        left = self.power()
        while self.at_symbol("*", "/"):
            token = self.advance()
            left = tree.Arithmetic(token.text, left, self.power(), at=token.start)
        return left

    def power(self) -> tree.Node:
        left = self.negation()
        while self.at_symbol("**"):
            token = self.advance()
            left = tree.Arithmetic(token.text, left, self.negation(), at=token.start)
        return left

    def negation(self) -> tree.Node:
        """Rule 24; a minus before digits belongs to the number (rule 35)."""
        if not self.at_symbol("-"):
            return self.instance_of()
        token = self.advance()
        if self.token.kind is Kind.NUMBER:
            return self._instance_of(self.postfix(self.number(token.start, negative=True)))
        with self.nested():
            return tree.Negation(self.negation(), at=token.start)

    def instance_of(self) -> tree.Node:
        return self._instance_of(self.postfix(self.primary()))

    def _instance_of(self, value: tree.Node) -> tree.Node:
        """Rule 51."""
        while self.at_keyword("instance"):
            token = self.advance()
            if self.token.text != "of":
                raise self.error(f'expected "of" after instance, found {self.found()}')
            self.advance()
            value = tree.InstanceOf(value, self.type(), at=token.start)
        return value

    def postfix(self, base: tree.Node) -> tree.Node:
        """Rules 38, 43 and 50."""
        while True:
            token = self.token
            if self.at_symbol("."):
                self.advance()
                if self.token.kind not in (Kind.NAME, Kind.KEYWORD):
                    raise self.error(f"expected a name after the dot, found {self.found()}")
                base = tree.Path(base, self.name(member=True), at=token.start)
            elif self.at_symbol("[") and not self._closes_range():
                base = self.filter(base)
            elif self.at_symbol("("):
                base = self.invocation(base)
            else:
                return base

    def filter(self, base: tree.Node) -> tree.Node:
        token = self.advance()
        ends, self.range_ends = self.range_ends, 0
        self.in_filter += 1
        condition = self.expression()
        self.in_filter -= 1
        self.range_ends = ends
        self.expect("]", "after a filter")
        return tree.Filter(base, condition, at=token.start)

    def invocation(self, function: tree.Node) -> tree.Node:
        """Rules 39 to 42."""
        token = self.advance()
        ends, self.range_ends = self.range_ends, 0
        names: list[str] = []
        arguments: list[tree.Node] = []
        while not self.at_symbol(")"):
            if arguments:
                self.expect(",", "between arguments")
            where = self.token
            name = self.name_before_colon()
            if arguments and bool(names) != (name is not None):
                raise self.error("arguments are either all named or all positional", token=where)
            if name is not None:
                if name in names:
                    raise self.error(f"the argument {name!r} is given twice", token=where)
                names.append(name)
            arguments.append(self.expression())
        self.advance()
        self.range_ends = ends
        return tree.Invocation(function, tuple(arguments), tuple(names), at=token.start)

    range_ends = 0
    """Above 0 while the end of a range is read, where ``[`` closes the range instead of opening a filter."""

    def _closes_range(self) -> bool:
        if not self.range_ends:
            return False
        following = self.ahead()
        if following.kind is Kind.KEYWORD:
            return following.text not in _PRIMARY
        return following.kind is Kind.END or (
            following.kind is Kind.SYMBOL and following.text not in ("(", "-", "[", "{", "<", ">", "<=", ">=")
        )

    def primary(self) -> tree.Node:
        """Literals, names, parentheses, boxed and textual expressions that begin with a keyword or bracket."""
        token = self.token
        if token.kind is Kind.NUMBER:
            return self.number(token.start)
        if token.kind is Kind.STRING:
            self.advance()
            return tree.Literal(token.text, at=token.start)
        if token.kind is Kind.AT:
            return self.at_literal()
        if token.kind is Kind.NAME or (token.kind is Kind.KEYWORD and self.scope.longest(self.tokens, self.index)):
            return tree.Name(self.name(), at=token.start)
        reader = _PRIMARY.get(token.text) if token.kind in (Kind.SYMBOL, Kind.KEYWORD) else None
        if reader is None:
            hint = 'equality is written with one "="' if token.text == "=" else ""
            raise self.error(f"expected an expression, found {self.found()}", hint)
        return reader(self)

    def number(self, at: int, *, negative: bool = False) -> tree.Node:
        token = self.advance()
        value = numbers.from_text(token.text)
        if value is None:
            raise self.error("the number is out of range", token=token)
        following = self.token
        if following.kind is Kind.NAME and following.start == token.end:
            raise self.error(
                f"unexpected {following.text!r} after a number", "write 1.2*10**3 for 1.2e3", token=following
            )
        return tree.Literal(-value if negative else value, at=at)

    def at_literal(self) -> tree.Node:
        """Rule 65; text that denotes nothing is null, as from the conversion functions."""
        token = self.advance()
        value = parse_literal(token.text)
        if value is not None:
            return tree.Literal(value, at=token.start)
        name = tree.Name("date and time", at=token.start)
        return tree.Invocation(name, (tree.Literal(token.text, at=token.start),), at=token.start)

    def constant(self) -> tree.Node:
        token = self.advance()
        return tree.Literal({"true": True, "false": False, "null": None}[token.text], at=token.start)

    def parenthesis(self) -> tree.Node:
        """An expression in parentheses, or a range with an open start."""
        token = self.advance()
        ends, self.range_ends = self.range_ends, 0
        inner = self.expression()
        self.range_ends = ends
        if self.at_symbol(".."):
            return self.interval(inner, token.start, start_included=False)
        self.expect(")", "to close the parenthesis")
        return inner

    def bracket(self) -> tree.Node:
        """A list, or a range with a closed start."""
        token = self.advance()
        ends, self.range_ends = self.range_ends, 0
        items: list[tree.Node] = []
        while not self.at_symbol("]"):
            if items:
                self.expect(",", "between list items")
            items.append(self.expression())
            if len(items) == 1 and self.at_symbol(".."):
                self.range_ends = ends
                return self.interval(items[0], token.start, start_included=True)
        self.advance()
        self.range_ends = ends
        return tree.ListNode(tuple(items), at=token.start)

    def open_bracket(self) -> tree.Node:
        """``]a..b]``: a range with an open start."""
        token = self.advance()
        return self.interval(self.additive(), token.start, start_included=False)

    def interval(self, start: tree.Node, at: int, *, start_included: bool) -> tree.Node:
        """Rule 8, from the two dots on."""
        self.expect("..", "between the endpoints of a range")
        ends, self.range_ends = self.range_ends, 1
        end = self.additive()
        self.range_ends = ends
        if not self.at_symbol("]", ")", "["):
            raise self.error(f'expected "]", ")" or "[" after a range, found {self.found()}')
        closed = self.advance().text == "]"
        return tree.Interval(start, end, start_included, closed, at=at)

    def context(self) -> tree.Node:
        """Rule 57."""
        token = self.advance()
        entries: list[tuple[str, tree.Node]] = []
        ends, self.range_ends = self.range_ends, 0
        with self.inner_scope():
            while not self.at_symbol("}"):
                if entries:
                    self.expect(",", "between context entries")
                key = self._key()
                entries.append((key, self.expression()))
                self.scope.add(key)
                self.members.add(key)
        self.advance()
        self.range_ends = ends
        return tree.ContextNode(tuple(entries), at=token.start)

    def _key(self) -> str:
        if self.token.kind is Kind.STRING:
            key = self.advance().text
        else:
            key = self.new_name((":",), "as the key of a context entry")
        self.expect(":", "after a key")
        return key

    def function(self) -> tree.Node:
        """Rule 55."""
        token = self.advance()
        self.expect("(", "after function")
        parameters: list[tree.FormalParameter] = []
        while not self.at_symbol(")"):
            if parameters:
                self.expect(",", "between parameters")
            at = self.token.start
            name = self.new_name((":", ",", ")"), "for a parameter")
            type_ = self.type() if self.accept(":") else None
            parameters.append(tree.FormalParameter(name, type_, at=at))
        self.advance()
        external = self.at_keyword("external")
        if external:
            self.advance()
        with self.inner_scope():
            for parameter in parameters:
                self.scope.add(parameter.name)
            body = self.expression()
        return tree.FunctionNode(tuple(parameters), body, external, at=token.start)

    def if_(self) -> tree.Node:
        """Rule 45."""
        token = self.advance()
        condition = self.expression()
        self.expect_keyword("then", "after the condition of if")
        consequence = self.expression()
        self.expect_keyword("else", "after the consequence of if")
        return tree.If(condition, consequence, self.expression(), at=token.start)

    def for_(self) -> tree.Node:
        """Rule 44."""
        token = self.advance()
        with self.inner_scope():
            iterations = self.iterations()
            self.expect_keyword("return", "after the iterations of for")
            return tree.For(iterations, self.expression(), at=token.start)

    def quantified(self) -> tree.Node:
        """Rule 46."""
        token = self.advance()
        with self.inner_scope():
            iterations = self.iterations()
            self.expect_keyword("satisfies", f"after the iterations of {token.text}")
            return tree.Quantified(token.text, iterations, self.expression(), at=token.start)

    def iterations(self) -> tuple[tree.Iteration, ...]:
        out: list[tree.Iteration] = []
        while not out or self.accept(","):
            at = self.token.start
            name = self.new_name(("in",), "for the variable of an iteration")
            self.expect_keyword("in", "after the variable")
            start = self.expression()
            end = self.expression() if self.accept("..") else None
            self.scope.add(name)
            out.append(tree.Iteration(name, start, end, at=at))
        return tuple(out)

    def type(self) -> tree.TypeNode:
        """Rule 52."""
        at = self.token.start
        if self.token.text in ("list", "range", "context", "function") and self.ahead().text == "<":
            return self.parametrised(at)
        words = [self._type_word()]
        while self.token.kind is Kind.NAME or (self.at_keyword("and") and words[-1] in ("date", "days", "years")):
            words.append(self.advance().text)
        name = " ".join(words)
        while self.at_symbol(".") and self.ahead().kind is Kind.NAME:
            self.advance()
            name += "." + self.advance().text
        return tree.TypeNode(name, at=at)

    def _type_word(self) -> str:
        if self.token.kind is not Kind.NAME and not self.at_keyword("function", "null"):
            raise self.error(f"expected a type, found {self.found()}")
        return self.advance().text

    def parametrised(self, at: int) -> tree.TypeNode:
        name = self.advance().text
        self.advance()
        fields: list[tuple[str, tree.TypeNode]] = []
        while not self.at_symbol(">"):
            if fields:
                self.expect(",", "between the parts of a type")
            key = ""
            if name == "context":
                key = self.new_name((":",), "of a context's entry")
                self.expect(":", "after the name of a context's entry")
            fields.append((key, self.type()))
        self.advance()
        if name in ("list", "range") and len(fields) != 1:
            raise self.error(f"{name}<...> takes one type")
        result = None
        if name == "function":
            self.expect("->", "before the type that a function returns")
            result = self.type()
        return tree.TypeNode(name, tuple(fields), result, at=at)

    def unary_tests(self) -> tree.UnaryTestsNode:
        """Rule 15."""
        if self.at_symbol("-") and self.ahead().kind is Kind.END:
            self.advance()
            return tree.UnaryTestsNode(())
        start = self.index
        if self.token.text == "not" and self.ahead().text == "(":
            self.index += 2
            tests = self.positive_unary_tests()
            if self.at_symbol(")") and self.ahead().kind is Kind.END:
                self.advance()
                return tree.UnaryTestsNode(tests, negated=True)
            self.index = start
        return tree.UnaryTestsNode(self.positive_unary_tests())

    def positive_unary_tests(self) -> tuple[tree.Node, ...]:
        tests = [self.expression()]
        while self.accept(","):
            tests.append(self.expression())
        return tuple(tests)


_PRIMARY: dict[str, Callable[[_Parser], tree.Node]] = {
    "(": _Parser.parenthesis,
    "[": _Parser.bracket,
    "]": _Parser.open_bracket,
    "{": _Parser.context,
    "if": _Parser.if_,
    "for": _Parser.for_,
    "some": _Parser.quantified,
    "every": _Parser.quantified,
    "function": _Parser.function,
    "true": _Parser.constant,
    "false": _Parser.constant,
    "null": _Parser.constant,
    **dict.fromkeys(UNARY, _Parser.unary_comparison),
}
