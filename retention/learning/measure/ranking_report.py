"""How good are the lists of all customers, and how sure are we?"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from retention.learning.interactions import BoolArray, DoubleArray, IntArray
from retention.learning.measure.intervals import Estimate, Statistic, bootstrap
from retention.learning.measure.ranking import Scores, TooLittleHistory

GROUPS = {"new": (0, 1), "casual": (2, 4), "loyal": (5, np.inf)}
"""On how many days, from and to, a customer had bought before."""


@dataclass(frozen=True)
class RankingReport:
    """What a list is worth, with intervals over customers.

    coverage : share of the catalogue that anyone was shown, the mean over windows.
    novelty : mean -log2 of the shown products' popularity, in bits.
    new_share : share of the shown products that were new to their customer.
    diversity : 1 less the mean cosine of the pairs in a list; None where no content was given.
    """

    customers: int
    ndcg: Estimate
    recall: Estimate
    mean_average_precision: Estimate
    coverage: Estimate
    novelty: Estimate
    new_share: Estimate
    diversity: Estimate | None


def report(
    scores: Scores,
    *,
    rng: Generator,
    resamples: int = 300,
    owners: IntArray | None = None,
    windows: IntArray | None = None,
) -> RankingReport:
    """Means over customers, each with its interval, all from the same resamples.

    owners : (n,) whose each row is, where a customer may have several: they are drawn together.
    windows : (n,) which window each row is of, where there are several.
    """
    n = len(scores.ndcg)
    if not n:
        raise TooLittleHistory("No known customer bought in the window: nothing to judge on.")
    drawn = _Draws(np.arange(n, dtype=np.int32) if owners is None else owners)
    means = ("ndcg", "recall", "average_precision", "novelty", "new_share", "diversity")
    statistics = {
        name: drawn.mean_of(getattr(scores, name))
        for name in means
        if not np.isnan(getattr(scores, name)).all()
    }
    found = bootstrap(drawn.n, statistics, rng=rng, resamples=resamples)
    shown = _Shown(scores, np.zeros(n, np.int32) if windows is None else windows, drawn)
    return RankingReport(
        customers=drawn.n,
        ndcg=found["ndcg"],
        recall=found["recall"],
        mean_average_precision=found["average_precision"],
        coverage=shown.coverage(rng, resamples),
        novelty=found["novelty"],
        new_share=found["new_share"],
        diversity=found.get("diversity"),
    )


def by_group(scores: Scores, days: IntArray) -> dict[str, Scores]:
    """The scores of each of GROUPS. days : (n,) as `visits` counts them."""
    return {name: scores.of(in_group(name, days)) for name in GROUPS}


def in_group(name: str, days: IntArray) -> BoolArray:
    """Who is in one of GROUPS, (n,)."""
    least, most = GROUPS[name]
    return (days >= least) & (days <= most)


def difference(
    ours: DoubleArray,
    theirs: DoubleArray,
    *,
    rng: Generator,
    resamples: int = 300,
    owners: IntArray | None = None,
) -> Estimate:
    """Ours less theirs, paired: the same customers, (n,) each, resampled together.

    owners : as `report` takes them.
    """
    if ours.shape != theirs.shape:
        raise ValueError(
            f"A paired difference needs the same customers: {ours.shape} against {theirs.shape}."
        )
    drawn = _Draws(np.arange(len(ours), dtype=np.int32) if owners is None else owners)
    statistics = {"difference": drawn.mean_of(ours - theirs)}
    return bootstrap(drawn.n, statistics, rng=rng, resamples=resamples)["difference"]


class _Draws:
    """Customers as they are drawn, each with all its rows."""

    def __init__(self, owners: IntArray) -> None:
        people, self.place = np.unique(owners, return_inverse=True)
        self.n = len(people)

    def mean_of(self, values: DoubleArray) -> Statistic:
        """The mean over rows; a row that is nan says nothing."""
        told = ~np.isnan(values)
        place, known = self.place[told], values[told]

        def mean(weights: DoubleArray) -> float:
            rows = weights[place]
            total = float(rows.sum())
            return float(rows @ known) / total if total else float("nan")

        return mean


class _Shown:
    """Which products were shown to whom in which window, each pair of the two as one number."""

    def __init__(self, scores: Scores, windows: IntArray, drawn: _Draws) -> None:
        rows, places = np.nonzero(scores.shown >= 0)
        cells = windows[rows].astype(np.int64) * scores.n_products + scores.shown[rows, places]
        _, self.cells = np.unique(cells, return_inverse=True)
        self.owners, self.n_customers = drawn.place[rows], drawn.n
        self.whole = scores.n_products * (int(windows.max()) + 1)

    def coverage(self, rng: Generator, resamples: int) -> Estimate:
        """Distinct products shown over the catalogue.

        A resample leaves a third of the customers out, so all of them show fewer products than
        the whole: their spread is kept, moved to the value.
        """
        n = self.n_customers
        value = self._covered(np.ones(n, np.bool_))
        spread = np.array(
            [
                self._covered(np.bincount(rng.integers(n, size=n), minlength=n) > 0)
                for _ in range(resamples)
            ]
        )
        low, high = value + np.quantile(spread, [0.025, 0.975]) - spread.mean()
        return Estimate(value, max(float(low), 0.0), min(float(high), 1.0))

    def _covered(self, drawn: BoolArray) -> float:
        seen = np.zeros(int(self.cells.max(initial=-1)) + 1, np.bool_)
        seen[self.cells[drawn[self.owners]]] = True
        return int(np.count_nonzero(seen)) / self.whole
