"""All checks of a model: each decision table by itself, and what the evaluation would refuse."""

from collections.abc import Iterable, Iterator, Sequence

from clearance.dmn.checks.coverage import Grid, gaps, hidden_by_rules_above, never_matches, overlaps
from clearance.dmn.checks.findings import Finding
from clearance.dmn.checks.texts import Known, mistaken_names
from clearance.dmn.compiler import Compiler
from clearance.dmn.decisions import Decisions
from clearance.dmn.errors import DmnError
from clearance.dmn.graph import Graph
from clearance.dmn.hit_policies import SINGLE_HIT
from clearance.dmn.model import (
    Context,
    Decision,
    DecisionTable,
    Definitions,
    Expression,
    Filter,
    FunctionDefinition,
    HitPolicy,
    InputClause,
    InputData,
    Iteration,
    KnowledgeModel,
)
from clearance.dmn.scope import Scope
from clearance.feel import types
from clearance.feel.atoms import Atom, atoms_of, is_empty
from clearance.feel.names import normal
from clearance.feel.regions import Region, kind_of

FINDINGS_MAX = 20
"""Gaps, and overlaps, reported for one table."""

_SPECIAL_NAMES = frozenset({"item", "partial", "?"})
_KINDS = {types.NUMBER: "number", types.STRING: "string", types.BOOLEAN: "boolean", types.DATE: "date"}


def check(decisions: Decisions) -> tuple[Finding, ...]:
    """What is wrong or doubtful in the decisions, in the order of the file."""
    graph = decisions.graph
    compiler = Compiler(graph, strict=False)
    model = decisions.definitions
    found: list[Finding] = []
    for decision in model.decisions:
        scope = compiler.scope(model, _names(graph, decision, model, found))
        known = _known(graph, decision, model, compiler)
        found.extend(_expression(decision.expression, scope, known, compiler))
        found.extend(_unknown_names(decision, scope, compiler))
    for knowledge in model.knowledge:
        scope = compiler.scope(model, _names(graph, knowledge, model, found))
        known = _known(graph, knowledge, model, compiler)
        found.extend(_expression(knowledge.logic, scope, known, compiler))
    return tuple(found)


def _unknown_names(decision: Decision, scope: Scope, compiler: Compiler) -> Iterator[Finding]:
    """Names that a decision reads and does not require; a model without input data takes them from its caller."""
    if decision.expression is None or not scope.model.inputs:
        return
    compiler.free.clear()
    compiler.expression(decision.expression, scope)
    for name in sorted(compiler.free - scope.members - _SPECIAL_NAMES):
        message = f'reads "{name}", which it does not require: it is null.'
        yield Finding(kind="name", severity="error", message=message, where=decision.where)


def _names(graph: Graph, element: Decision | KnowledgeModel, model: Definitions, found: list[Finding]) -> set[str]:
    """The names that an element's requirements bring into scope; one that leads nowhere is a finding."""
    names = set()
    for reference in element.requires:
        try:
            key = graph.resolve(reference, model, element)
        except DmnError as error:
            found.append(Finding(kind="name", severity="error", message=error.message, where=element.where))
        else:
            names.add(graph.prefix(model, key) or graph.element(key).variable.name)
    return names


def _known(graph: Graph, element: Decision | KnowledgeModel, model: Definitions, compiler: Compiler) -> Known:
    """What the names are that an element's requirements bring into scope."""
    values: dict[str, types.Type] = {}
    functions = set()
    for reference in element.requires:
        try:
            key = graph.resolve(reference, model, element)
        except DmnError:
            continue
        required, prefix = graph.element(key), graph.prefix(model, key)
        name = normal(prefix or required.variable.name)
        if prefix:
            values[name] = types.ContextType(())
        elif isinstance(required, Decision | InputData):
            values[name] = _type_of(required, graph.models[key[0]], compiler)
        else:
            functions.add(name)
    return Known(values, frozenset(functions))


def _type_of(element: Decision | InputData, model: Definitions, compiler: Compiler) -> types.Type:
    """The declared type; of a table with several outputs that it is a context, declared or not."""
    declared = compiler.type_in(element.variable.type_ref, model, element.variable.where)
    table = element.expression if isinstance(element, Decision) else None
    several = isinstance(table, DecisionTable) and len(table.outputs) > 1
    return types.ContextType(()) if several and declared == types.ANY else declared


