"""Decisions as they were written: the elements of DMN 1.5 (chapters 6 to 10) as frozen data.

The readers (DMN XML, Excel, CSV) give this model, the writers take it, the checks look at it and the compiler turns it
into closures. It holds texts, not parsed expressions, so that what was read can be written again unchanged.
"""

from enum import Enum

import msgspec

from clearance.dmn.errors import Place


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """What every element has."""

    where: Place = Place()


class Expression(Node, frozen=True, kw_only=True):
    """Any boxed expression (7.3.1); ``type_ref`` is empty when the author gave none."""

    type_ref: str = ""


class Literal(Expression, frozen=True, kw_only=True):
    """A FEEL text (7.3.5)."""

    text: str


class UnaryTests(Node, frozen=True, kw_only=True):
    """A FEEL text of unary tests: a rule's input entry, allowed values or a type constraint (7.3.6)."""

    text: str


class Variable(Node, frozen=True, kw_only=True):
    """A named, typed slot: an information item, formal parameter, column or context entry's variable (7.3.4)."""

    name: str
    type_ref: str = ""


class ContextEntry(Node, frozen=True, kw_only=True):
    """One line of a boxed context; the result line has no variable."""

    variable: Variable | None
    value: Expression


class Context(Expression, frozen=True, kw_only=True):
    """A boxed context (10.5.1)."""

    entries: tuple[ContextEntry, ...]


class Binding(Node, frozen=True, kw_only=True):
    """A parameter and what it is given (7.3.7); no value means null."""

    parameter: Variable
    value: Expression | None


class Invocation(Expression, frozen=True, kw_only=True):
    """A boxed invocation: the called function and its bindings (7.3.7)."""

    called: Expression
    bindings: tuple[Binding, ...]


class FunctionDefinition(Expression, frozen=True, kw_only=True):
    """A boxed function (10.4): ``kind`` is FEEL, Java or PMML, and only FEEL is evaluated."""

    parameters: tuple[Variable, ...]
    body: Expression | None
    kind: str = "FEEL"


class ListOf(Expression, frozen=True, kw_only=True):
    """A boxed list (10.5.2)."""

    items: tuple[Expression, ...]


class Relation(Expression, frozen=True, kw_only=True):
    """A boxed relation: a list of contexts with the same columns (10.5.3)."""

    columns: tuple[Variable, ...]
    rows: tuple[ListOf, ...]


class Conditional(Expression, frozen=True, kw_only=True):
    """A boxed if, then and else."""

    condition: Expression
    then: Expression
    otherwise: Expression


class Filter(Expression, frozen=True, kw_only=True):
    """A boxed filter: ``source[match]``."""

    source: Expression
    match: Expression


class Iteration(Expression, frozen=True, kw_only=True):
    """A boxed for, some or every; ``kind`` says which."""

    kind: str
    variable: str
    source: Expression
    source_type: str = ""
    body: Expression


class HitPolicy(Enum):
    """How the hits of a table become its result (8.2.10); the value is the letter in a table's corner."""

    UNIQUE = "U"
    ANY = "A"
    PRIORITY = "P"
    FIRST = "F"
    COLLECT = "C"
    RULE_ORDER = "R"
    OUTPUT_ORDER = "O"


class Aggregation(Enum):
    """The operator of a collect table; the value follows the ``C`` in a table's corner."""

    SUM = "+"
    COUNT = "#"
    MIN = "<"
    MAX = ">"


class InputClause(Node, frozen=True, kw_only=True):
    """An input column: the expression that is tested, and the values that it may have."""

    label: str = ""
    expression: Literal
    allowed: UnaryTests | None = None


class OutputClause(Node, frozen=True, kw_only=True):
    """An output column; its allowed values also give the order for priority and output order tables."""

    label: str = ""
    name: str = ""
    type_ref: str = ""
    allowed: UnaryTests | None = None
    default: Literal | None = None


class Rule(Node, frozen=True, kw_only=True):
    """A row: one test per input, one expression per output, one text per annotation."""

    inputs: tuple[UnaryTests, ...]
    outputs: tuple[Literal, ...]
    annotations: tuple[str, ...] = ()


class DecisionTable(Expression, frozen=True, kw_only=True):
    """A decision table (chapter 8)."""

    inputs: tuple[InputClause, ...]
    outputs: tuple[OutputClause, ...]
    annotations: tuple[str, ...] = ()
    """The names of the annotation columns."""
    rules: tuple[Rule, ...]
    hit_policy: HitPolicy = HitPolicy.UNIQUE
    aggregation: Aggregation | None = None
    output_label: str = ""


class ItemDefinition(Node, frozen=True, kw_only=True):
    """A type with a name: a base type, a structure or a function, perhaps a collection, perhaps constrained (7.3.3)."""

    name: str
    type_ref: str = ""
    is_collection: bool = False
    components: tuple["ItemDefinition", ...] = ()
    allowed_values: UnaryTests | None = None
    """Constrains each item when this is a collection."""
    type_constraint: UnaryTests | None = None
    """Constrains the whole value, collection or not."""
    parameters: tuple[Variable, ...] | None = None
    """Only of a function type."""
    output_type: str = ""


class GraphElement(Node, frozen=True, kw_only=True):
    """What the elements of a decision requirements graph share (6.3)."""

    id: str
    name: str
    variable: Variable


class InputData(GraphElement, frozen=True, kw_only=True):
    """Data that a caller gives (6.3.11)."""


class Decision(GraphElement, frozen=True, kw_only=True):
    """A question and the logic that answers it (6.3.7)."""

    requires: tuple[str, ...] = ()
    """References (``#id`` or ``namespace#id``) to the inputs, decisions, knowledge models and services it may use."""
    expression: Expression | None = None
    question: str = ""
    description: str = ""


class KnowledgeModel(GraphElement, frozen=True, kw_only=True):
    """A business knowledge model: a function with a name (6.3.9)."""

    requires: tuple[str, ...] = ()
    logic: FunctionDefinition | None = None


class DecisionService(GraphElement, frozen=True, kw_only=True):
    """A part of the graph with an interface (6.3.10): what it is given and what it answers, all by reference."""

    outputs: tuple[str, ...]
    encapsulated: tuple[str, ...] = ()
    input_decisions: tuple[str, ...] = ()
    input_data: tuple[str, ...] = ()


class Import(Node, frozen=True, kw_only=True):
    """Another model's elements, seen under ``name`` (or without a prefix when the name is empty)."""

    name: str
    namespace: str
    location: str = ""
    import_type: str = ""


class Definitions(Node, frozen=True, kw_only=True):
    """One file of decisions."""

    id: str = ""
    name: str
    namespace: str
    imports: tuple[Import, ...] = ()
    items: tuple[ItemDefinition, ...] = ()
    inputs: tuple[InputData, ...] = ()
    decisions: tuple[Decision, ...] = ()
    knowledge: tuple[KnowledgeModel, ...] = ()
    services: tuple[DecisionService, ...] = ()

    def elements(self) -> tuple[GraphElement, ...]:
        """All elements of its decision requirements graph."""
        return (*self.inputs, *self.decisions, *self.knowledge, *self.services)

    def functions(self) -> tuple[KnowledgeModel | DecisionService, ...]:
        """The elements that can be called."""
        return (*self.knowledge, *self.services)
