"""Conditions as formulas over plain tests, so that they can be compared without being run.

``amount > 1000 and status in ("new", "open")`` is two tests, each of one subject and a region of values. A subject is a
path such as ``invoice.total``, any other expression taken as it is (``count(findings)``), or two of them that are
compared with each other. What is no such test is unknown: it may hold or not. Subjects that have to do with each other
(``a`` and ``a.b``, ``x`` and ``x + 1``) are unknown too, because their values cannot be chosen freely.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from clearance import feel
from clearance.feel import syntax
from clearance.feel.atoms import Atom, holds
from clearance.feel.printer import to_source
from clearance.feel.regions import Interval, Region, region_of

_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}
_WHOLE = frozenset({"count", "string length", "length"})
"""Functions that yield whole numbers from 0."""


@dataclass(slots=True, frozen=True)
class Subject:
    """What is tested; for two expressions compared with each other the values are -1, 0 and 1."""

    text: str
    other: str = ""
    """The second of two."""
    names: frozenset[str] = frozenset()
    is_path: bool = False
    whole: bool = False


@dataclass(slots=True, frozen=True)
class Test:
    subject: Subject
    region: Region


@dataclass(slots=True, frozen=True)
class Not:
    part: "Formula"


@dataclass(slots=True, frozen=True)
class Joint:
    """All parts, or any of them."""

    all: bool
    parts: "tuple[Formula, ...]"


@dataclass(slots=True, frozen=True)
class Unknown:
    pass


Formula = Test | Not | Joint | Unknown
Values = Mapping[Subject, Atom]


def formula_of(node: syntax.Node) -> Formula:
    """The formula of an expression that is true or false."""
    match node:
        case syntax.Junction():
            return Joint(node.operator == "and", tuple(map(formula_of, node.operands)))
        case syntax.Literal(value=bool()):
            return Joint(node.value, ())
        case syntax.Comparison():
            return _comparison(node)
        case syntax.Between():
            interval = syntax.Interval(node.low, node.high, True, True)
            return _test(node.value, [interval])
        case syntax.In():
            return _test(node.value, [each for test in node.tests for each in _listed(test)])
        case syntax.If():
            when = formula_of(node.condition)
            first = Joint(True, (when, formula_of(node.consequence)))
            return Joint(False, (first, Joint(True, (Not(when), formula_of(node.alternative)))))
        case syntax.Invocation(function=syntax.Name(name="not"), arguments=(argument,)):
            return Not(formula_of(argument))
        case syntax.Invocation(
            function=syntax.Name(name="list contains"), arguments=(syntax.ListNode() as items, value)
        ):
            return _test(value, items.items)
        case syntax.Name() | syntax.Path():
            return Test(_subject(node), Region((Interval("boolean", True, True, True, True),)))
    return Unknown()


def _listed(test: syntax.Node) -> Iterable[syntax.Node]:
    return test.items if isinstance(test, syntax.ListNode) else (test,)


def _test(value: syntax.Node, tests: Iterable[syntax.Node]) -> Formula:
    region = region_of(syntax.UnaryTestsNode(tuple(tests)))
    if region is None or region.everything or _is_constant(value):
        return Unknown()
    return Test(_subject(value), region)


def _comparison(node: syntax.Comparison) -> Formula:
    operator, left, right = node.operator, node.left, node.right
    if _is_constant(left):
        operator, left, right = _FLIPPED[operator], right, left
    if operator == "!=":
        equal = _comparison(syntax.Comparison("=", left, right))
        return equal if isinstance(equal, Unknown) else Not(equal)
    if _is_constant(right):
        return _test(left, [syntax.UnaryComparison(operator, right)] if operator != "=" else [right])
    return _order(operator, left, right)


def _order(operator: str, left: syntax.Node, right: syntax.Node) -> Formula:
    """Two expressions: which is greater is a value of its own."""
    if to_source(right) < to_source(left):
        operator, left, right = _FLIPPED[operator], right, left
    first, second = _subject(left), _subject(right)
    subject = Subject(first.text, second.text, first.names | second.names)
    low, high = {"<": (None, 0), "<=": (None, 0), ">": (0, None), ">=": (0, None), "=": (0, 0)}[operator]
    included = operator in ("<=", ">=", "=")
    return Test(subject, Region((Interval("number", low, high, included, included),)))


def _is_constant(node: syntax.Node) -> bool:
    return region_of(syntax.UnaryTestsNode((node,))) is not None and not isinstance(node, syntax.UnaryComparison)


def _subject(node: syntax.Node) -> Subject:
    text = to_source(node)
    inner = node
    while isinstance(inner, syntax.Path):
        inner = inner.base
    whole = isinstance(node, syntax.Invocation) and getattr(node.function, "name", "") in _WHOLE
    try:
        names = feel.compile(text).reads
    except feel.FeelSyntaxError:  # a name that only its surroundings make one
        names = frozenset()
    return Subject(text, "", names, isinstance(inner, syntax.Name), whole)


def tests_of(formula: Formula) -> Iterator[Test]:
    """Every test in it."""
    match formula:
        case Test():
            yield formula
        case Not():
            yield from tests_of(formula.part)
        case Joint():
            for part in formula.parts:
                yield from tests_of(part)


def truth(formula: Formula, values: Values) -> bool | None:
    """Whether it holds for the values of its subjects; None when that depends on what is unknown."""
    match formula:
        case Test():
            atom = values.get(formula.subject)
            return None if atom is None else holds(formula.region, atom)
        case Not():
            found = truth(formula.part, values)
            return None if found is None else not found
        case Joint():
            parts = [truth(part, values) for part in formula.parts]
            if (not formula.all) in parts:
                return not formula.all
            return None if None in parts else formula.all
    return None


def entangled(subjects: Iterable[Subject]) -> set[Subject]:
    """Subjects whose values depend on those of another."""
    found: set[Subject] = set()
    known = list(dict.fromkeys(subjects))
    for number, one in enumerate(known):
        if not one.names:
            found.add(one)
        for other in known[:number]:
            if not one.names & other.names:
                continue
            if not (one.is_path and other.is_path and _apart(one.text, other.text)):
                found |= {one, other}
    return found


def _apart(one: str, other: str) -> bool:
    return not (f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}."))
