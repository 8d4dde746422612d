"""Lists judged over the full catalogue, cut-off by cut-off, and how a table of them is said."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from benchmarks.bars import Bars
from retention.learning.interactions import Csr, DoubleArray, IntArray
from retention.learning.measure.ranking import Question, Scores, score
from retention.learning.measure.ranking_report import report

HORIZON_DAYS = 28
LIST = 20
Lists = Callable[[IntArray, Csr | None], IntArray]
"""Customers (n,) and what is not to be shown -> product rows (n, LIST)."""


def day(text: str) -> float:
    """Days since 1970-01-01."""
    return float((date.fromisoformat(text) - date(1970, 1, 1)).days)


@dataclass
class Judged:
    """One model's scores at each cut-off: on everything bought, and on what was new."""

    name: str
    everything: list[Scores] = field(default_factory=list)
    new: list[Scores] = field(default_factory=list)

    def sit(self, lists: Lists, asked: Question) -> None:
        """One more cut-off."""
        self.everything.append(score(lists(asked.customers, None), asked))
        fresh = asked.only_new()
        self.new.append(score(lists(fresh.customers, fresh.seen), fresh))

    @property
    def ndcg(self) -> float:
        """Mean of the cut-offs' means."""
        return mean(self.everything)

    @property
    def new_ndcg(self) -> float:
        """The same for products new to the customer."""
        return mean(self.new)


def mean(scores: list[Scores]) -> float:
    return float(np.mean([each.ndcg.mean() for each in scores]))


def say_table(bars: Bars, title: str, judged: list[Judged]) -> None:
    """nDCG with its interval over customers at the mean cut-off, and the rest."""
    bars.say(f"\n{title}")
    bars.say(
        f"  {'':34} {'nDCG@10':>23} {'recall@20':>9} {'MAP':>6} {'cover':>6} {'novel':>6} "
        f"{'new share':>9} {'new products nDCG@10':>24}"
    )
    for each in judged:
        rng = np.random.default_rng(0)
        told = [report(scores, rng=rng, resamples=2) for scores in each.everything]
        names = ("recall", "mean_average_precision", "coverage", "novelty", "new_share")
        of = {name: np.mean([getattr(one, name).value for one in told]) for name in names}
        bars.say(
            f"  {each.name:34} {interval(each.everything)} {of['recall']:9.3f} "
            f"{of['mean_average_precision']:6.3f} {of['coverage']:6.3f} {of['novelty']:6.2f} "
            f"{of['new_share']:9.2f}  {interval(each.new)}"
        )


def interval(scores: list[Scores]) -> str:
    """The mean over cut-offs, with its 95 % interval: customers drawn again within each."""
    rng = np.random.default_rng(0)

    def of(values: DoubleArray) -> DoubleArray:
        drawn = [values[rng.integers(len(values), size=len(values))].mean() for _ in range(300)]
        return np.array(drawn)

    drawn = np.mean([of(each.ndcg) for each in scores], axis=0)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return f"{mean(scores):6.4f} [{low:6.4f}, {high:6.4f}]"


def served(model: Any) -> Lists:
    """What one of our models shows."""

    def lists(customers: IntArray, seen: Csr | None) -> IntArray:
        found: IntArray = model.recommend(customers, k=LIST, exclude=seen)[0]
        return found

    return lists
