"""Recency, frequency, money: the segments every retailer knows, by their usual names."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import Final

import numpy as np

from retention.learning.panel import FloatArray, IntArray


class RfmName(StrEnum):
    """The names of the field, best first."""

    CHAMPIONS = "CHAMPIONS"
    LOYAL = "LOYAL"
    POTENTIAL_LOYALISTS = "POTENTIAL_LOYALISTS"
    NEW = "NEW"
    PROMISING = "PROMISING"
    NEEDS_ATTENTION = "NEEDS_ATTENTION"
    ABOUT_TO_SLEEP = "ABOUT_TO_SLEEP"
    AT_RISK = "AT_RISK"
    CANNOT_LOSE = "CANNOT_LOSE"
    HIBERNATING = "HIBERNATING"
    LOST = "LOST"


@dataclass(frozen=True)
class RfmWords:
    """A segment for people: what it is called, who is in it, what usually helps."""

    label: str
    who: str
    advice: str


WORDS: Final = {
    RfmName.CHAMPIONS: RfmWords(
        "Champions",
        "Bought lately, often, and for much.",
        "They need no discount: thank them, show them what is new first.",
    ),
    RfmName.LOYAL: RfmWords(
        "Loyal",
        "Buy regularly and still do.",
        "Offer a better product or a loyalty reward, and ask for a review.",
    ),
    RfmName.POTENTIAL_LOYALISTS: RfmWords(
        "Potential loyalists",
        "Bought lately, more than the least, not yet often.",
        "Recommend what goes with their last order.",
    ),
    RfmName.NEW: RfmWords(
        "New",
        "Bought very lately and little so far.",
        "Help with the first order and show the way to the second.",
    ),
    RfmName.PROMISING: RfmWords(
        "Promising",
        "Bought fairly lately, little so far.",
        "Give them a reason for a second order while they remember the first.",
    ),
    RfmName.NEEDS_ATTENTION: RfmWords(
        "Needs attention",
        "Used to be average or better; the last order is a while ago.",
        "A timely offer on what they usually buy.",
    ),
    RfmName.ABOUT_TO_SLEEP: RfmWords(
        "About to sleep",
        "Bought little, and a while ago.",
        "A reminder of what is popular; a small offer at most.",
    ),
    RfmName.AT_RISK: RfmWords(
        "At risk",
        "Bought well once, and not for a long time now.",
        "A personal offer to come back, measured against a control group.",
    ),
    RfmName.CANNOT_LOSE: RfmWords(
        "Cannot lose",
        "Among the best customers once, silent now.",
        "Ask what went wrong; a person may call the largest.",
    ),
    RfmName.HIBERNATING: RfmWords(
        "Hibernating",
        "Bought little, and long ago.",
        "Cheap messages only.",
    ),
    RfmName.LOST: RfmWords(
        "Lost",
        "Bought little, longest ago of all.",
        "Spend nothing on them unless a campaign of the past has shown that it pays.",
    ),
}

# For each recency score, the least mean of frequency and money, and the name from there on.
_LADDER: Final[dict[int, tuple[tuple[float, RfmName], ...]]] = {
    5: (
        (4.0, RfmName.CHAMPIONS),
        (3.0, RfmName.LOYAL),
        (2.0, RfmName.POTENTIAL_LOYALISTS),
        (1.0, RfmName.NEW),
    ),
    4: (
        (4.5, RfmName.CHAMPIONS),
        (3.0, RfmName.LOYAL),
        (2.0, RfmName.POTENTIAL_LOYALISTS),
        (1.0, RfmName.PROMISING),
    ),
    3: ((4.0, RfmName.LOYAL), (2.5, RfmName.NEEDS_ATTENTION), (1.0, RfmName.ABOUT_TO_SLEEP)),
    2: ((4.5, RfmName.CANNOT_LOSE), (2.5, RfmName.AT_RISK), (1.0, RfmName.HIBERNATING)),
    1: ((4.0, RfmName.CANNOT_LOSE), (2.5, RfmName.AT_RISK), (1.0, RfmName.LOST)),
}


@dataclass(frozen=True)
class RfmScores:
    """Fifths, 5 the best: r (n,) lately, f (n,) often, m (n,) much."""

    r: IntArray
    f: IntArray
    m: IntArray

    @property
    def total(self) -> IntArray:
        """r + f + m, 3 to 15."""
        total: IntArray = self.r + self.f + self.m
        return total

    def names(self) -> list[RfmName]:
        """The segment of each customer."""
        every = list(RfmName)
        return [every[code] for code in self.codes().tolist()]

    def codes(self) -> IntArray:
        """The segment of each customer as its row among the names, (n,)."""
        every = list(RfmName)
        table = np.zeros((6, 11), dtype=np.int64)
        for r, h in product(range(1, 6), range(2, 11)):
            table[r, h] = every.index(segment_of(r, h / 2))
        return np.asarray(table[self.r, self.f + self.m])


def rfm_scores(*, days_since_order: FloatArray, orders: FloatArray, spend: FloatArray) -> RfmScores:
    """Scores of customers who have ordered, relative to each other.

    All (n,) and free of nan. Equal customers get equal scores; if all are equal, 3.
    """
    return RfmScores(r=_fifths(-days_since_order), f=_fifths(orders), m=_fifths(spend))


def segment_of(r: int, worth: float) -> RfmName:
    """The name of a recency score and a mean of the frequency and money scores, each 1 to 5."""
    return next(name for least, name in _LADDER[r] if worth >= least)


def _fifths(better: FloatArray) -> IntArray:
    """1 to 5 by the middle rank of each value among all."""
    if np.isnan(better).any():
        raise ValueError("RFM is for customers who have ordered; leave out those who have not.")
    _, where, many = np.unique(better, return_inverse=True, return_counts=True)
    middle = (np.cumsum(many) - many / 2) / max(len(better), 1)
    score: IntArray = np.clip(1 + np.floor(5 * middle[where]), 1, 5).astype(np.int64)
    return score
