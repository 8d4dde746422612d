"""Intervals that stay valid although somebody looks at them every day."""

from math import expm1, inf, log, log1p, sqrt
from statistics import NormalDist
from typing import Final

_WIDEST: Final = 7.0
"""Standard errors: no look by chance passes so many, in 10^11."""
_NORMAL: Final = NormalDist()


def level_of_look(fraction: float, *, level: float = 0.95) -> float:
    """The level at which to draw the interval of one look, so that all looks together keep theirs.

    fraction : of the information of the last day that this look has, above 0 to 1.
    A difference that is followed while it grows more exact moves like a Brownian motion B(t), t
    the information. Over all t up to 1, |B(t)| passes c with a probability below 4 (1 - Phi(c)),
    by reflection. So an interval of c / sqrt(t) standard errors misses the truth at any look with
    at most that probability: the boundary of O'Brien and Fleming (1979), looked at without pause.
    It is wide early on and costs 14 % of width on the last day, at 95 %.
    """
    if not 0 < level < 1:
        raise ValueError(f"A level lies between 0 and 1, got {level}.")
    last = _NORMAL.inv_cdf(1 - (1 - level) / 4)
    bound = last / sqrt(min(fraction, 1.0)) if fraction > 0 else _WIDEST
    return 1 - 2 * _NORMAL.cdf(-min(bound, _WIDEST))


def level_whenever(grown: float, *, level: float = 0.95) -> float:
    """The same where there is no last day: for a total that is followed for as long as one likes.

    grown : how many times the variance of the first look's total this look's total has, 1 and more.
    The normal mixture of Robbins (1970): |B(v)| passes the root of (v + r) (ln((v + r) / r) +
    2 ln(1 / (1 - level))) at any v with a probability of at most 1 - level. r is half the first
    look's variance, whence 3.3 standard errors at the first look and 3.1 to 3.4 for a hundred times
    its variance. Totals whose growth goes on in the same direction, as customers' spending does,
    pass it more seldom still (Slepian 1962).
    """
    if not 0 < level < 1:
        raise ValueError(f"A level lies between 0 and 1, got {level}.")
    v = 2 * max(grown, 1.0)
    bound = sqrt((1 + 1 / v) * (log1p(v) + 2 * log(1 / (1 - level))))
    return 1 - 2 * _NORMAL.cdf(-min(bound, _WIDEST))


def level_of_month(number: int, *, level: float = 0.95) -> float:
    """The same for a figure whose looks hang together in no known way: the error is spent over the
    looks, 1 / (k (k + 1)) of it on the k-th, which sums to all of it. number : k, from 1."""
    if number < 1:
        raise ValueError(f"Looks are counted from 1, got {number}.")
    return 1 - (1 - level) / (number * (number + 1))


def known_so_far(share: float, *, elapsed: float) -> float:
    """Fraction of the last day's information on a share that only grows, like customers kept.

    share : who ordered so far, of both arms. elapsed : of the measured time, 0 to 1.
    Of customers followed until their first order, the share p by a day has the information
    p / (1 - p). What it will be on the last day is not known: it is taken to go on growing at the
    rate so far, which is too much rather than too little, since who orders soon orders first.
    """
    if not 0 <= elapsed <= 1:
        raise ValueError(f"Elapsed is a part of the measured time, 0 to 1, got {elapsed}.")
    if elapsed in (0, 1) or not 0 < share < 1:
        return elapsed
    so_far = -log1p(-share)
    return min(expm1(so_far) / expm1(so_far / elapsed), elapsed)


def known_of_customers(
    over: int, *, came: int, elapsed: float, at_most: float = inf, faster: float = 2.0
) -> float:
    """The same where customers come one after the other, and are measured in days of their own.

    over : customers whose days are over, of those who came. elapsed : of the time in which they
    come, 0 to 1. at_most : so many come in all.
    It is taken that they go on coming at up to `faster` times the rate so far: too little known
    widens intervals, too much narrows them.
    """
    if not came:
        return 0.0
    coming = min(faster * came * (1 / elapsed - 1) if elapsed else 0.0, at_most - came)
    return min(over / (came + coming), 1.0)


def known_of_arm(known: float, *, share: float) -> float:
    """The same of an arm whose share of the customers moves: it is taken that all who still come
    get it, since too much known would narrow its intervals before the last day.

    known : of all arms together, 0 to 1. share : the arm's of those who are known, above 0.
    """
    return share / (share + 1 / known - 1) if known else 0.0


LAST_LOOK: Final = level_of_look(1.0)
"""At which the answer of the last day is drawn: what a campaign can detect is detected with it."""
