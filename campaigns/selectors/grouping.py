"""The groups that customers were in when a campaign was launched, by which its effect is told."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from retention.insights.models import Band, ChurnScore, RfmScore, Segment, SegmentMembership
from retention.insights.models.rfm import LABELS
from retention.learning.measure.experiments import FEWEST
from retention.learning.measure.subgroups import pooled
from retention.learning.panel import BoolArray, FloatArray, IntArray

BY: Final = {
    "BAND": "Risk of leaving",
    "RFM": "How lately, often and much they bought",
    "GROUP": "Behaviour",
    "QUADRANT": "Risk and value",
}
"""What customers are grouped by, in the words of a page."""
OTHERS, NOT_KNOWN = "All others", "Not known then"
Known = Mapping[str, str]
"""What a customer was called, by what they are grouped by."""


@dataclass(frozen=True)
class Grouping:
    """Everyone of a campaign in groups of at least FEWEST in either arm.

    label : (n,) index into names.
    """

    by: str
    names: tuple[str, ...]
    label: IntArray


def groups_now(customers: Sequence[int]) -> dict[int, dict[str, str]]:
    """What some customers are called at this moment; a launch keeps it."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    bands = ChurnScore.objects.filter(customer__in=customers)
    for who, band in bands.values_list("customer_id", "churn_band"):
        found[who]["BAND"] = str(Band(band).label)
    for who, name in RfmScore.objects.filter(customer__in=customers).values_list(
        "customer_id", "name"
    ):
        found[who]["RFM"] = LABELS[name]
    members = SegmentMembership.objects.current().filter(customer__in=customers)
    clusters = members.filter(segment__kind=Segment.Kind.CLUSTER)
    for who, name in clusters.values_list("customer_id", "segment__name"):
        found[who]["GROUP"] = name
    return found


def groupings_of(
    known: Sequence[Known], *, risk: FloatArray, value: FloatArray, treated: BoolArray
) -> Iterator[Grouping]:
    """Every way to tell these customers apart that leaves two groups or more, (n,) each."""
    quadrants = _quadrants(risk, value)
    for by in BY:
        said = quadrants if by == "QUADRANT" else [one.get(by, NOT_KNOWN) for one in known]
        names, place = np.unique(np.array(said, dtype=object).astype(str), return_inverse=True)
        told, label = np.unique(
            pooled(place.astype(np.int64), treated, fewest=FEWEST), return_inverse=True
        )
        if len(told) > 1:
            words = (OTHERS if number < 0 else str(names[number]) for number in told.tolist())
            yield Grouping(by, tuple(words), label.astype(np.int64))


def _quadrants(risk: FloatArray, value: FloatArray) -> list[str]:
    """Above and below the middle risk and value of those who had a score at the launch."""
    scored = ~np.isnan(risk) & ~np.isnan(value)
    if not scored.any():
        return [NOT_KNOWN] * len(risk)
    risky, worth = risk >= np.median(risk[scored]), value >= np.median(value[scored])
    return [
        f"{'Higher' if r else 'Lower'} risk, {'higher' if v else 'lower'} value" if s else NOT_KNOWN
        for s, r, v in zip(scored.tolist(), risky.tolist(), worth.tolist(), strict=True)
    ]
