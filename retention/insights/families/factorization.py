"""What each customer wants next: several models find it, a learned ranker puts it in order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np

from customers.models import Purpose
from retention.insights.datasets import Facts, local_day
from retention.insights.families.family import Champion, Learned, Progress, TooLittle, Verdict
from retention.insights.families.sanity import not_numbers
from retention.insights.goods import descriptions_of
from retention.learning.interactions import DoubleArray, Interactions
from retention.learning.measure.intervals import Estimate
from retention.learning.measure.ranking import (
    Cutoff,
    Question,
    Scores,
    TooLittleHistory,
    difference,
    question,
    report,
    rolling_cutoffs,
    score,
)
from retention.learning.recommend.content import describe
from retention.learning.recommend.learned import LearnedHybrid
from retention.learning.recommend.neighbours import ItemNeighbours
from retention.learning.recommend.popularity import RecentPopularity
from retention.learning.recommend.protocol import Params, Recommender

SEED = 1
HORIZON_DAYS = 28
FEWEST_CUSTOMERS = 30
LIST = 20
TOGETHER: Params = {
    "neighbours": 12,
    "weighting": "cosine",
    "shrinkage": 5.0,
    "half_life_days": 365.0,
}
LEAST_ANSWERED: Final = 0.99
LEAST_COVERAGE: Final = 0.5
"""Of what the serving model shows: below it, most products would be shown to nobody any more."""


@dataclass(frozen=True)
class Exam:
    """The last four weeks, kept from the learner, and what it is asked about them."""

    known: Interactions
    cutoff: Cutoff
    asked: Question


class FactorizationFamily:
    """What several models find, in the order a ranker learned; docs/algorithms/recommending.md."""

    purpose = Purpose.RECOMMENDATION.value

    def learn(self, facts: Facts, *, at: datetime, progress: Progress) -> Learned | TooLittle:
        """Measure on the last four weeks, then learn again from everything."""
        events = facts.interactions()
        exam = _exam(events)
        if isinstance(exam, TooLittle):
            return exam
        content = _content(facts)
        candidate = LearnedHybrid().fit(
            exam.known, at_day=exam.cutoff.at_day, progress=progress, **content
        )
        ours = _sit(candidate, exam)
        floor = _sit(RecentPopularity().fit(exam.known, at_day=exam.cutoff.at_day), exam)
        served = LearnedHybrid(options=candidate.params()["options"]).fit(
            events, at_day=local_day(at), progress=progress, **content
        )
        return Learned(
            parameters={
                "hybrid": served.params(),
                "exam_day": exam.cutoff.at_day,
                "learned_from": {"kind": facts.taste.kind.name, "stars": facts.taste.stars},
            },
            arrays=served.arrays()
            | _baskets(facts, at)
            | {"products": facts.products.ids, "customers": facts.customers.ids},
            metrics=_metrics(ours, floor),
            row_counts={
                "events": len(events),
                "customers": events.n_customers,
                "products": events.n_products,
                "test_customers": len(exam.asked.customers),
            },
            window=facts.window,
        )

    def judge(
        self, learned: Learned, champion: Champion | None, facts: Facts, *, at: datetime
    ) -> Verdict:
        """Sound, better than what everyone buys, no worse than the serving recipe on one exam."""
        if refusal := _unsound(learned, champion):
            return Verdict(False, refusal)
        floor = learned.metrics["over_popularity"]
        if not floor["low"] > 0:
            return Verdict(
                False, f"Not clearly better than recent popularity: {_said(floor)} nDCG@10."
            )
        if champion is None:
            return Verdict(True, f"The first of its kind; {_said(floor)} nDCG@10 over popularity.")
        ours, theirs = learned.parameters["hybrid"], champion.parameters["hybrid"]
        if ours == theirs:
            return Verdict(True, "The serving recipe, learned again with newer events.")
        return _duel(ours, theirs, facts, champion.number)


def _unsound(learned: Learned, champion: Champion | None) -> str:
    """Why its lists cannot be shown, "" where they can; nan counts as too little."""
    if broken := not_numbers(learned.arrays, unless={"goods"}):
        return f"Its {broken} are not all numbers."
    answered = learned.metrics["answered"]
    if not answered >= LEAST_ANSWERED:
        return f"Has nothing to show to {1 - answered:.0%} of the customers asked."
    shows = learned.metrics["coverage"]["value"]
    showed = (champion.metrics.get("coverage") or {}).get("value") if champion else None
    if champion and showed and not shows >= LEAST_COVERAGE * showed:
        words = f"{shows:.1%} of the catalogue where version {champion.number} shows {showed:.1%}"
        return f"Shows {words}."
    return ""


def _baskets(facts: Facts, at: datetime) -> dict[str, Any]:
    """What goes together in a basket, as arrays; none where nobody buys two things at once."""
    baskets = facts.baskets()
    if baskets is None:
        return {}
    together = ItemNeighbours(**TOGETHER).fit(baskets, at_day=local_day(at))
    return {f"baskets.{name}": array for name, array in together.without_histories().items()}


def baskets_of(arrays: dict[str, Any]) -> ItemNeighbours | None:
    """What goes together, from an artifact; None where it holds nothing of the kind."""
    held = {k.partition(".")[2]: v for k, v in arrays.items() if k.startswith("baskets.")}
    return ItemNeighbours.from_arrays(TOGETHER, held) if held else None


def hybrid_of(parameters: dict[str, Any], arrays: dict[str, Any]) -> LearnedHybrid:
    """The model in an artifact."""
    own = {name: each for name, each in arrays.items() if not name.startswith("baskets.")}
    return LearnedHybrid.from_arrays(parameters["hybrid"], own)


def _content(facts: Facts) -> dict[str, Any]:
    """What the products are, as the model takes it."""
    said = descriptions_of(facts.products)
    return {"content": describe(said), "prices": said.prices}


def _exam(events: Interactions) -> Exam | TooLittle:
    try:
        (cutoff,) = rolling_cutoffs(events, horizon_days=HORIZON_DAYS, n=1)
    except TooLittleHistory as short:
        return TooLittle(str(short))
    asked = question(events, cutoff)
    if len(asked.customers) < FEWEST_CUSTOMERS:
        return TooLittle(
            f"Needs {FEWEST_CUSTOMERS} customers who came back within {HORIZON_DAYS} days, "
            f"has {len(asked.customers)}."
        )
    return Exam(events.before(cutoff.at_day), cutoff, asked)


def _sit(model: Recommender, exam: Exam) -> Scores:
    lists, _ = model.recommend(exam.asked.customers, k=LIST)
    return score(lists, exam.asked, k=10, recall_k=LIST)


def _duel(ours: Params, theirs: Params, facts: Facts, number: int) -> Verdict:
    exam = _exam(facts.interactions())
    if isinstance(exam, TooLittle):
        return Verdict(False, exam.message)
    at_day = exam.cutoff.at_day
    content = _content(facts)
    scores = [
        _sit(LearnedHybrid(**recipe).fit(exam.known, at_day=at_day, **content), exam)
        for recipe in (ours, theirs)
    ]
    gap = _paired(scores[0].ndcg, scores[1].ndcg)
    words = f"{_said(_estimate(gap))} nDCG@10 against version {number}"
    return Verdict(gap.above_zero, f"{'Better' if gap.above_zero else 'Not better'}: {words}.")


def _metrics(ours: Scores, floor: Scores) -> dict[str, Any]:
    said = report(ours, rng=np.random.default_rng(SEED))
    low = report(floor, rng=np.random.default_rng(SEED))
    answered = float((ours.shown[:, 0] >= 0).mean())
    names = ("ndcg", "recall", "mean_average_precision", "coverage", "novelty", "new_share")
    return {name: _estimate(getattr(said, name)) for name in names} | {
        "answered": answered,
        "popularity_ndcg": _estimate(low.ndcg),
        "popularity_recall": _estimate(low.recall),
        "over_popularity": _estimate(_paired(ours.ndcg, floor.ndcg)),
    }


def _paired(ours: DoubleArray, theirs: DoubleArray) -> Estimate:
    return difference(ours, theirs, rng=np.random.default_rng(SEED))


def _estimate(estimate: Estimate) -> dict[str, float]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def _said(estimate: dict[str, float]) -> str:
    return f"{estimate['value']:+.3f} [{estimate['low']:+.3f}, {estimate['high']:+.3f}]"
