"""FEEL's numbers: IEEE 754 decimal128, 34 digits, ties to even (10.3.2.3.1).

A number is an ``int`` where it is whole and short enough, otherwise a :class:`decimal.Decimal`; the two compare, hash
and print alike, so nobody can tell which one an operation chose. There is no infinity and no not-a-number: such
results are null, which these functions say by raising :class:`decimal.DecimalException` or by returning None.
"""

import decimal
from decimal import Decimal
from typing import Any, TypeGuard

Number = int | Decimal

CONTEXT = decimal.Context(
    prec=34,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-6143,
    Emax=6144,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
LIMIT = 10**34
"""The first integer that needs more than 34 digits."""
EXPONENT_MAX = 999_999_999


def is_number(value: Any) -> TypeGuard[Number]:
    """Is it one of FEEL's numbers? (A Python bool is not.)"""
    return type(value) is int or type(value) is Decimal


def rounded(value: int) -> Number:
    """An integer of any length with 34 digits of precision."""
    return value if -LIMIT < value < LIMIT else CONTEXT.create_decimal(value)


def from_float(value: float) -> Decimal | None:
    """A Python float by its shortest decimal text, so that 0.1 is 0.1; null for infinity and not-a-number."""
    number = Decimal(repr(value))
    return CONTEXT.plus(number) if number.is_finite() else None


def from_text(text: str) -> Number | None:
    """A numeric literal's value; None when it is none."""
    try:
        number = CONTEXT.create_decimal(text)
    except decimal.DecimalException:
        return None
    if not number.is_finite():
        return None
    return int(number) if "." not in text and number.adjusted() < 34 else number


def to_text(value: Number) -> str:
    """Canonical: no exponent, no trailing zeros."""
    if type(value) is int:
        return str(value)
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def add(left: Number, right: Number) -> Number:
    """Sum with 34 digits."""
    if type(left) is int and type(right) is int:
        return rounded(left + right)
    return CONTEXT.add(left, right)


def subtract(left: Number, right: Number) -> Number:
    """Difference with 34 digits."""
    if type(left) is int and type(right) is int:
        return rounded(left - right)
    return CONTEXT.subtract(left, right)


def multiply(left: Number, right: Number) -> Number:
    """Product with 34 digits."""
    if type(left) is int and type(right) is int:
        return rounded(left * right)
    return CONTEXT.multiply(left, right)


def divide(left: Number, right: Number) -> Number:
    """Quotient with 34 digits; raises ``decimal.DivisionByZero`` or ``InvalidOperation`` for a zero divisor."""
    if type(left) is int and type(right) is int and right:
        quotient, rest = divmod(left, right)
        if not rest:
            return rounded(quotient)
    return CONTEXT.divide(left, right)


def power(base: Number, exponent: Number) -> Number:
    """Table 60; raises a ``decimal.DecimalException`` outside the domain."""
    if not -EXPONENT_MAX <= exponent <= EXPONENT_MAX or (not base and exponent < 0):
        raise decimal.InvalidOperation
    if not exponent:
        return 1
    if type(base) is int and type(exponent) is int and 0 < exponent <= 113 and base.bit_length() * exponent <= 112:
        return rounded(int(base**exponent))
    return CONTEXT.power(base, exponent)


def whole(value: Any) -> int | None:
    """The int of a number without fraction; None for everything else."""
    if type(value) is int:
        return value
    if type(value) is Decimal and value == value.to_integral_value() and value.adjusted() < 40:
        return int(value)
    return None


def truncated(value: Number) -> int:
    """The number without its fraction (positions and lengths are read so)."""
    return value if type(value) is int else int(value)


def with_scale(value: Number, scale: int, rounding: str) -> Number | None:
    """The number rounded to a count of decimals; the number itself when it has fewer; None outside the domain."""
    if not -6111 <= scale <= 6176:
        return None
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or -exponent <= scale:
        return value
    wide = decimal.Context(prec=max(34, number.adjusted() + scale + 2), rounding=rounding, Emin=-6176, Emax=6176)
    result = number.quantize(Decimal((0, (1,), -scale)), context=wide)
    return CONTEXT.plus(result)