def _expression(expression: Expression | None, scope: Scope, known: Known, compiler: Compiler) -> Iterator[Finding]:
    """The findings of an expression and of those inside it."""
    if isinstance(expression, DecisionTable):
        yield from _table(expression, scope, compiler)
        yield from mistaken_names(expression, scope, known, compiler)
    elif isinstance(expression, FunctionDefinition) and expression.kind != "FEEL":
        message = f"is an external {expression.kind} function, which is not run: calling it gives null."
        yield Finding(kind="unsupported", severity="error", message=message, where=expression.where)
    elif expression is not None:
        parameters = expression.parameters if isinstance(expression, FunctionDefinition) else ()
        inner = scope.with_names(each.name for each in parameters)
        within = known.with_values(_introduced(expression, scope, compiler))
        for part in _parts(expression):
            yield from _expression(part, inner, within, compiler)


def _introduced(expression: Expression, scope: Scope, compiler: Compiler) -> dict[str, types.Type]:
    """The names that an expression brings into scope for those inside it, with their types where it gives them."""
    if isinstance(expression, FunctionDefinition):
        variables = expression.parameters
        return {normal(each.name): compiler.type(each.type_ref, scope, each.where) for each in variables}
    names: Iterable[str] = ()
    if isinstance(expression, Context):
        names = (entry.variable.name for entry in expression.entries if entry.variable is not None)
    elif isinstance(expression, Iteration):
        names = (expression.variable, "partial")
    elif isinstance(expression, Filter):
        names = (*scope.members, "item")
    return dict.fromkeys(map(normal, names), types.ANY)


def _parts(node: object) -> Iterator[Expression]:
    """The expressions directly inside a node, through entries, rows and bindings."""
    for name in getattr(node, "__struct_fields__", ()):
        value = getattr(node, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Expression):
                yield item
            elif hasattr(item, "__struct_fields__") and name != "where":
                yield from _parts(item)


def _table(table: DecisionTable, scope: Scope, compiler: Compiler) -> Iterator[Finding]:
    yield from _outputs(table, scope, compiler)
    columns = [
        [compiler.region(rule.inputs[at].text or "-", scope) for rule in table.rules] for at in range(len(table.inputs))
    ]
    kinds = [_kind(clause, scope, compiler) for clause in table.inputs]
    yield from _input_types(table, columns, kinds)
    allowed = [compiler.region(clause.allowed.text, scope) if clause.allowed else None for clause in table.inputs]
    unknown = sum(None in column for column in columns)
    if unknown:
        message = f"{unknown} of {len(columns)} inputs have cells that depend on other values: checked only in part."
        yield Finding(kind="unchecked", severity="note", message=message, where=table.where)
    atoms = tuple(
        atoms_of([region for region in column if region is not None], limits, kind)
        for column, limits, kind in zip(columns, allowed, kinds, strict=True)
    )
    grid = Grid(atoms, tuple(zip(*columns, strict=True)) if columns else ((),) * len(table.rules))
    yield from _gaps(table, grid)
    yield from _overlaps(table, grid)
    yield from _unreachable(table, grid)
    if grid.exhausted():
        message = "has more combinations of values than are searched: checked only in part."
        yield Finding(kind="unchecked", severity="note", message=message, where=table.where)


def _kind(clause: InputClause, scope: Scope, compiler: Compiler) -> str:
    type_ = compiler.type(clause.expression.type_ref, scope, clause.where)
    while isinstance(type_, types.Constrained):
        type_ = type_.base
    return _KINDS.get(type_, "") if isinstance(type_, types.Simple) else ""


