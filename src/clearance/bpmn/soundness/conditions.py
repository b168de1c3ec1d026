"""The conditions of one choice, compared: two that hold at once, values for which none does, ways never taken.

Between two numbers that conditions name all numbers are alike, and so are all texts that none names; trying one of each
decides the question for all. What depends on more than such tests is left open and never reported.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import product

import msgspec

from clearance import feel
from clearance.bpmn.findings import Finding, Scope, error, warning
from clearance.bpmn.soundness.formulas import Formula, Subject, Unknown, Values, entangled, formula_of, tests_of, truth
from clearance.bpmn.soundness.trace import named
from clearance.feel.atoms import Atom, atoms_of
from clearance.feel.regions import Region
from clearance.model.definition import Activity, Element, ExclusiveGateway, Flow, InclusiveGateway

VALUES_MAX = 4_096
"""Combinations of values that are tried for one choice."""
FINDINGS_MAX = 3
"""Pairs that hold at once, reported for one choice."""


def check_conditions(scope: Scope) -> tuple[list[Finding], set[str]]:
    """What is wrong with the choices of a scope, and those of which it is now known for which values no way holds."""
    found: list[Finding] = []
    decided: set[str] = set()
    for element in scope.owner.elements:
        if not isinstance(element, ExclusiveGateway | InclusiveGateway | Activity):
            continue
        flows = [flow for flow in scope.leaving(element) if flow.condition and flow.id != element.default]
        always = any(not flow.condition for flow in scope.leaving(element)) or bool(element.default)
        if len(flows) < 1 or (len(flows) == 1 and always and isinstance(element, ExclusiveGateway)):
            continue
        choice = _Choice(scope, element, flows, always)
        if choice.known:
            found.extend(choice.findings())
            if choice.decided:
                decided.add(element.id)
    return found, decided


class _Choice:
    def __init__(self, scope: Scope, element: Element, flows: Sequence[Flow], always: bool) -> None:
        self.scope = scope
        self.element = element
        self.flows = flows
        self.always = always
        self.formulas = [_formula(flow.condition) for flow in flows]
        regions: dict[Subject, list[Region]] = {}
        for formula in self.formulas:
            for test in tests_of(formula):
                regions.setdefault(test.subject, []).append(test.region)
        for subject in entangled(regions):
            del regions[subject]
        self.atoms = {subject: _values(subject, known) for subject, known in regions.items()}
        size = 1
        for atoms in self.atoms.values():
            size *= len(atoms)
        self.known = bool(self.atoms) and size <= VALUES_MAX
        self.decided = False

    def findings(self) -> Iterator[Finding]:
        rows = []
        for combination in product(*self.atoms.values()):
            values: Values = dict(zip(self.atoms, combination, strict=True))
            rows.append((values, [truth(formula, values) for formula in self.formulas]))
        never = [all(truths[at] is False for _, truths in rows) for at in range(len(self.flows))]
        for flow, useless in zip(self.flows, never, strict=True):
            if useless:
                yield _with_rule(warning(flow, "its condition can never hold", "Mend it, or remove the way"), "never")
        if isinstance(self.element, ExclusiveGateway):
            yield from self._overlaps(rows, never)
        if not self.always:
            yield from self._gaps(rows, all(never))

    def _overlaps(self, rows: list[tuple[Values, list[bool | None]]], never: list[bool]) -> Iterator[Finding]:
        reported = 0
        for later in range(1, len(self.flows)):
            if never[later]:
                continue
            if all(truths[later] is False or True in truths[:later] for _, truths in rows):
                message = "it is never taken: whenever its condition holds, that of a way before it holds as well"
                yield _with_rule(warning(self.flows[later], message, "Put it first, or narrow the others"), "hidden")
                continue
            for earlier in range(later):
                both = next((values for values, truths in rows if truths[earlier] and truths[later]), None)
                if both is None or reported >= FINDINGS_MAX:
                    continue
                reported += 1
                first, second = self._way(self.flows[earlier]), self._way(self.flows[later])
                message = (
                    f"{first} and {second} hold at the same time, e.g. when {_shown(both)}; then the first is taken"
                )
                remedy = "Let only one of them hold, if the order is not meant to decide"
                yield _with_rule(warning(self.element, message, remedy), "overlap")

    def _gaps(self, rows: list[tuple[Values, list[bool | None]]], never: bool) -> Iterator[Finding]:
        if never:
            message = "no condition of its ways can ever hold, so the case always stops here"
            yield _with_rule(error(self.element, message, "Mend the conditions, or make one way the default"), "gap")
            self.decided = True
            return
        open_ = [values for values, truths in rows if not any(truth is not False for truth in truths)]
        if open_:
            message = f"no way holds when {_shown(open_[0])}: then the case stops with an incident"
            yield _with_rule(warning(self.element, message, "Make one way the default"), "gap")
        self.decided = bool(open_) or all(True in truths for _, truths in rows)

    def _way(self, flow: Flow) -> str:
        target = self.scope.elements.get(flow.target)
        return f'"{flow.name or (named(target) if target is not None else flow.id)}"'


def _formula(condition: str) -> Formula:
    try:
        return formula_of(feel.compile(condition.removeprefix("=").strip()).tree)
    except feel.FeelSyntaxError:  # reported by the rule for expressions
        return Unknown()


def _values(subject: Subject, regions: Sequence[Region]) -> tuple[Atom, ...]:
    """A value of each kind that conditions tell apart; none between neighbouring whole numbers, nor below a count."""
    atoms = atoms_of(regions, None, "")
    ends = [
        end for region in regions for each in region.intervals if each.kind == "number" for end in (each.low, each.high)
    ]
    whole = all(end is None or end == int(end) for end in ends)

    def may_be(atom: Atom) -> bool:
        if atom.kind != "number" or subject.other:
            return True
        if subject.whole and atom.sample < 0:
            return False
        return not whole or Decimal(atom.sample) == int(atom.sample)

    return tuple(atom for atom in atoms if may_be(atom))


def _shown(values: Values) -> str:
    parts = []
    for subject, atom in values.items():
        if subject.other:
            parts.append(f"{subject.text} {'<=>'[int(atom.sample) + 1]} {subject.other}")
        else:
            shown = feel.to_literal(feel.from_data(atom.shown))
            parts.append(f"{subject.text} = {f'date({shown})' if atom.kind == 'date' else shown}")
    return " and ".join(parts)


def _with_rule(finding: Finding, rule: str) -> Finding:
    return msgspec.structs.replace(finding, rule=f"conditions-{rule}")
