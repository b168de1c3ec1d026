"""DMN XML to boxed expressions: one small reader per element, found in the table at the end."""

import re
from collections.abc import Callable

from clearance.dmn.errors import DmnError
from clearance.dmn.model import (
    Aggregation,
    Binding,
    Conditional,
    Context,
    ContextEntry,
    DecisionTable,
    Expression,
    Filter,
    FunctionDefinition,
    HitPolicy,
    InputClause,
    Invocation,
    Iteration,
    ListOf,
    Literal,
    OutputClause,
    Relation,
    Rule,
    UnaryTests,
    Variable,
)
from clearance.dmn.xml.source import Element

_FEEL_LANGUAGE = re.compile(r"https?://www\.omg\.org/spec/(DMN/\d+/FEEL|FEEL/\d+)/?")
"""How the versions of the standard name FEEL."""


def require_feel(element: Element) -> None:
    """Refuse any expression language but FEEL."""
    language = element.get("expressionLanguage")
    if language.lower() in ("", "feel") or _FEEL_LANGUAGE.fullmatch(language):
        return
    remedy = "Rewrite the expression in FEEL and remove expressionLanguage."
    raise DmnError(f"is written in {language}, but only FEEL is evaluated.", element.place(), remedy)


def read_type_ref(element: Element, text: str) -> str:
    """A type reference as a FEEL name; DMN 1.1 writes ``feel:string``, later versions ``string``."""
    text = " ".join(text.split())
    prefix, colon, local = text.partition(":")
    if colon and element.resolve_prefix(prefix) is not None:
        return local
    return text


def read_variable(element: Element) -> Variable:
    """An information item: its name and type."""
    return Variable(
        where=element.place(),
        name=" ".join(element.get("name").split()),
        type_ref=read_type_ref(element, element.get("typeRef")),
    )


def read_unary_tests(element: Element | None) -> UnaryTests | None:
    """Unary tests; None when the element is absent or empty."""
    if element is None:
        return None
    require_feel(element)
    text = element.child_text("text")
    return UnaryTests(where=element.place(), text=text) if text else None


def read_expression_of(element: Element) -> Expression | None:
    """The boxed expression among an element's children."""
    found = [child for child in element.children() if child.tag in _READERS]
    return read_expression(found[0]) if found else None


def read_expression(element: Element) -> Expression:
    """The boxed expression that an element is."""
    require_feel(element)
    return _READERS[element.tag](element)


def read_function(element: Element) -> FunctionDefinition:
    """A function definition, or the encapsulated logic of a business knowledge model."""
    return FunctionDefinition(
        where=element.place(),
        type_ref=_type_ref(element),
        parameters=tuple(map(read_variable, element.children("formalParameter"))),
        body=read_expression_of(element),
        kind=element.get("kind", "FEEL"),
    )


def _type_ref(element: Element) -> str:
    return read_type_ref(element, element.get("typeRef"))


def _inner(element: Element, tag: str) -> Expression:
    """The expression inside a named child such as ``<if>`` or ``<in>``."""
    child = element.required(tag)
    expression = read_expression_of(child)
    if expression is None:
        raise DmnError(f"<{tag}> holds no expression.", child.place(), "Put a boxed expression into it.")
    return expression


def _literal(element: Element) -> Expression:
    if element.child("importedValues") is not None:
        message = "takes imported values, which need another expression language."
        raise DmnError(message, element.place(), "Write the values as a FEEL list.")
    return Literal(where=element.place(), type_ref=_type_ref(element), text=element.child_text("text"))


def _context(element: Element) -> Expression:
    entries = []
    for entry in element.children("contextEntry"):
        value = read_expression_of(entry)
        variable = entry.child("variable")
        if value is None:
            raise DmnError("holds no expression.", entry.place(), "Give the entry a value, for example null.")
        entries.append(
            ContextEntry(
                where=entry.place(), variable=None if variable is None else read_variable(variable), value=value
            )
        )
    return Context(where=element.place(), type_ref=_type_ref(element), entries=tuple(entries))


def _invocation(element: Element) -> Expression:
    called = read_expression_of(element)
    if called is None:
        raise DmnError("does not say what it calls.", element.place(), "Add the called function's name.")
    bindings = tuple(
        Binding(
            where=binding.place(),
            parameter=read_variable(binding.required("parameter")),
            value=read_expression_of(binding),
        )
        for binding in element.children("binding")
    )
    return Invocation(where=element.place(), type_ref=_type_ref(element), called=called, bindings=bindings)


def _list(element: Element) -> ListOf:
    items = tuple(read_expression(child) for child in element.children() if child.tag in _READERS)
    return ListOf(where=element.place(), type_ref=_type_ref(element), items=items)


