"""From a stored segmentation to the cards people read and who is on which."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import numpy as np

from retention.insights.artifacts import Arrays
from retention.insights.models import Kind, RfmScore
from retention.insights.models.rfm import LETTERS, NOT_YET
from retention.insights.publishing_segments import SegmentCard
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
    keys = [str(name) for name in _scores(arrays).names()]
    return cards, dict(zip(arrays["customers"].tolist(), keys, strict=True))


def rfm_rows(arrays: Arrays, *, as_of: datetime) -> Iterator[RfmScore]:
    """The scores of each customer of a segmentation, with the names of months gone by."""
    scores = _scores(arrays)
    columns = (arrays["customers"], scores.r, scores.f, scores.m, _histories(arrays))
    rows = zip(*(column.tolist() for column in columns), scores.names(), strict=True)
    for who, r, f, m, history, name in rows:
        yield RfmScore(
            customer_id=who,
            recency=r,
            frequency=f,
            money=m,
            name=str(name),
            history=history,
            as_of=as_of,
        )


def _histories(arrays: Arrays) -> Any:
    """A word of a letter a month for each customer, (n,)."""
    if "history" not in arrays:  # A version of before they were kept.
        return np.full(len(arrays["r"]), "")
    letters = np.array([*LETTERS.values(), NOT_YET])
    spelt = np.ascontiguousarray(letters[arrays["history"]])
    return spelt.view(f"U{spelt.shape[1]}").ravel()


def _scores(arrays: Arrays) -> RfmScores:
    return RfmScores(r=arrays["r"], f=arrays["f"], m=arrays["m"])


def _clusters(parameters: Mapping[str, Any], arrays: Arrays) -> tuple[list[SegmentCard], Members]:
    said = parameters["clusters"]
    cards = [SegmentCard(c["key"], c["name"], c["description"], c["profile"]) for c in said]
    keys = [cards[label].key for label in arrays["labels"].tolist()]
    return cards, dict(zip(arrays["customers"].tolist(), keys, strict=True))
