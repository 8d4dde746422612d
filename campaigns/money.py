"""Money is integers of minor units. Every rounding of it in a campaign happens here.

Half-even: a half goes to the even neighbour, so that many coupons do not drift upwards.
"""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import overload

from retention.present.templatetags.present import minor_digits

MOST = 10**15
"""Minor units; more than any shop's order, and far below what a 64-bit column holds."""
_AMOUNT = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d*\.?\d+|\d+\.")


class NotAnAmount(Exception):
    """Something typed that cannot be read as an exact amount of a currency."""


def divide(amount: int, by: int) -> int:
    """amount / by to the nearest whole minor unit, a half to the even one; by is positive."""
    whole, rest = divmod(amount, by)
    past_half = 2 * rest - by
    return whole + int(past_half > 0 or (past_half == 0 and whole % 2 == 1))


def portion(amount: int, percent: int) -> int:
    """So many percent of an amount."""
    return divide(amount * percent, 100)


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """An amount over lines in proportion to their weights, to the last minor unit.

    Largest remainder: each line gets the whole units of its share, and what is left over goes, one
    each, to the lines that lost most; of equal ones, to the first. No line gets more than its
    weight where the amount is at most the sum of the weights.
    """
    total = sum(weights)
    if not total:
        return [0] * len(weights)
    shares = [divmod(amount * weight, total) for weight in weights]
    left = amount - sum(whole for whole, _ in shares)
    by_loss = sorted(range(len(shares)), key=lambda line: -shares[line][1])
    extra = set(by_loss[:left])
    return [whole + int(line in extra) for line, (whole, _) in enumerate(shares)]


@overload
def typed(text: str, currency: str) -> int: ...
@overload
def typed(text: None, currency: str) -> None: ...
def typed(text: str | None, currency: str) -> int | None:
    """Minor units of an amount as people write it: "12.50", "1,250", "£12"."""
    if text is None:
        return None
    plain = re.sub(r"[\s£$€]", "", text).removeprefix(currency).removesuffix(currency)
    if not _AMOUNT.fullmatch(plain):
        raise NotAnAmount(f"{text!r} is not an amount. Write it like 12.50, without a minus.")
    try:
        minor = Decimal(plain.replace(",", "")).scaleb(minor_digits(currency))
    except InvalidOperation:
        raise NotAnAmount(f"{text!r} is too long for an amount.") from None
    if minor != minor.to_integral_value():
        raise NotAnAmount(f"{text!r} is finer than the smallest unit of {currency}.")
    if minor > MOST:
        raise NotAnAmount(f"{text!r} is more than any campaign can handle.")
    return int(minor)


def written(minor: int, currency: str) -> str:
    """The amount as it is typed: "12.50" from 1250 minor units; the inverse of `typed`."""
    digits = minor_digits(currency)
    whole, rest = divmod(minor, 10**digits)
    return f"{whole}.{rest:0{digits}d}" if digits else f"{whole}"
