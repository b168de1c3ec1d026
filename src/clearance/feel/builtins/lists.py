"""List functions (10.3.4.4, Table 75) and sort (10.3.4.8). Those over numbers are in ``statistics.py``."""

import functools
from typing import Any

from clearance.feel import numbers, operators
from clearance.feel.builtins.registry import builtin
from clearance.feel.functions import Function
from clearance.feel.numbers import Number
from clearance.feel.problems import Refused, Run


def same(run: Run, left: Any, right: Any) -> bool:
    """Equal, as the list functions mean it: values of different kinds are not."""
    return operators.equal_within(run, left, right) is True


@builtin("list contains(list: list, element: any)", needs_run=True)
def list_contains(run: Run, items: list[Any], element: Any) -> bool:
    return any(same(run, item, element) for item in items)


@builtin("count(list: list)")
def count(items: list[Any]) -> int:
    return len(items)


def _index(items: list[Any], position: Number, *, name: str) -> int:
    """The Python index of a position from 1, or from the end for a negative one."""
    at = numbers.truncated(position)
    if not 1 <= abs(at) <= len(items):
        raise Refused(f"{name}: a list of {len(items)} elements has no position {at}")
    return at - 1 if at > 0 else len(items) + at


@builtin("sublist(list: list, start position: number, length?: number)")
def sublist(items: list[Any], start: Number, length: Number | None = None) -> list[Any]:
    first = _index(items, start, name="sublist")
    if length is None:
        return items[first:]
    size = numbers.truncated(length)
    if not 1 <= size <= len(items) - first:
        raise Refused(f"sublist: the length is between 1 and {len(items) - first} here")
    return items[first : first + size]


@builtin("append(list: list, item...: any)", needs_run=True)
def append(run: Run, items: list[Any], *more: Any) -> list[Any]:
    run.allow_length(len(items) + len(more))
    run.spend(len(items) // 8)
    return [*items, *more]


@builtin("concatenate(list...: list)", needs_run=True)
def concatenate(run: Run, *lists: list[Any]) -> list[Any]:
    size = sum(map(len, lists))
    run.allow_length(size)
    run.spend(size // 8)
    return [item for items in lists for item in items]


@builtin("insert before(list: list, position: number, newItem: any)")
def insert_before(items: list[Any], position: Number, item: Any) -> list[Any]:
    index = _index(items, position, name="insert before")
    return [*items[:index], item, *items[index:]]


@builtin("remove(list: list, position: number)")
def remove(items: list[Any], position: Number) -> list[Any]:
    index = _index(items, position, name="remove")
    return [*items[:index], *items[index + 1 :]]


@builtin("reverse(list: list)")
def reverse(items: list[Any]) -> list[Any]:
    return items[::-1]


@builtin("index of(list: list, match: any)", needs_run=True)
def index_of(run: Run, items: list[Any], match: Any) -> list[int]:
    return [position for position, item in enumerate(items, 1) if same(run, item, match)]


@builtin("union(list...: list)", needs_run=True)
def union(run: Run, *lists: list[Any]) -> list[Any]:
    return distinct_values(run, concatenate(run, *lists))


@builtin("distinct values(list: list)", needs_run=True)
def distinct_values(run: Run, items: list[Any]) -> list[Any]:
    """The first of each set of equal elements; strings and numbers by look-up, others one by one."""
    seen: set[tuple[bool, Any]] = set()
    others: list[Any] = []
    out = []
    for item in items:
        if type(item) is str or numbers.is_number(item):
            key = (type(item) is str, item)
            if key in seen:
                continue
            seen.add(key)
        else:
            run.spend(len(others))
            if any(same(run, item, other) for other in others):
                continue
            others.append(item)
        out.append(item)
    return out


@builtin("flatten(list: list)", needs_run=True)
def flatten(run: Run, items: list[Any]) -> list[Any]:
    out: list[Any] = []
    _flatten(run, items, out)
    return out


def _flatten(run: Run, items: list[Any], out: list[Any]) -> None:
    run.spend(1 + len(items))
    for item in items:
        if type(item) is list:
            _flatten(run, item, out)
        else:
            out.append(item)
            run.allow_length(len(out))


@builtin("list replace(list: list, position: number, newItem: any)")
def list_replace_at(items: list[Any], position: Number, item: Any) -> list[Any]:
    index = _index(items, position, name="list replace")
    return [*items[:index], item, *items[index + 1 :]]


@builtin("list replace(list: list, match: function, newItem: any)", needs_run=True)
def list_replace_matching(run: Run, items: list[Any], match: Function, new: Any) -> list[Any]:
    """Each element for which ``match(element, newItem)`` is true; null when it is not boolean once."""
    out = []
    for item in items:
        matched = match.call(run, [item, new])
        if type(matched) is not bool:
            raise Refused("list replace: the match function did not return true or false")
        out.append(new if matched else item)
    return out


@builtin("sort(list: list, precedes: function)", needs_run=True)
def sort(run: Run, items: list[Any], precedes: Function) -> list[Any]:
    """Stable: elements of which neither precedes the other keep their order."""

    def order(left: Any, right: Any) -> int:
        if precedes.call(run, [left, right]) is True:
            return -1
        return int(precedes.call(run, [right, left]) is True)

    return sorted(items, key=functools.cmp_to_key(order))


@builtin("sort(list: list)")
def sort_naturally(items: list[Any]) -> list[Any]:
    """Without a function: by ``<``, which must order all elements."""

    def order(left: Any, right: Any) -> int:
        sign = operators.order(left, right)
        if sign is None:
            raise Refused("sort: the list holds elements that cannot be compared; give a precedes function")
        return sign

    return sorted(items, key=functools.cmp_to_key(order))
