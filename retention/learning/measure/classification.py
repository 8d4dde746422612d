"""How good a probability is: does it rank, is it true, is it useful at the top."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal

import numpy as np
from numpy.random import Generator

from retention.learning.measure.intervals import Estimate, Statistic, bootstrap, wilson
from retention.learning.panel import BoolArray, FloatArray, IntArray

MetricName = Literal["auc", "pr_auc", "brier", "log_loss", "ece", "lift"]

BINS: Final = 10
TOP_SHARE: Final = 0.1
# As in scikit-learn: a certainty that proves wrong costs much, not infinitely much.
_SMALLEST: Final = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class ReliabilityBin:
    """Customers of like predictions: what was said, and what happened.

    said : mean prediction. happened : share lost, with Wilson's interval.
    """

    n: int
    said: float
    happened: Estimate


@dataclass(frozen=True)
class Quality:
    """A classifier on outcomes it has not seen.

    auc, pr_auc, lift : higher is better; lift is the share of the lost in the top tenth against
        the base rate. brier, log_loss, ece : lower is better; the percentile interval of ece
        lies high, because noise can only add to it.
    """

    n: int
    base_rate: float
    auc: Estimate
    pr_auc: Estimate
    brier: Estimate
    log_loss: Estimate
    ece: Estimate
    lift: Estimate
    reliability: tuple[ReliabilityBin, ...]


@dataclass(frozen=True)
class RankQuality:
    """A score that only ranks: no probabilities, no calibration."""

    auc: Estimate
    pr_auc: Estimate
    lift: Estimate


def assess(
    lost: BoolArray,
    probability: FloatArray,
    *,
    rng: Generator,
    resamples: int = 300,
    level: float = 0.95,
) -> Quality:
    """Every metric with its interval, and the reliability curve.

    lost, probability : (n,). 100,000 customers with 300 resamples take about 3 s.
    Raises ValueError for nan or values outside 0..1.
    """
    ranked = Ranked(lost, _probabilities(probability))
    found = bootstrap(
        len(lost),
        {name: partial(_METRICS[name], ranked) for name in _METRICS},
        rng=rng,
        resamples=resamples,
        level=level,
    )
    return Quality(
        n=len(lost),
        base_rate=float(np.mean(lost)),
        reliability=reliability(lost, probability, level=level),
        **found,
    )


def assess_ranking(
    lost: BoolArray,
    score: FloatArray,
    *,
    rng: Generator,
    resamples: int = 300,
    level: float = 0.95,
) -> RankQuality:
    """The metrics that need no probability, with intervals."""
    ranked = Ranked(lost, score)
    statistics: dict[str, Statistic] = {
        name: partial(_METRICS[name], ranked) for name in ("auc", "pr_auc", "lift")
    }
    return RankQuality(
        **bootstrap(len(lost), statistics, rng=rng, resamples=resamples, level=level)
    )


def compare(
    lost: BoolArray,
    ours: FloatArray,
    theirs: FloatArray,
    *,
    metric: MetricName,
    rng: Generator,
    resamples: int = 300,
    level: float = 0.95,
) -> Estimate:
    """Our metric minus theirs on the same customers, by paired bootstrap."""
    a, b = Ranked(lost, ours), Ranked(lost, theirs)
    of = _METRICS[metric]
    difference: dict[str, Statistic] = {metric: lambda w: of(a, w) - of(b, w)}
    found = bootstrap(len(lost), difference, rng=rng, resamples=resamples, level=level)
    return found[metric]


def reliability(
    lost: BoolArray, probability: FloatArray, *, bins: int = BINS, level: float = 0.95
) -> tuple[ReliabilityBin, ...]:
    """The reliability curve in bins of equal counts, lowest predictions first."""
    if not len(lost):
        return ()
    bin_of = _equal_bins(probability, bins)
    return tuple(
        ReliabilityBin(
            n=int(here.sum()),
            said=float(probability[here].mean()),
            happened=wilson(int(lost[here].sum()), int(here.sum()), level=level),
        )
        for here in (bin_of == b for b in np.unique(bin_of))
    )


class Ranked:
    """Outcomes sorted once by score, so that every resample is linear.

    tie : (n,) the rank of a row's score among the different scores, highest first.
    bin : (n,) the reliability bin of each row.
    """

    def __init__(self, lost: BoolArray, score: FloatArray) -> None:
        """lost, score : (n,)."""
        if len(lost) != len(score):
            raise ValueError(f"{len(lost)} outcomes and {len(score)} scores; one each is needed.")
        if not len(lost):
            raise ValueError("No outcomes to measure on; check the audience and the cut-off.")
        if np.isnan(score).any():
            raise ValueError(f"{int(np.isnan(score).sum())} of {len(score)} scores are nan.")
        self.lost = np.asarray(lost, dtype=np.float64)
        self.score = np.asarray(score, dtype=np.float64)
        self.tie = np.unique(-self.score, return_inverse=True)[1]
        self.bin = _equal_bins(self.score, BINS)

    def by_tie(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Lost and all, by different score, highest first."""
        lost = np.bincount(self.tie, weights=weights * self.lost).astype(np.float64)
        return lost, np.bincount(self.tie, weights=weights).astype(np.float64)


