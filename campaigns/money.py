"""Money is integers of minor units. Every rounding of it in a campaign happens here.

Half-even: a half goes to the even neighbour, so that many coupons do not drift upwards.
"""

from collections.abc import Sequence


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


def split_within(amount: int, weights: Sequence[int], rooms: Sequence[int]) -> list[int]:
    """The same, no line beyond its room: what one cannot carry goes over the others, by weight.

    Less than the amount where all rooms together are less.
    """
    parts, left, taking = [0] * len(weights), amount, list(weights)
    while left and sum(taking):
        more = split(left, taking)
        given = [min(m, r - p) for m, r, p in zip(more, rooms, parts, strict=True)]
        parts = [part + one for part, one in zip(parts, given, strict=True)]
        left -= sum(given)
        taking = [
            weight if part < room else 0
            for weight, part, room in zip(weights, parts, rooms, strict=True)
        ]
    return parts
