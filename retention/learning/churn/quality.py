"""How good a churn model is on customers of a later day, beside the rules of thumb."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from retention.learning.churn.features import behaviour
from retention.learning.churn.labels import Outcome
from retention.learning.churn.model import ChurnModel
from retention.learning.features import FeatureTable
from retention.learning.measure.classification import (
    Quality,
    RankQuality,
    assess,
    assess_ranking,
    compare,
)
from retention.learning.measure.intervals import Estimate, wilson
from retention.learning.panel import FloatArray, Panel
from retention.learning.segment.rfm import WORDS, RfmScores, rfm_scores, segment_of

Labels = NDArray[np.str_]

_TRUE_ENOUGH = 0.03
_SMALLEST_GROUP = 20
OTHERS = "others"


@dataclass(frozen=True)
class GroupQuality:
    """The model on one group of the test audience.

    said : mean prediction. happened : share lost, with its interval. auc : nan where one of the
        two outcomes is missing.
    """

    kind: str
    group: str
    n: int
    said: float
    happened: Estimate
    auc: Estimate


@dataclass(frozen=True)
class ChurnQuality:
    """A model against what happened after a cut-off it had not seen.

    recency, rfm : what ranking by silence, and by RFM, reaches on the same customers.
    over_recency, over_rfm : our AUC minus theirs, paired.
    alarms : what an operator must know before trusting the probabilities.
    """

    cut_off: float
    overall: Quality
    recency: RankQuality
    rfm: RankQuality
    over_recency: Estimate
    over_rfm: Estimate
    groups: tuple[GroupQuality, ...]
    alarms: tuple[str, ...]


def evaluate(
    model: ChurnModel,
    panel: Panel,
    test: Outcome,
    *,
    rng: Generator,
    groups: Mapping[str, Labels] | None = None,
    resamples: int = 300,
) -> ChurnQuality:
    """Measure a model, trained here or serving already, on the outcome of a later cut-off.

    groups : for each kind of group, a label of every customer row of the panel.
    """
    table = behaviour(panel, cut_off=test.cut_off, customers=test.customers)
    said = model.probability(table)
    recency, rfm = rules_of_thumb(table)
    overall = assess(test.lost, said, rng=rng, resamples=resamples)
    over = [
        compare(test.lost, said, rule, metric="auc", rng=rng, resamples=resamples)
        for rule in (recency, rfm)
    ]
    kinds = _own_groups(table)
    kinds |= {kind: labels[test.customers] for kind, labels in (groups or {}).items()}
    return ChurnQuality(
        cut_off=test.cut_off,
        overall=overall,
        recency=assess_ranking(test.lost, recency, rng=rng, resamples=resamples),
        rfm=assess_ranking(test.lost, rfm, rng=rng, resamples=resamples),
        over_recency=over[0],
        over_rfm=over[1],
        groups=_by_group(kinds, test, said, rng, resamples),
        alarms=_alarms(overall, over[1], float(said.mean())),
    )


def rules_of_thumb(table: FeatureTable) -> tuple[FloatArray, FloatArray]:
    """Risk by days of silence, and by the sum of the RFM scores turned around, each (n,)."""
    silence = table.column("days_since_last_order")
    return silence, -_rfm(table).total.astype(np.float64)


def _rfm(table: FeatureTable) -> RfmScores:
    return rfm_scores(
        days_since_order=table.column("days_since_last_order"),
        orders=table.column("orders_365"),
        spend=table.column("spend_365"),
    )


def _own_groups(table: FeatureTable) -> dict[str, Labels]:
    days = table.column("order_days_total")
    tenure = table.column("days_since_first_order")
    silence = table.column("days_since_last_order")
    return {
        "orders": np.select([days < 2, days < 5], ["1", "2 to 4"], "5 or more"),
        "customer for": np.where(tenure < 90, "less than 90 days", "90 days or more"),
        "last order": np.select(
            [silence < 31, silence < 91], ["up to 30 days ago", "31 to 90 days ago"], "longer ago"
        ),
        "RFM": _rfm_names(table),
    }


def _rfm_names(table: FeatureTable) -> Labels:
    scores = _rfm(table)
    worth = (scores.f + scores.m) / 2
    names = [
        WORDS[segment_of(r, both)].label
        for r, both in zip(scores.r.tolist(), worth.tolist(), strict=True)
    ]
    return np.array(names)


def _large_enough(labels: Labels) -> Labels:
    """The same with small groups put together, so that no figure is about a handful of people.

    Nor can one be had by subtraction: none is left out.
    """
    names, counts = np.unique(labels, return_counts=True)
    order = np.argsort(counts, kind="stable")
    small = int((counts < _SMALLEST_GROUP).sum())
    while small < len(names) and 0 < counts[order[:small]].sum() < _SMALLEST_GROUP:
        small += 1
    return np.where(np.isin(labels, names[order[:small]]), OTHERS, labels)


def _by_group(
    kinds: Mapping[str, Labels],
    test: Outcome,
    said: FloatArray,
    rng: Generator,
    resamples: int,
) -> tuple[GroupQuality, ...]:
    found = []
    for kind, given in kinds.items():
        labels = _large_enough(given)
        for group in np.unique(labels):
            here = labels == group
            n = int(here.sum())
            lost = test.lost[here]
            rank = assess_ranking(lost, said[here], rng=rng, resamples=resamples)
            happened = wilson(int(lost.sum()), n)
            mean = float(said[here].mean())
            found.append(GroupQuality(kind, str(group), n, mean, happened, rank.auc))
    return tuple(found)


def _alarms(overall: Quality, over_rfm: Estimate, said: float) -> tuple[str, ...]:
    found = []
    happened = wilson(round(overall.base_rate * overall.n), overall.n)
    if overall.ece.value > _TRUE_ENOUGH and not happened.low <= said <= happened.high:
        found.append(
            f"The level has moved: {said:.0%} were expected to be lost and {happened.value:.0%} "
            "were. A season or a change of the shop does that; the order of the customers still "
            "holds, the probabilities do not."
        )
    elif overall.ece.value > _TRUE_ENOUGH:
        found.append(
            f"Probabilities miss what happened by {overall.ece.value:.0%} on average; "
            "trust the order of the customers more than the figures."
        )
    if not over_rfm.above_zero:
        found.append("It does not rank better than RFM beyond chance; RFM is simpler.")
    return tuple(found)
