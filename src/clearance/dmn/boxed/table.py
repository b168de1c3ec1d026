"""A decision table (chapter 8): compiled once to an index of its rules, then a look-up per column and a hit policy."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from clearance.dmn.boxed.outputs import Outputs, compile_outputs
from clearance.dmn.boxed.registry import Cell, Help
from clearance.dmn.errors import Place
from clearance.dmn.hit_policies import AGGREGATIONS, POLICIES, Hit, Violation
from clearance.dmn.index import ColumnIndex
from clearance.dmn.model import Aggregation, DecisionTable, HitPolicy
from clearance.dmn.run import CellSeen, Context, RuleFired, Run, Step
from clearance.dmn.scope import Scope
from clearance.feel.operators import equal
from clearance.feel.regions import kind_of


class Column(msgspec.Struct, frozen=True):
    """An input column: how its value is had, and which rules that leaves."""

    text: str
    step: Step
    index: ColumnIndex
    cells: tuple[Cell, ...]
    allowed: Cell | None
    where: Place


def compile_table(table: DecisionTable, scope: Scope, help_: Help) -> Step:
    """The table's step."""
    columns = [_column(table, number, scope, help_) for number in range(len(table.inputs))]
    outputs = compile_outputs(table, scope, help_)
    aggregate = None
    if table.aggregation is not None and table.hit_policy is HitPolicy.COLLECT:
        text = AGGREGATIONS[table.aggregation]
        aggregate = help_.text(text, scope.with_names(("outputs",)), table.where)
    return CompiledTable(table, columns, outputs, aggregate).evaluate


def _column(table: DecisionTable, number: int, scope: Scope, help_: Help) -> Column:
    clause = table.inputs[number]
    expression = clause.expression
    inner = scope
    cells = []
    for rule in table.rules:
        entry = rule.inputs[number]
        cells.append(help_.cell(entry.text or "-", inner, entry.where))
    allowed = help_.cell(clause.allowed.text, inner, clause.allowed.where) if clause.allowed else None
    type_ = help_.type(expression.type_ref, scope, expression.where)
    step = help_.text(expression.text, scope, expression.where) if expression.text else _null
    return Column(
        text=expression.text,
        step=help_.converted(step, type_, expression.where),
        index=ColumnIndex([cell.region for cell in cells]),
        cells=tuple(cells),
        allowed=allowed,
        where=clause.where,
    )


def _null(context: Context, run: Any) -> Any:
    return None


class CompiledTable:
    """A table ready to be evaluated; it holds no state of an evaluation."""

    def __init__(
        self, table: DecisionTable, columns: Sequence[Column], outputs: Outputs, aggregate: Step | None
    ) -> None:
        self._table = table
        self._columns = tuple(columns)
        self._lookups = tuple((column.step, column.index.find, column.allowed is not None) for column in columns)
        self._outputs = outputs
        self._aggregate = aggregate
        self._policy = POLICIES[table.hit_policy]
        self._stop_at_first = table.hit_policy is HitPolicy.FIRST
        self._direct = table.hit_policy in (HitPolicy.UNIQUE, HitPolicy.FIRST)
        self._all = (1 << len(table.rules)) - 1
        self._open: dict[int, tuple[tuple[int, Cell], ...]] = {}
        """For each rule with cells that are no plain sets of values: those cells, with their column."""
        for rule in range(len(table.rules)):
            cells = tuple((at, column.cells[rule]) for at, column in enumerate(columns))
            unsettled = tuple((at, cell) for at, cell in cells if cell.region is None)
            if unsettled:
                self._open[rule] = unsettled
        self._open_mask = sum(1 << rule for rule in self._open)

    def evaluate(self, context: Context, run: Any) -> Any:
        """The table's result in a context."""
        mask = self._all
        values: list[Any] = []
        unindexed: list[int] = []
        for step, find, constrained in self._lookups:
            value = step(context, run)
            if constrained and not self._allows(len(values), value, context, run):
                return None
            found = find(value)
            if found is None:
                unindexed.append(len(values))
            else:
                mask &= found
            values.append(value)
        if mask and (unindexed or mask & self._open_mask):
            mask = self._verified(mask, values, unindexed, context, run)
        if not mask:
            return self._no_match(context, run)
        if run.fired is None and self._direct and (self._stop_at_first or not mask & (mask - 1)):
            return self._outputs.of_rule((mask & -mask).bit_length() - 1, context, run)
        return self._result(mask, values, context, run)

    def _allows(self, at: int, value: Any, context: Context, run: Run) -> bool:
        """Whether the input's allowed values hold the value; null, which every type has, is left to the rules."""
        column = self._columns[at]
        allowed = column.allowed
        if allowed is None or value is None:
            return True
        kind, point = kind_of(value)
        if allowed.region is not None and kind != "other":
            accepted: Any = allowed.region.holds(kind, point)
        else:
            accepted = allowed.test(value, context, run)
        if accepted is not True:
            run.say(f"the value of {column.text} is not among its allowed values ({allowed.text})", column.where)
        return accepted is True

    def _verified(self, mask: int, values: list[Any], unindexed: list[int], context: Context, run: Run) -> int:
        """The rules whose other cells hold too."""
        verified = 0
        for rule in _bits(mask):
            checks = [(at, self._columns[at].cells[rule]) for at in unindexed]
            checks += [pair for pair in self._open.get(rule, ()) if pair[0] not in unindexed]
            if all(_satisfies(cell, values[at], context, run) for at, cell in checks):
                verified |= 1 << rule
                if self._stop_at_first and run.fired is None:
                    break
        return verified

    def _no_match(self, context: Context, run: Run) -> Any:
        if self._outputs.has_default:
            return self._outputs.default(context, run)
        if self._table.aggregation is Aggregation.COUNT:
            return 0
        run.say("no rule matches and the table has no default output", self._table.where)
        return None

    def _result(self, mask: int, values: list[Any], context: Context, run: Run) -> Any:
        outputs = self._outputs
        hits = [Hit(rule + 1, outputs.of_rule(rule, context, run)) for rule in _bits(mask)]
        if outputs.ranked:
            hits = [Hit(hit.number, hit.output, outputs.rank(hit.output)) for hit in hits]
        if run.fired is not None:
            self._record(hits[:1] if self._stop_at_first else hits, values, run)
        try:
            result = self._policy(hits, _same)
        except Violation as violation:
            run.say(str(violation), self._table.where)
            return None
        if self._aggregate is None:
            return result
        if outputs.compound:
            run.say("a table with several outputs cannot aggregate them", self._table.where)
            return None
        return self._aggregate({"outputs": result}, run)

    def _record(self, hits: Sequence[Hit], values: list[Any], run: Run) -> None:
        assert run.fired is not None
        for hit in hits:
            rule = self._table.rules[hit.number - 1]
            cells = tuple(
                CellSeen(column.text, column.cells[hit.number - 1].text, value)
                for column, value in zip(self._columns, values, strict=True)
            )
            run.fired.append(RuleFired(run.deciding, hit.number, hit.output, cells, rule.annotations, rule.where))


def _satisfies(cell: Cell, value: Any, context: Context, run: Run) -> bool:
    if cell.region is not None and cell.region.everything:
        return True
    return cell.test(value, context, run) is True


def _same(left: Any, right: Any) -> bool:
    return left == right if left is None or right is None else equal(left, right) is True


def _bits(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
