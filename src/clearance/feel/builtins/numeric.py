"""Numeric functions (10.3.4.5, Table 76)."""

import decimal
from collections.abc import Callable

from clearance.feel import numbers
from clearance.feel.builtins.registry import builtin
from clearance.feel.numbers import CONTEXT, Number
from clearance.feel.problems import Refused
from clearance.feel.temporal import DaysTime, YearsMonths


def _scaled(number: Number, scale: Number, rounding: str) -> Number:
    result = numbers.with_scale(number, numbers.truncated(scale), rounding)
    if result is None:
        raise Refused("the scale lies between -6111 and 6176")
    return result


def _rounding(name: str, rounding: str) -> Callable[[Number, Number], Number]:
    """The function of a name that rounds to a scale in one way."""

    def rounded(number: Number, scale: Number) -> Number:
        return _scaled(number, scale, rounding)

    return builtin(f"{name}(n: number, scale: number)")(rounded)


decimal_ = _rounding("decimal", decimal.ROUND_HALF_EVEN)
floor_scaled = _rounding("floor", decimal.ROUND_FLOOR)
ceiling_scaled = _rounding("ceiling", decimal.ROUND_CEILING)
round_up = _rounding("round up", decimal.ROUND_UP)
round_down = _rounding("round down", decimal.ROUND_DOWN)
round_half_up = _rounding("round half up", decimal.ROUND_HALF_UP)
round_half_down = _rounding("round half down", decimal.ROUND_HALF_DOWN)


@builtin("floor(n: number)")
def floor(number: Number) -> Number:
    return _scaled(number, 0, decimal.ROUND_FLOOR)


@builtin("ceiling(n: number)")
def ceiling(number: Number) -> Number:
    return _scaled(number, 0, decimal.ROUND_CEILING)


@builtin("abs(n: number or duration)")
def abs_(value: Number | DaysTime | YearsMonths) -> Number | DaysTime | YearsMonths:
    if isinstance(value, DaysTime):
        return DaysTime(abs(value.nanos))
    if isinstance(value, YearsMonths):
        return YearsMonths(abs(value.months))
    return value if value >= 0 else numbers.subtract(0, value)


@builtin("modulo(dividend: number, divisor: number)")
def modulo(dividend: Number, divisor: Number) -> Number:
    """``dividend - divisor * floor(dividend / divisor)``: the sign of the divisor; exact where 34 digits suffice."""
    if not divisor:
        raise Refused("modulo: the divisor is zero")
    if type(dividend) is int and type(divisor) is int:
        return dividend % divisor
    try:
        rest = CONTEXT.remainder(dividend, divisor)
    except decimal.InvalidOperation:
        whole = CONTEXT.divide(dividend, divisor).to_integral_value(decimal.ROUND_FLOOR)
        return CONTEXT.subtract(dividend, CONTEXT.multiply(divisor, whole))
    return CONTEXT.add(rest, divisor) if rest and (rest < 0) != (divisor < 0) else rest


@builtin("sqrt(number: number)")
def sqrt(number: Number) -> Number:
    if number < 0:
        raise Refused("sqrt: the number is negative")
    return CONTEXT.sqrt(number)


@builtin("log(number: number)")
def log(number: Number) -> Number:
    if number <= 0:
        raise Refused("log: the number is not positive")
    return CONTEXT.ln(number)


@builtin("exp(number: number)")
def exp(number: Number) -> Number:
    return CONTEXT.exp(number)


def _parity(number: Number) -> int:
    whole = numbers.whole(number)
    if whole is None:
        raise Refused("only a whole number is odd or even")
    return whole % 2


@builtin("odd(number: number)")
def odd(number: Number) -> bool:
    return _parity(number) == 1


@builtin("even(number: number)")
def even(number: Number) -> bool:
    return _parity(number) == 0
