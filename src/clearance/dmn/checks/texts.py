"""Cells of text columns in which a word without quotes may be read as a name by mistake (see ``bare_words.py``).

In a spreadsheet people write texts without quotes, so every such word is an error that says how to write either
meaning. A DMN model's cells are FEEL, and a name is a name: only what can never be a text is reported there.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from clearance.dmn.checks.bare_words import BareWord, Stands, in_result, in_tests
from clearance.dmn.checks.findings import Finding
from clearance.dmn.compiler import Compiler
from clearance.dmn.errors import Place
from clearance.dmn.model import DecisionTable, InputClause, Literal, UnaryTests
from clearance.dmn.scope import Scope
from clearance.dmn.sheets.words import quote
from clearance.feel import FeelSyntaxError, compile_unary_tests, syntax, types
from clearance.feel import compile as compile_feel
from clearance.feel.names import normal, tokens_of_name

_WHOLE = frozenset({Stands.AS_FUNCTION, Stands.AS_CONDITION, Stands.IN_SUM, Stands.IN_CALCULATION})
"""Where the words around it belong to the text, if a text is meant."""
_NEEDS_TEXT = frozenset({Stands.AS_TEST, Stands.AS_TEXT_ARGUMENT, Stands.AS_RESULT})
_CLEAR_IN_OUTPUTS = frozenset({Stands.AS_ARGUMENT, Stands.AS_TEXT_ARGUMENT, Stands.AS_CONDITION})


class Known(msgspec.Struct, frozen=True):
    """What is known of the names in scope: types of values (Any where nobody says), and what can be called."""

    values: Mapping[str, types.Type]
    functions: frozenset[str]

    def with_values(self, values: Mapping[str, types.Type]) -> "Known":
        """The same with further names, which hide those of the same name."""
        return Known({**self.values, **values}, self.functions - values.keys())


def mistaken_names(table: DecisionTable, scope: Scope, known: Known, compiler: Compiler) -> Iterator[Finding]:
    """The cells of a table's text columns whose bare words may have been meant as texts."""
    known = _with_structures(table, scope, known)
    for at, clause in enumerate(table.inputs):
        cells = [rule.inputs[at] for rule in table.rules] + ([clause.allowed] if clause.allowed else [])
        yield from _input_column(clause, cells, scope, known, compiler)
    for at, output in enumerate(table.outputs):
        if _plain(compiler.type(output.type_ref, scope, output.where)) != types.STRING:
            continue
        for entry in [rule.outputs[at] for rule in table.rules] + ([output.default] if output.default else []):
            yield from _output_cell(entry, scope, known)
        if output.allowed is not None:
            yield from _input_cell(output.allowed, scope, known)


def _with_structures(table: DecisionTable, scope: Scope, known: Known) -> Known:
    """What a column takes parts of (``invoice.total``) is no text, whether or not its type says so."""
    roots = set()
    for clause in table.inputs:
        tree = _tree(clause.expression.text, scope)
        while isinstance(tree, syntax.Path):
            tree = tree.base
            if isinstance(tree, syntax.Name):
                roots.add(tree.name)
    untyped = {name for name in roots if known.values.get(name) == types.ANY}
    return known.with_values(dict.fromkeys(untyped, types.ContextType(())))


def _input_column(
    clause: InputClause, cells: Sequence[UnaryTests], scope: Scope, known: Known, compiler: Compiler
) -> Iterator[Finding]:
    type_ = compiler.type(clause.expression.type_ref, scope, clause.where)
    if type_ == types.ANY:
        type_ = known.values.get(normal(clause.expression.text), types.ANY)
    type_ = _plain(type_)
    of_texts = type_ == types.STRING or (
        type_ == types.ANY and bool(clause.where.cell) and _holds_texts(cells, scope, compiler)
    )
    for cell in cells if of_texts else ():
        if compiler.region(cell.text or "-", scope) is None:
            yield from _input_cell(cell, scope, known)


def _holds_texts(cells: Sequence[UnaryTests], scope: Scope, compiler: Compiler) -> bool:
    """Whether the constants in a column without a type are texts, all of them, and there is one."""
    trees = [_tests(cell.text, scope) for cell in cells if cell.text not in ("", "-")]
    tests = [test for tree in trees if tree is not None for test in tree.tests]
    kinds = {type(constant.value) for test in tests for constant in _constants(test)}
    return kinds - {type(None)} == {str}


def _constants(test: syntax.Node) -> Iterator[syntax.Literal]:
    """The constants that a test compares with, where that is plain to see."""
    if isinstance(test, syntax.Literal):
        yield test
    elif isinstance(test, syntax.UnaryComparison):
        yield from _constants(test.endpoint)
    elif isinstance(test, syntax.Interval):
        yield from _constants(test.start)
        yield from _constants(test.end)