def _relation(element: Element) -> Expression:
    columns = tuple(map(read_variable, element.children("column")))
    rows = tuple(_list(row) for row in element.children("row"))
    for row in rows:
        if len(row.items) != len(columns):
            message = f"a row has {len(row.items)} cells for {len(columns)} columns."
            raise DmnError(message, row.where, "Give the row one cell per column.")
    return Relation(where=element.place(), type_ref=_type_ref(element), columns=columns, rows=rows)


def _conditional(element: Element) -> Expression:
    return Conditional(
        where=element.place(),
        type_ref=_type_ref(element),
        condition=_inner(element, "if"),
        then=_inner(element, "then"),
        otherwise=_inner(element, "else"),
    )


def _filter(element: Element) -> Expression:
    return Filter(
        where=element.place(),
        type_ref=_type_ref(element),
        source=_inner(element, "in"),
        match=_inner(element, "match"),
    )


def _iteration(element: Element) -> Expression:
    return Iteration(
        where=element.place(),
        type_ref=_type_ref(element),
        kind=element.tag,
        variable=" ".join(element.get("iteratorVariable").split()),
        source=_inner(element, "in"),
        source_type=_type_ref(element.required("in")),
        body=_inner(element, "return" if element.tag == "for" else "satisfies"),
    )


def _table(element: Element) -> Expression:
    policy = element.get("hitPolicy", "UNIQUE").replace(" ", "_").upper()
    aggregation = element.get("aggregation").upper()
    if policy not in HitPolicy.__members__:
        known = ", ".join(name.replace("_", " ") for name in HitPolicy.__members__)
        raise DmnError(f"has the unknown hit policy {element.get('hitPolicy')}.", element.place(), f"Use {known}.")
    if aggregation and aggregation not in Aggregation.__members__:
        remedy = f"Use {', '.join(Aggregation.__members__)}."
        raise DmnError(f"has the unknown aggregation {aggregation}.", element.place(), remedy)
    inputs = tuple(_input_clause(child) for child in element.children("input"))
    outputs = tuple(_output_clause(child) for child in element.children("output"))
    if not outputs:
        raise DmnError("has no output.", element.place(), "Add an output column.")
    return DecisionTable(
        where=element.place(),
        type_ref=_type_ref(element),
        inputs=inputs,
        outputs=outputs,
        annotations=tuple(child.get("name") for child in element.children("annotation")),
        rules=tuple(
            _rule(child, number, len(inputs), len(outputs))
            for number, child in enumerate(element.children("rule"), start=1)
        ),
        hit_policy=HitPolicy[policy],
        aggregation=Aggregation[aggregation] if aggregation else None,
        output_label=element.get("outputLabel"),
    )


def _input_clause(element: Element) -> InputClause:
    expression = element.required("inputExpression")
    require_feel(expression)
    return InputClause(
        where=element.place(),
        label=element.get("label"),
        expression=Literal(
            where=expression.place(), type_ref=_type_ref(expression), text=expression.child_text("text")
        ),
        allowed=read_unary_tests(element.child("inputValues")),
    )


def _output_clause(element: Element) -> OutputClause:
    default = element.child("defaultOutputEntry")
    literal = None if default is None else Literal(where=default.place(), text=default.child_text("text"))
    return OutputClause(
        where=element.place(),
        label=element.get("label"),
        name=" ".join(element.get("name").split()),
        type_ref=_type_ref(element),
        allowed=read_unary_tests(element.child("outputValues")),
        default=literal if literal is not None and literal.text else None,
    )


def _rule(element: Element, number: int, inputs: int, outputs: int) -> Rule:
    place = element.place(f"rule {number}")
    tests, results = list(element.children("inputEntry")), list(element.children("outputEntry"))
    if len(tests) != inputs or len(results) != outputs:
        message = f"has {len(tests)} input and {len(results)} output entries for {inputs} inputs and {outputs} outputs."
        raise DmnError(message, place, "Give the rule one entry per column.")
    for entry in (*tests, *results):
        require_feel(entry)
    return Rule(
        where=place,
        inputs=tuple(
            UnaryTests(where=entry.place(f"rule {number}, input {column}"), text=entry.child_text("text"))
            for column, entry in enumerate(tests, start=1)
        ),
        outputs=tuple(
            Literal(
                where=entry.place(f"rule {number}, output {column}"),
                type_ref=_type_ref(entry),
                text=entry.child_text("text"),
            )
            for column, entry in enumerate(results, start=1)
        ),
        annotations=tuple(entry.child_text("text") for entry in element.children("annotationEntry")),
    )


_READERS: dict[str, Callable[[Element], Expression]] = {
    "literalExpression": _literal,
    "context": _context,
    "decisionTable": _table,
    "invocation": _invocation,
    "functionDefinition": read_function,
    "list": _list,
    "relation": _relation,
    "conditional": _conditional,
    "filter": _filter,
    "for": _iteration,
    "some": _iteration,
    "every": _iteration,
}
