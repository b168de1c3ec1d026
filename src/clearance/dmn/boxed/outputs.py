"""The output side of a decision table: values of rules, defaults, and the order that priority tables need (8.2.11)."""

from collections.abc import Sequence
from typing import Any

from clearance.dmn.boxed.registry import Cell, Help
from clearance.dmn.hit_policies import RANKED
from clearance.dmn.model import DecisionTable, Literal, OutputClause, UnaryTests
from clearance.dmn.run import Context, Run, Step
from clearance.dmn.scope import Scope
from clearance.feel.operators import equal

_OPEN = object()
"""Stands for an output that has to be evaluated each time."""


class Outputs:
    """What the rules of a table give: one value, or a context with one entry per output."""

    def __init__(
        self,
        names: Sequence[str],
        rules: Sequence[Sequence[Step]],
        constants: Sequence[Any],
        defaults: Sequence[Step] | None,
        orders: Sequence[Sequence[Any]] | None,
    ) -> None:
        self.compound = len(names) > 1
        self.has_default = defaults is not None
        self.ranked = orders is not None
        self._names = tuple(names)
        self._rules = rules
        self._constants = constants
        self._defaults = defaults or ()
        self._orders = orders or ()

    def of_rule(self, rule: int, context: Context, run: Any) -> Any:
        """The output of a rule (from 0)."""
        constant = self._constants[rule]
        if constant is not _OPEN:
            return dict(constant) if self.compound else constant
        return self._made(self._rules[rule], context, run)

    def default(self, context: Context, run: Any) -> Any:
        """The result when no rule matches."""
        return self._made(self._defaults, context, run)

    def _made(self, steps: Sequence[Step], context: Context, run: Any) -> Any:
        if not self.compound:
            return steps[0](context, run)
        return {name: step(context, run) for name, step in zip(self._names, steps, strict=True)}

    def rank(self, output: Any) -> tuple[int, ...]:
        """The place of an output among the allowed values, output by output; what is not among them comes last."""
        values = [output[name] for name in self._names] if self.compound else [output]
        return tuple(
            next((place for place, allowed in enumerate(order) if equal(value, allowed) is True), len(order))
            for value, order in zip(values, self._orders, strict=True)
        )


def compile_outputs(table: DecisionTable, scope: Scope, help_: Help) -> Outputs:
    """The outputs of a table; literal ones are evaluated here, once."""
    clauses = table.outputs
    names = [clause.name or f"output {number}" for number, clause in enumerate(clauses, start=1)]
    checks = [_check(clause, scope, help_) for clause in clauses]
    rules = []
    for rule in table.rules:
        cells = zip(rule.outputs, clauses, checks, strict=True)
        rules.append([_entry(entry, clause, check, scope, help_) for entry, clause, check in cells])
    constants = []
    for rule, steps in zip(table.rules, rules, strict=True):
        if all(help_.constant(entry.text, scope) for entry in rule.outputs):
            values = [step({}, Run()) for step in steps]
            # a null may stand for a value of the wrong type: that is told each time, so it stays a step
            known: Any = dict(zip(names, values, strict=True)) if len(names) > 1 else values[0]
            constants.append(_OPEN if None in values else known)
        else:
            constants.append(_OPEN)
    defaults = None
    if any(clause.default is not None for clause in clauses):
        defaults = [_default(clause, scope, help_) for clause in clauses]
    orders = None
    if table.hit_policy in RANKED:
        orders = [_order(table, clause, scope, help_) for clause in clauses]
    return Outputs(names, rules, constants, defaults, orders)


def _check(clause: OutputClause, scope: Scope, help_: Help) -> Cell | None:
    return help_.cell(clause.allowed.text, scope, clause.allowed.where) if clause.allowed else None


def _entry(entry: Literal, clause: OutputClause, check: Cell | None, scope: Scope, help_: Help) -> Step:
    step = help_.expression(entry, scope)
    step = help_.converted(step, help_.type(clause.type_ref, scope, clause.where), entry.where)
    return step if check is None else _checked(step, check, entry)


def _checked(step: Step, check: Cell, entry: Literal) -> Step:
    """Null, with a problem, instead of a value that is not among the output's allowed values."""

    def evaluate(context: Context, run: Any) -> Any:
        value = step(context, run)
        if value is None or check.test(value, context, run) is True:
            return value
        run.say(f"the output is not among its allowed values ({check.text})", entry.where)
        return None

    return evaluate


def _default(clause: OutputClause, scope: Scope, help_: Help) -> Step:
    if clause.default is None:
        return lambda context, run: None
    step = help_.expression(clause.default, scope)
    return help_.converted(step, help_.type(clause.type_ref, scope, clause.where), clause.where)


def _order(table: DecisionTable, clause: OutputClause, scope: Scope, help_: Help) -> list[Any]:
    """The allowed values from the most to the least important, of the clause or else of its type."""
    allowed: UnaryTests | None = clause.allowed
    if allowed is None and clause.type_ref:
        allowed = help_.allowed_values(clause.type_ref, "", scope)
    if allowed is None and table.type_ref:
        allowed = help_.allowed_values(table.type_ref, clause.name, scope)
    if allowed is None:
        return []
    values = help_.text(f"[{allowed.text}]", scope, allowed.where)({}, Run())
    return values if isinstance(values, list) else []
