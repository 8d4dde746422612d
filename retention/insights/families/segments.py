"""From a stored segmentation to the cards people read and who is on which."""

from collections.abc import Mapping
from typing import Any

from retention.insights.artifacts import Arrays
from retention.insights.models import Kind
from retention.insights.publishing import SegmentCard
from retention.learning.segment.rfm import WORDS, RfmScores

Members = dict[int, str]


def memberships_of(
    kind: str, parameters: Mapping[str, Any], arrays: Arrays
) -> tuple[list[SegmentCard], Members]:
    """The cards of a segmentation, and each customer's key."""
    if kind == Kind.RFM:
        return _rfm(arrays)
    return _clusters(parameters, arrays)


def _rfm(arrays: Arrays) -> tuple[list[SegmentCard], Members]:
    cards = [
        SegmentCard(str(name), words.label, words.who, {"advice": words.advice})
        for name, words in WORDS.items()
    ]
    names = RfmScores(r=arrays["r"], f=arrays["f"], m=arrays["m"]).names()
    keys = [str(name) for name in names]
    return cards, dict(zip(arrays["customers"].tolist(), keys, strict=True))


def _clusters(parameters: Mapping[str, Any], arrays: Arrays) -> tuple[list[SegmentCard], Members]:
    said = parameters["clusters"]
    cards = [SegmentCard(c["key"], c["name"], c["description"], c["profile"]) for c in said]
    keys = [cards[label].key for label in arrays["labels"].tolist()]
    return cards, dict(zip(arrays["customers"].tolist(), keys, strict=True))
