"""Whom a coupon changes, learned from the arms of past campaigns; see docs/algorithms/uplift.md."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import numpy as np

from campaigns.selectors.experiments import FEATURES, Past
from customers.models import Purpose
from retention.insights.datasets import Facts
from retention.insights.families.family import Champion, Learned, Progress, TooLittle, Verdict
from retention.insights.families.sanity import not_numbers
from retention.insights.judged import in_brackets
from retention.learning.decide.pooled import Answers, Shift
from retention.learning.decide.uplift import (
    Experiment,
    Response,
    TooFewOutcomes,
    Uplift,
    fit_uplift,
    responses,
)
from retention.learning.measure.intervals import mean_estimate
from retention.learning.measure.targeting import effect_scores, gain_curve, qini, qini_difference
from retention.learning.panel import BoolArray, FloatArray, IntArray

SEED: Final = 1
HELD_OUT: Final = 0.4
"""So much is kept from the model to judge it by: the newest campaigns, where there are several."""
SHARES: Final = tuple(step / 10 for step in range(11))
FEWEST: Final = 30
SLOPE: Final = 2
"""Where an uplift model's line has its slope."""


class UpliftFamily:
    """A model an arm, joined by what customers say whom neither saw."""

    purpose = Purpose.ANALYTICS.value

    def learn(self, facts: Facts, *, at: datetime, progress: Progress) -> Learned | TooLittle:
        """Learn from the older campaigns, judge by the newer ones, then learn from all."""
        past = Past.of(facts, at=at)
        if not len(past):
            return TooLittle(
                "Needs campaigns whose last day to measure has passed, has none yet. Until then"
                " an offer is taken to multiply the odds of an order alike for everyone."
            )
        rng = np.random.default_rng(SEED)
        later = held_out(past, rng)
        try:
            judged = fit_uplift(past.seen.of(~later), rng=rng)
            progress(2, 4, "Learning from all campaigns")
            whole = fit_uplift(past.seen, rng=rng)
        except TooFewOutcomes as few:
            return TooLittle(f"{few} Larger campaigns, or more of them, bring them.")
        alike = _alike(past.of_rows(np.flatnonzero(~later)))
        metrics = _metrics(past.of_rows(np.flatnonzero(later)), judged, alike)
        metrics["campaigns"] = len(np.unique(past.campaign))
        return Learned(
            parameters={"features": list(FEATURES), "drives_away": _drives_away(metrics)},
            arrays=whole.arrays(),
            metrics=metrics,
            row_counts={
                "events": len(facts),
                "customers": len(facts.customers),
                "assignments": len(past),
                "test_customers": int(later.sum()),
            },
            window=facts.window,
        )

    def judge(
        self, learned: Learned, champion: Champion | None, facts: Facts, *, at: datetime
    ) -> Verdict:
        """It serves where it finds whom coupons change better than risk does, beyond chance."""
        if broken := not_numbers(learned.arrays):
            return Verdict(False, f"Its {broken} are not all numbers.")
        if not learned.arrays["line"][SLOPE] > 0:
            return Verdict(False, "Learned from all campaigns, it tells nobody apart.")
        gap, many = learned.metrics["over_risk"], learned.row_counts["test_customers"]
        whose = (
            "campaigns" if learned.metrics["campaigns"] > 1 else "the one campaign there is that"
        )
        words = (
            f"whom a coupon changes than one change of the odds for everyone, on {many:,} customers"
            f" of {whose} it did not learn from (of 100 customers kept: {in_brackets(gap, 2)})"
        )
        if gap["low"] > 0:
            return Verdict(True, f"Finds better {words}.")
        return Verdict(
            False,
            f"Not beyond chance does it find better {words}. An offer is still taken to multiply"
            " the odds of an order alike for everyone.",
        )


def _drives_away(metrics: dict[str, Any]) -> bool:
    """Whether those expected to leave because of a coupon did, beyond chance, held out."""
    dogs = next(one for one in metrics["responses"] if one["response"] == Response.SLEEPING_DOG)
    return dogs["effect"] is not None and dogs["effect"]["high"] < 0


def held_out(past: Past, rng: np.random.Generator) -> BoolArray:
    """(n,) the newest campaigns that hold HELD_OUT of all rows together and leave at least one to
    learn from; of a single campaign so large a part by lot."""
    sizes = {pk: int((past.campaign == pk).sum()) for pk in dict.fromkeys(past.campaign.tolist())}
    if len(sizes) == 1:
        return rng.random(len(past)) < HELD_OUT
    chosen: list[int] = []
    for pk in list(sizes)[:0:-1]:
        chosen.append(pk)
        if sum(sizes[one] for one in chosen) >= HELD_OUT * len(past):
            break
    return np.isin(past.campaign, chosen)


def _metrics(test: Past, model: Uplift, alike: Shift) -> dict[str, Any]:
    """In points of customers kept: a hundredth of the customers asked about."""
    seen = test.seen
    base, offered = model.arms.shares(seen.x)
    effects = 100 * effect_scores(
        seen.kept.astype(np.float64),
        seen.treated,
        seen.probability,
        expected=offered,
        expected_control=base,
    )
    by_uplift, by_risk = model.uplift(seen.x), _by_risk(test.risk, alike)
    return {
        "qini": qini(by_uplift, effects).as_json(),
        "qini_risk": qini(by_risk, effects).as_json(),
        "over_risk": qini_difference(by_uplift, by_risk, effects).as_json(),
        "effect": mean_estimate(effects).as_json(),
        "weight": model.mixture.weight,
        "responses": list(_responses(seen, model, effects)),
        "curves": {
            name: [one.as_json() for one in gain_curve(score, effects, SHARES)]
            for name, score in (("uplift", by_uplift), ("risk", by_risk))
        },
    }


def _alike(past: Past) -> Shift:
    """By how much offers change the odds of an order, as campaigns believe it without uplift."""
    known = ~np.isnan(past.risk)
    given, kept = past.seen.treated[known].astype(np.float64), past.seen.kept[known]
    nobody = np.zeros(len(kept), dtype=bool)
    return Shift.learned(Answers.each(past.risk[known], given, kept=kept, used=nobody))


def _by_risk(risk: FloatArray, alike: Shift) -> FloatArray:
    """What one change of the odds adds; nothing where the risk is not known."""
    return np.nan_to_num(alike.offered(risk, np.ones(len(risk))) - alike.without(risk))


def _responses(seen: Experiment, model: Uplift, effects: FloatArray) -> Iterator[dict[str, Any]]:
    """Of each of the four words: how many, and what coupons did to them, as held out."""
    base, uplift = model.base(seen.x), model.uplift(seen.x)
    said = responses(base, uplift, worth=float(effects.mean()) / 100)
    for word in Response:
        mine: IntArray = np.flatnonzero(said == word.value)
        many = len(mine)
        yield {
            "response": word.value,
            "customers": many,
            "expected": 100 * float(uplift[mine].mean()) if many else None,
            "effect": mean_estimate(effects[mine]).as_json() if many >= FEWEST else None,
        }
