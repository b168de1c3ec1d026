"""From the rules that match to a table's result (8.2.10): one function per policy, found in the table at the end.

A policy gets the outputs of the matching rules in rule order, at least one, and gives the result, or raises
:class:`Violation` when the table breaks its own policy; the result is then null, with that as the reason.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from clearance.dmn.model import Aggregation, HitPolicy

Equal = Callable[[Any, Any], bool]


class Violation(Exception):
    """The matching rules contradict the table's hit policy."""


class Hit(msgspec.Struct, frozen=True):
    """A rule that matched: its number from 1, its output, and for ordered policies its rank (less is better)."""

    number: int
    output: Any
    rank: tuple[int, ...] = ()


def _unique(hits: Sequence[Hit], equal: Equal) -> Any:
    if len(hits) > 1:
        raise Violation(f"rules {_numbers(hits)} match, but the hit policy UNIQUE allows only one")
    return hits[0].output


def _any(hits: Sequence[Hit], equal: Equal) -> Any:
    first = hits[0].output
    if not all(equal(hit.output, first) for hit in hits[1:]):
        raise Violation(f"rules {_numbers(hits)} match with different outputs, which the hit policy ANY forbids")
    return first


def _first(hits: Sequence[Hit], equal: Equal) -> Any:
    return hits[0].output


def _priority(hits: Sequence[Hit], equal: Equal) -> Any:
    return min(hits, key=lambda hit: hit.rank).output


def _rule_order(hits: Sequence[Hit], equal: Equal) -> Any:
    return [hit.output for hit in hits]


def _output_order(hits: Sequence[Hit], equal: Equal) -> Any:
    return [hit.output for hit in sorted(hits, key=lambda hit: hit.rank)]


def _numbers(hits: Sequence[Hit]) -> str:
    return ", ".join(str(hit.number) for hit in hits)


POLICIES: dict[HitPolicy, Callable[[Sequence[Hit], Equal], Any]] = {
    HitPolicy.UNIQUE: _unique,
    HitPolicy.ANY: _any,
    HitPolicy.FIRST: _first,
    HitPolicy.PRIORITY: _priority,
    HitPolicy.RULE_ORDER: _rule_order,
    HitPolicy.OUTPUT_ORDER: _output_order,
    HitPolicy.COLLECT: _rule_order,
}
"""Collect gives its list in rule order: any order would do."""

RANKED = frozenset({HitPolicy.PRIORITY, HitPolicy.OUTPUT_ORDER})
SINGLE_HIT = frozenset({HitPolicy.UNIQUE, HitPolicy.ANY, HitPolicy.FIRST, HitPolicy.PRIORITY})

AGGREGATIONS = {
    Aggregation.SUM: "sum(outputs)",
    Aggregation.COUNT: "count(outputs)",
    Aggregation.MIN: "min(outputs)",
    Aggregation.MAX: "max(outputs)",
}
"""The standard defines the operators of collect by FEEL's own functions, so they are evaluated as FEEL."""
