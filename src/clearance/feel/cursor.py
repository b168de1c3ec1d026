"""The parser's hands: a position in the tokens, what is accepted and expected there, and names of several tokens."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from clearance.feel.bounds import Bounds
from clearance.feel.lexer import Kind, Token, place, tokens_of
from clearance.feel.names import NAME_SYMBOLS, WORDS, NameTable, joined
from clearance.feel.problems import FeelSyntaxError


class Cursor:
    """Reads the tokens of one text from left to right."""

    def __init__(self, text: str, names: Iterable[str], members: Iterable[str], bounds: Bounds) -> None:
        if len(text) > bounds.text_length_max:
            raise FeelSyntaxError(
                f"the text has more than {bounds.text_length_max:,} characters (text_length_max)", 1, 1, "divide it"
            )
        self.text = text
        self.tokens = tokens_of(text)
        self.index = 0
        self.bounds = bounds
        self.depth = 0
        self.scope = NameTable(names)
        self.members = NameTable(members, self.scope)
        """Names that may follow a dot or stand in a filter: keys that some context has."""
        self.in_filter = 0

    @property
    def token(self) -> Token:
        """The token at the position."""
        return self.tokens[self.index]

    def ahead(self, count: int = 1) -> Token:
        """A later token, or the END."""
        return self.tokens[min(self.index + count, len(self.tokens) - 1)]

    def advance(self) -> Token:
        """Take the token."""
        token = self.tokens[self.index]
        if token.kind is not Kind.END:
            self.index += 1
        return token

    def at_symbol(self, *symbols: str) -> bool:
        """Is the token one of these symbols?"""
        token = self.tokens[self.index]
        return token.kind is Kind.SYMBOL and token.text in symbols

    def at_keyword(self, *words: str) -> bool:
        """Is the token one of these keywords?"""
        token = self.tokens[self.index]
        return token.kind is Kind.KEYWORD and token.text in words

    def accept(self, symbol: str) -> bool:
        """Take the symbol if it is there."""
        if self.at_symbol(symbol):
            self.index += 1
            return True
        return False

    def expect(self, symbol: str, purpose: str) -> Token:
        """Take the symbol, or say what it is needed for."""
        if not self.at_symbol(symbol):
            raise self.error(f"expected {symbol!r} {purpose}, found {self.found()}")
        return self.advance()

    def expect_keyword(self, word: str, purpose: str) -> Token:
        """Take the keyword, or say what it is needed for."""
        if not self.at_keyword(word):
            raise self.error(f'expected "{word}" {purpose}, found {self.found()}')
        return self.advance()

    def found(self) -> str:
        """The token, for a message."""
        token = self.token
        return "the end of the text" if token.kind is Kind.END else f"{self.text[token.start : token.end]!r}"

    def error(self, message: str, hint: str = "", token: Token | None = None) -> FeelSyntaxError:
        """A syntax error at a token, by default the present one."""
        return FeelSyntaxError(message, *place(self.text, (token or self.token).start), hint)

    @contextmanager
    def nested(self) -> Iterator[None]:
        """One level deeper; too many levels are an error of the text."""
        self.depth += 1
        if self.depth > self.bounds.nesting_max:
            raise self.error(f"nested more than {self.bounds.nesting_max} levels deep (nesting_max)", "divide it")
        yield
        self.depth -= 1

    @contextmanager
    def inner_scope(self) -> Iterator[None]:
        """Names added within are out of scope afterwards."""
        outer, self.scope = self.scope, NameTable(parent=self.scope)
        yield
        self.scope = outer

    def name(self, *, member: bool = False) -> str:
        """A name where one is used: the longest in scope, otherwise words that stand side by side."""
        found = self.scope.longest(self.tokens, self.index)
        if member or self.in_filter:
            other = self.members.longest(self.tokens, self.index)
            found = other if other and (found is None or other[1] > found[1]) else found
        if found is not None:
            self.index += found[1]
            return found[0]
        first = self.advance()
        words = [first.text]
        while self.token.kind is Kind.NAME or (self.token.kind is Kind.NUMBER and self.token.text.isdigit()):
            words.append(self.advance().text)
        return joined(words)

    def new_name(self, stops: tuple[str, ...], purpose: str) -> str:
        """A name where one is given: all tokens up to a symbol or keyword that must follow it."""
        words: list[str] = []
        while not (self.token.text in stops and self.token.kind in (Kind.SYMBOL, Kind.KEYWORD) and words):
            token = self.token
            if token.kind not in WORDS and not (token.kind is Kind.SYMBOL and token.text in NAME_SYMBOLS):
                raise self.error(f"expected a name {purpose}, found {self.found()}")
            words.append(self.advance().text)
        if not words or words[0][0] in "0123456789.":
            raise self.error(f"expected a name {purpose}", "names begin with a letter or _")
        return joined(words)

    def name_before_colon(self) -> str | None:
        """The name, if what follows is ``name :``; takes both. Otherwise takes nothing."""
        index = self.index
        if self.tokens[index].kind not in (Kind.NAME, Kind.KEYWORD):
            return None
        while self.tokens[index].kind in WORDS or self.tokens[index].text in NAME_SYMBOLS:
            index += 1
            if self.tokens[index].kind in (Kind.STRING, Kind.AT):
                return None
        if self.tokens[index].kind is not Kind.SYMBOL or self.tokens[index].text != ":":
            return None
        words = [token.text for token in self.tokens[self.index : index]]
        self.index = index + 1
        return joined(words)
