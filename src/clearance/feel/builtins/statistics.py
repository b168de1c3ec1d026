"""List functions over numbers, booleans and comparable values: min, sum, mean, all, median and so on (Table 75).

Each takes one list or the items themselves.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from clearance.feel import numbers, operators
from clearance.feel.builtins.registry import builtin
from clearance.feel.numbers import Number, is_number
from clearance.feel.problems import Refused

R = TypeVar("R")


def _of_list_or_items(name: str, item: str) -> Callable[[Callable[[list[Any]], R]], Callable[[list[Any]], R]]:
    """Register a function of a list under both signatures."""

    def register(function: Callable[[list[Any]], R]) -> Callable[[list[Any]], R]:
        builtin(f"{name}(list: list)")(function)
        builtin(f"{name}({item}: any, {item}s...: any)")(lambda *items: function(list(items)))
        return function

    return register


def _numbers(items: list[Any], name: str) -> list[Number]:
    if not all(is_number(item) for item in items):
        raise Refused(f"{name}: the list holds something that is no number")
    return items


def _extreme(items: list[Any], wanted: int, name: str) -> Any:
    if not items:
        return None
    best = items[0]
    if operators.order(best, best) is None:
        raise Refused(f"{name}: the items have no order")
    for item in items[1:]:
        sign = operators.order(item, best)
        if sign is None:
            raise Refused(f"{name}: the items cannot be compared with one another")
        if sign == wanted:
            best = item
    return best


@_of_list_or_items("min", "c")
def min_(items: list[Any]) -> Any:
    return _extreme(items, -1, "min")


@_of_list_or_items("max", "c")
def max_(items: list[Any]) -> Any:
    return _extreme(items, 1, "max")


def _total(items: list[Number]) -> Number:
    total: Number = 0
    for item in items:
        total = numbers.add(total, item)
    return total


@_of_list_or_items("sum", "n")
def sum_(items: list[Any]) -> Number | None:
    return _total(_numbers(items, "sum")) if items else None


@_of_list_or_items("mean", "n")
def mean(items: list[Any]) -> Number | None:
    return numbers.divide(_total(_numbers(items, "mean")), len(items)) if items else None


@_of_list_or_items("product", "n")
def product(items: list[Any]) -> Number | None:
    result: Number = 1
    for item in _numbers(items, "product"):
        result = numbers.multiply(result, item)
    return result if items else None


@_of_list_or_items("median", "n")
def median(items: list[Any]) -> Number | None:
    ordered = sorted(_numbers(items, "median"))
    middle = len(ordered) // 2
    if not ordered:
        return None
    if len(ordered) % 2:
        return ordered[middle]
    return numbers.divide(numbers.add(ordered[middle - 1], ordered[middle]), 2)


@_of_list_or_items("stddev", "n")
def stddev(items: list[Any]) -> Number | None:
    """Of a sample: divided by one less than the count."""
    if len(_numbers(items, "stddev")) < 2:
        return None
    average = numbers.divide(_total(items), len(items))
    squares: list[Number] = []
    for item in items:
        distance = numbers.subtract(item, average)
        squares.append(numbers.multiply(distance, distance))
    return numbers.CONTEXT.sqrt(numbers.divide(_total(squares), len(items) - 1))


@_of_list_or_items("mode", "n")
def mode(items: list[Any]) -> list[Number]:
    """The most frequent numbers, ascending."""
    counts: dict[Number, int] = {}
    for item in _numbers(items, "mode"):
        counts[item] = counts.get(item, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(number for number, times in counts.items() if times == most)


@_of_list_or_items("all", "b")
def all_(items: list[Any]) -> bool | None:
    """False if one is false, true if all are true, else null."""
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


@_of_list_or_items("any", "b")
def any_(items: list[Any]) -> bool | None:
    """True if one is true, false if all are false, else null."""
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else None