def auc(ranked: Ranked, weights: FloatArray) -> float:
    """Chance that a lost customer ranks above a kept one, ties counting half."""
    lost, everyone = ranked.by_tie(weights)
    kept = everyone - lost
    pairs = lost.sum() * kept.sum()
    if pairs == 0:
        return float("nan")
    below = kept.sum() - np.cumsum(kept)
    return float(np.sum(lost * (below + kept / 2)) / pairs)


def pr_auc(ranked: Ranked, weights: FloatArray) -> float:
    """Average precision: the step-wise area under precision against recall."""
    lost, everyone = ranked.by_tie(weights)
    if lost.sum() == 0:
        return float("nan")
    precision = np.cumsum(lost) / np.maximum(np.cumsum(everyone), 1.0)
    return float(np.sum(lost * precision) / lost.sum())


def lift(ranked: Ranked, weights: FloatArray) -> float:
    """Share of the lost in the top tenth, against the base rate; ties at its edge count in part."""
    lost, everyone = ranked.by_tie(weights)
    if lost.sum() == 0:
        return float("nan")
    room = np.clip(TOP_SHARE * everyone.sum() - (np.cumsum(everyone) - everyone), 0, everyone)
    share = np.divide(room, everyone, out=np.zeros_like(room), where=everyone > 0)
    return float(np.sum(lost * share) / (TOP_SHARE * lost.sum()))


def brier(ranked: Ranked, weights: FloatArray) -> float:
    """Mean squared distance of prediction and outcome."""
    return _mean((ranked.lost - ranked.score) ** 2, weights)


def log_loss(ranked: Ranked, weights: FloatArray) -> float:
    """Mean surprise in nats."""
    p = np.clip(ranked.score, _SMALLEST, 1 - _SMALLEST)
    return _mean(-np.where(ranked.lost > 0, np.log(p), np.log1p(-p)), weights)


def ece(ranked: Ranked, weights: FloatArray) -> float:
    """Mean distance of prediction and frequency over ten bins of equal counts."""
    gap = np.bincount(ranked.bin, weights * (ranked.lost - ranked.score))
    total = weights.sum()
    return float(np.abs(gap).sum() / total) if total else float("nan")


_METRICS: Final[dict[str, Callable[["Ranked", FloatArray], float]]] = {
    "auc": auc,
    "pr_auc": pr_auc,
    "brier": brier,
    "log_loss": log_loss,
    "ece": ece,
    "lift": lift,
}


def _mean(values: FloatArray, weights: FloatArray) -> float:
    total = weights.sum()
    return float(np.sum(weights * values) / total) if total else float("nan")


def _equal_bins(score: FloatArray, bins: int) -> IntArray:
    """Bins of equal counts; equal scores share one."""
    edges = np.quantile(score, np.arange(1, bins) / bins) if len(score) else np.empty(0)
    return np.searchsorted(edges, score, side="left")


def _probabilities(given: FloatArray) -> FloatArray:
    outside = ~((given >= 0) & (given <= 1))
    if outside.any():
        raise ValueError(
            f"{int(outside.sum())} of {len(given)} predictions are no probability, "
            f"the first is {given[outside][0]}."
        )
    return given
