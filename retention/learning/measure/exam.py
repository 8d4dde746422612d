"""One examination for several recommenders: the same customers, asked over the newest windows.

A window is asked of models that know only what came before it. Whoever comes back in two windows
is asked twice, and stays one customer wherever an interval is drawn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final, Self

import numpy as np
from numpy.random import Generator

from retention.learning.interactions import BoolArray, FloatArray, IntArray
from retention.learning.interactions import Interactions as Events
from retention.learning.measure.intervals import Estimate
from retention.learning.measure.ranking import (
    Cutoff,
    Question,
    Scores,
    TooLittleHistory,
    question,
    score,
    visits,
)
from retention.learning.measure.ranking_report import (
    RankingReport,
    difference,
    in_group,
    report,
)

SHOWN, ASKED_FOR = 10, 20
"""What is looked at of a list, and how far down its recall is counted."""
PER_CUSTOMER = tuple(each.name for each in fields(Scores) if each.name != "n_products")
MOST_ASKED: Final = 5_000
"""Of a window; more, drawn evenly, would narrow no interval that matters."""


@dataclass(frozen=True, eq=False)
class Paper:
    """One window: what is asked, and on how many days each customer asked had bought before."""

    cutoff: Cutoff
    asked: Question
    days: IntArray


@dataclass(frozen=True, eq=False)
class Marks:
    """What one model scored, a row a customer and window.

    owners : (n,) whose row it is. papers : (n,) which window's. days : (n,) as Paper has them.
    """

    scores: Scores
    owners: IntArray
    papers: IntArray
    days: IntArray

    def __len__(self) -> int:
        return len(self.owners)

    def of_group(self, name: str) -> Self:
        """The marks of one of ranking_report.GROUPS."""
        return self._of(in_group(name, self.days))

    def _of(self, rows: BoolArray) -> Self:
        return replace(
            self,
            scores=self.scores.of(rows),
            owners=self.owners[rows],
            papers=self.papers[rows],
            days=self.days[rows],
        )

    def report(self, rng: Generator) -> RankingReport:
        """Means with intervals over customers."""
        return report(self.scores, rng=rng, owners=self.owners, windows=self.papers)

    def ahead_of(self, others: Self, rng: Generator) -> Estimate:
        """nDCG@10 less another model's, paired: each customer is drawn for both."""
        return difference(self.scores.ndcg, others.scores.ndcg, rng=rng, owners=self.owners)

    @property
    def answered(self) -> float:
        """Share of those asked who were shown anything."""
        return float((self.scores.shown[:, 0] >= 0).mean())


Lists = Callable[[Paper], IntArray]
"""The lists (n, ASKED_FOR) of a model that knows what came before the window, for those asked."""


def papers_of(
    events: Events,
    *,
    until_day: float,
    horizon_days: float,
    most: int,
    fewest: int,
    rng: Generator,
) -> list[Paper]:
    """The newest windows up to a day, the earliest first: at most so many.

    Each asks at least `fewest` customers, and those before the newest have as much history before
    them as they are long. Raises TooLittleHistory where there is not one.
    """
    if not len(events):
        raise TooLittleHistory("There are no events to judge on.")
    first = float(events.times.min())
    found: list[Paper] = []
    for back in range(1, most + 1):
        start = until_day - back * horizon_days
        if start <= first + (horizon_days if found else 0):
            break
        paper = _paper(events, Cutoff(start, start + horizon_days), rng)
        if len(paper.asked.customers) < fewest:
            break
        found.insert(0, paper)
    if not found:
        raise TooLittleHistory(_missing(events, until_day, horizon_days, fewest))
    return found


def sit(papers: Sequence[Paper], lists: Lists, *, content: FloatArray | None = None) -> Marks:
    """What a model scores on every window, the earliest first. content : as `score` takes it."""
    parts = [
        score(lists(paper), paper.asked, k=SHOWN, recall_k=ASKED_FOR, content=content)
        for paper in papers
    ]
    sizes = [len(paper.asked.customers) for paper in papers]
    return Marks(
        scores=_together(parts),
        owners=np.concatenate([paper.asked.customers for paper in papers]),
        papers=np.repeat(np.arange(len(papers), dtype=np.int32), sizes),
        days=np.concatenate([paper.days for paper in papers]),
    )


def _paper(events: Events, cutoff: Cutoff, rng: Generator) -> Paper:
    asked = question(events, cutoff)
    kept = np.sort(rng.permutation(len(asked.customers))[:MOST_ASKED])
    if len(kept) < len(asked.customers):
        asked = replace(
            asked,
            customers=asked.customers[kept],
            relevant=asked.relevant[kept],
            seen=asked.seen[kept],
        )
    return Paper(cutoff, asked, visits(events, cutoff.at_day, asked.customers))


def _missing(events: Events, until_day: float, horizon_days: float, fewest: int) -> str:
    start = until_day - horizon_days
    span = until_day - float(events.times.min())
    if span <= horizon_days:
        return (
            f"1 windows of {horizon_days:g} days need more than {horizon_days:g} days of events, "
            f"there are {span:.0f}."
        )
    came_back = len(question(events, Cutoff(start, until_day)).customers)
    return f"Needs {fewest} customers who came back within {horizon_days:g} days, has {came_back}."


def _together(parts: Sequence[Scores]) -> Scores:
    joined = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in PER_CUSTOMER
    }
    return Scores(**joined, n_products=parts[0].n_products)
