"""Random numbers that belong to a customer and a day, not to the order in which they are asked for.

A stream of numbers would shift for everybody as soon as one customer got a coupon. Here every
number is a hash of (seed, purpose, day, customer, slot), so that a shop played under two policies
differs only where the policies made a difference, and a year played in twelve steps is the year
played in one. The hash is the finaliser of splitmix64 (Steele, Lea and Flood 2014).
"""

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from retention.learning.simulate.arrays import FloatArray, IntArray

_GOLDEN = 0x9E3779B97F4A7C15
_FIRST = 0xBF58476D1CE4E5B9
_SECOND = 0x94D049BB133111EB
_WORD = (1 << 64) - 1


class Purpose(IntEnum):
    """What a number is drawn for: two purposes never share a number."""

    ORDER = 1
    BROWSE = 2
    LEAVE = 3
    LEAVE_CAUSE = 4
    NOTICE = 5
    ANNOY = 6
    REDEEM = 7
    SOURCE = 8
    HOUR = 9
    LINES = 10
    TOPIC = 11
    PRODUCT = 12
    RIVAL = 13
    CHEAPER = 14
    STAPLE = 15
    WISH = 16
    COMPANION = 17
    QUANTITY = 18
    ADOPT = 19
    VIEWED = 20
    EXTRA_VIEWS = 21
    CARTED = 22
    PACE = 23
    LATE = 24
    RETURNED = 25
    RETURN_DELAY = 26
    RETURN_QUANTITY = 27
    RATED = 28
    RATING = 29
    RATING_DELAY = 30
    DAYTIME = 31
    MISSION = 32


class Draws:
    """Uniform numbers in [0, 1), each a function of its address alone."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def uniform(
        self, purpose: Purpose, day: int, who: IntArray, slot: IntArray | int = 0
    ) -> FloatArray:
        """One number for every customer row in `who` (and slot, broadcast against it)."""
        key = _mix_word(_mix_word(_mix_word(self.seed) + purpose) + day)
        words = _mix(np.asarray(who).astype(np.uint64) * np.uint64(_GOLDEN) + np.uint64(key))
        words = _mix(words + np.asarray(slot).astype(np.uint64) * np.uint64(_GOLDEN))
        return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53


def generator(seed: int, *purpose: int) -> np.random.Generator:
    """A child generator for what is made once, when the shop is built."""
    return np.random.default_rng(np.random.SeedSequence([seed, *purpose]))


def _mix(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    words = (words ^ (words >> np.uint64(30))) * np.uint64(_FIRST)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(_SECOND)
    return words ^ (words >> np.uint64(31))


def _mix_word(word: int) -> int:
    """The same finaliser on a Python integer, where numpy would warn of the wrap-around."""
    word = (word + _GOLDEN) & _WORD
    word = ((word ^ (word >> 30)) * _FIRST) & _WORD
    word = ((word ^ (word >> 27)) * _SECOND) & _WORD
    return word ^ (word >> 31)