def _input_cell(cell: UnaryTests, scope: Scope, known: Known) -> Iterator[Finding]:
    tree = _tests(cell.text, scope)
    if tree is None:
        return
    words = in_tests(tree, known.functions)
    alone = tree.negated and len(tree.tests) == 1
    yield from _finding(cell, _doubtful(words, cell.where, known), known, negated_alone=alone)


def _output_cell(cell: Literal, scope: Scope, known: Known) -> Iterator[Finding]:
    tree = _tree(cell.text, scope)
    if tree is None:
        return
    words = [
        word
        for word in in_result(tree, known.functions)
        if word.stands not in _CLEAR_IN_OUTPUTS or _never_text(word, known)
    ]
    yield from _finding(cell, _doubtful(words, cell.where, known), known)


def _doubtful(words: Sequence[BareWord], where: Place, known: Known) -> list[BareWord]:
    """Those of the words to report: in a model the certain ones, in a spreadsheet all that its types do not explain."""
    if not where.cell:
        return [word for word in words if _never_text(word, known)]
    sums = {_type(word, known) for word in words if word.stands is Stands.IN_SUM}
    return [
        word
        for word in words
        if not (word.stands is Stands.IN_SUM and sums == {types.STRING})
        and not (word.stands is Stands.AS_CONDITION and _type(word, known) == types.BOOLEAN)
    ]


def _type(word: BareWord, known: Known) -> types.Type:
    return _plain(known.values.get(word.name, types.ANY))


def _never_text(word: BareWord, known: Known) -> bool:
    """Whether it stands where only a text makes sense, and names what cannot be one."""
    return word.stands in _NEEDS_TEXT and not _may_be_text(_type(word, known))


def _may_be_text(type_: types.Type) -> bool:
    """A boolean may be: as a test it holds when it is true."""
    type_ = _plain(type_)
    if isinstance(type_, types.ListType | types.RangeType):
        return _may_be_text(type_.element)
    return type_ in (types.STRING, types.ANY, types.NULL, types.BOOLEAN)


def _plain(type_: types.Type) -> types.Type:
    while isinstance(type_, types.Constrained):
        type_ = type_.base
    return type_


def _finding(
    cell: UnaryTests | Literal, words: Sequence[BareWord], known: Known, *, negated_alone: bool = False
) -> Iterator[Finding]:
    """One finding for all such words of a cell, with both ways to write it clearly."""
    if not words:
        return
    text = cell.text
    names = list(dict.fromkeys(f'"{word.name}"' for word in words))
    read = f"{names[0]} is read as a name" if len(names) == 1 else f"{' and '.join(names)} are read as names"
    as_text = quote(text) if any(word.stands in _WHOLE for word in words) else _rewritten(text, words, _quoted)
    if any(word.stands in (Stands.AS_FUNCTION, Stands.IN_CALCULATION) for word in words):
        otherwise = "; as an expression the cell gives no text."
    elif any(_never_text(word, known) for word in words):
        otherwise = "; what has that name is no text."
    elif negated_alone and words[0].stands is Stands.AS_TEST:
        otherwise = f", or ? != {words[0].name} if the value of that name is meant."
    else:
        otherwise = f", or {_rewritten(text, words, _named)} if the value of that name is meant."
    message = (
        f"{text} is in a column of texts, but {read}, not as text. Write {as_text} if the text is meant{otherwise}"
    )
    yield Finding(kind="ambiguous", severity="error", message=message, where=cell.where)


def _quoted(word: BareWord) -> str:
    return quote(word.name)


def _named(word: BareWord) -> str:
    """The name, written so that nobody takes it for a text."""
    if word.stands is Stands.AS_TEST:
        return f"? = {word.name}"
    return f"{word.name} = true" if word.stands is Stands.AS_CONDITION else f"string({word.name})"


def _rewritten(text: str, words: Sequence[BareWord], write: Callable[[BareWord], str]) -> str:
    """The cell's text with each of the words written otherwise."""
    for word in sorted(words, key=lambda each: each.at, reverse=True):
        pattern = re.compile(r"\s*".join(map(re.escape, tokens_of_name(word.name))))
        found = pattern.match(text, word.at)
        end = found.end() if found else word.at + len(word.name)
        text = text[: word.at] + write(word) + text[end:]
    return text


def _tests(text: str, scope: Scope) -> syntax.UnaryTestsNode | None:
    """The tree of unary tests; None where they are no FEEL, which is reported when the file is read."""
    try:
        return compile_unary_tests(text, names=scope.names, members=scope.members, types=scope.types).tree
    except FeelSyntaxError:
        return None


def _tree(text: str, scope: Scope) -> syntax.Node | None:
    try:
        return compile_feel(text, names=scope.names, members=scope.members, types=scope.types).tree
    except FeelSyntaxError:
        return None