def _input_types(
    table: DecisionTable, columns: Sequence[Sequence[Region | None]], kinds: Sequence[str]
) -> Iterator[Finding]:
    """Cells that test for values of another type than their column's, and intervals that hold nothing."""
    for at, (column, kind) in enumerate(zip(columns, kinds, strict=True)):
        for rule, region in zip(table.rules, column, strict=True):
            for interval in region.intervals if region is not None else ():
                where, text = rule.inputs[at].where, rule.inputs[at].text
                if kind and interval.kind != kind:
                    message = f"{text} tests for a {interval.kind}, but {table.inputs[at].expression.text} is a {kind}."
                    yield Finding(kind="type", severity="error", message=message, where=where)
                elif is_empty(interval):
                    message = f"{text} holds no value: its start is not below its end."
                    yield Finding(kind="type", severity="error", message=message, where=where)


def _outputs(table: DecisionTable, scope: Scope, compiler: Compiler) -> Iterator[Finding]:
    """Literal outputs of another type than their column's, or outside its allowed values."""
    if table.aggregation is not None and len(table.outputs) > 1:
        message = "aggregates several outputs, which the standard does not allow: the result is null."
        yield Finding(kind="unsupported", severity="error", message=message, where=table.where)
    for at, clause in enumerate(table.outputs):
        type_ = compiler.type(clause.type_ref, scope, clause.where)
        allowed = compiler.region(clause.allowed.text, scope) if clause.allowed else None
        for rule in table.rules:
            entry = rule.outputs[at]
            if not compiler.constant(entry.text, scope):
                continue
            value = compiler.literal_value(entry.text, scope)
            if types.convert(value, type_) is types.MISMATCH:
                message = f"{entry.text} is {types.describe(value)}, but the output is of type {types.text_of(type_)}."
                yield Finding(kind="type", severity="error", message=message, where=entry.where)
            elif allowed is not None and value is not None and not allowed.holds(*kind_of(value)):
                message = f"{entry.text} is not among the output's allowed values."
                yield Finding(kind="type", severity="error", message=message, where=entry.where)


def _gaps(table: DecisionTable, grid: Grid) -> Iterator[Finding]:
    if table.hit_policy not in SINGLE_HIT or any(clause.default is not None for clause in table.outputs):
        return
    for box in gaps(grid, FINDINGS_MAX):
        yield Finding(
            kind="gap",
            severity="warning",
            message="no rule matches: the result is null.",
            where=table.where,
            example=_example(table, box),
        )


def _overlaps(table: DecisionTable, grid: Grid) -> Iterator[Finding]:
    """Rules that match together where the hit policy forbids it."""
    if table.hit_policy not in (HitPolicy.UNIQUE, HitPolicy.ANY):
        return
    found = 0
    for first, second, box in overlaps(grid):
        same = all(
            one.text == other.text
            for one, other in zip(table.rules[first].outputs, table.rules[second].outputs, strict=True)
        )
        if table.hit_policy is HitPolicy.ANY and same:
            continue
        unique = table.hit_policy is HitPolicy.UNIQUE
        rules = f"rules {first + 1} and {second + 1}"
        reason = (
            "the hit policy UNIQUE allows one" if unique else "their outputs differ, which the hit policy ANY forbids"
        )
        yield Finding(
            kind="overlap" if unique else "conflict",
            severity="error",
            message=f"{rules} match together, but {reason}: the result is null.",
            where=table.rules[second].where,
            example=_example(table, box),
            rules=(first + 1, second + 1),
        )
        found += 1
        if found >= FINDINGS_MAX:
            return


def _unreachable(table: DecisionTable, grid: Grid) -> Iterator[Finding]:
    """Rules whose cells hold nothing, and under FIRST those that rules above them hide."""
    for number, rule in enumerate(table.rules):
        hidden = never_matches(grid, number)
        message = f"rule {number + 1} never matches: a cell holds none of its input's values."
        if not hidden and table.hit_policy is HitPolicy.FIRST and number:
            hidden = hidden_by_rules_above(grid, number)
            message = f"rule {number + 1} is never used: the rules above it match first."
        if hidden:
            yield Finding(
                kind="unreachable", severity="warning", message=message, where=rule.where, rules=(number + 1,)
            )


def _example(table: DecisionTable, box: Sequence[Atom]) -> dict[str, object]:
    """A value for each input; those that do not matter are left out."""
    pairs = zip(table.inputs, box, strict=True)
    return {clause.expression.text: atom.shown for clause, atom in pairs if atom.kind != "any"}
