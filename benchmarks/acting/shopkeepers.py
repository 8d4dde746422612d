"""Whom a campaign sends its coupon, chosen in several ways."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.acting.played import (
    CONTACT,
    DEFINITION,
    DEPTH,
    NOBODY,
    OFFER,
    Drawn,
    Morning,
    Policy,
    Sent,
)
from retention.learning.decide.pooled import LATER_ORDERS, Answers, Shift, expected_earnings
from retention.learning.decide.uplift import Experiment, TooFewOutcomes, Uplift, fit_uplift
from retention.learning.measure.targeting import effect_scores, qini_difference
from retention.learning.panel import FloatArray, IntArray
from retention.learning.segment.rfm import RfmName, rfm_scores
from retention.learning.simulate import Shop

CONTROL: Final = 0.2
"""The share of the chosen that ours holds back."""


def nobody(shop: Shop, now: Morning, past: list[Sent], rng: np.random.Generator) -> Drawn:
    return Drawn(NOBODY)


def everyone(shop: Shop, now: Morning, past: list[Sent], rng: np.random.Generator) -> Drawn:
    return Drawn(np.arange(len(now.customers)))


def highest_risk(shop: Shop, now: Morning, past: list[Sent], rng: np.random.Generator) -> Drawn:
    return Drawn(_first(now.risk, now.most))


def highest_value(shop: Shop, now: Morning, past: list[Sent], rng: np.random.Generator) -> Drawn:
    return Drawn(_first(now.value, now.most))


def rfm_at_risk(shop: Shop, now: Morning, past: list[Sent], rng: np.random.Generator) -> Drawn:
    """All of the two segments whose advice is an offer: At risk, Cannot lose."""
    known = now.buying
    scores = rfm_scores(days_since_order=known.silence, orders=known.orders, spend=known.spend)
    names = np.array(scores.names())
    return Drawn(np.flatnonzero(np.isin(names, [RfmName.AT_RISK, RfmName.CANNOT_LOSE])))


def risk_by_value(shop: Shop, now: Morning, past: list[Sent], rng: np.random.Generator) -> Drawn:
    """The first of risk x value x a response that falls from 10% to 2%, whatever a coupon costs."""
    response = 0.10 - 0.08 * now.risk
    return Drawn(_first(now.risk * np.maximum(now.value, 0) * response, now.most))


def oracle(shop: Shop, now: Morning, past: list[Sent], rng: np.random.Generator) -> Drawn:
    """Who knows each customer's true chances, and sends where one order's margin pays for it."""
    truth = shop.truth(window_days=DEFINITION.horizon_days, offer=OFFER)
    order = shop.world.habits.typical_order
    kept = truth.uplift - 3 * (truth.p_leave_with - truth.p_leave)
    gain = 0.4 * order * kept - DEPTH * order * truth.p_redeem - CONTACT
    return Drawn(np.flatnonzero(np.nan_to_num(gain[now.customers], nan=-1.0) > 0))


def ours(shop: Shop, now: Morning, past: list[Sent], rng: np.random.Generator) -> Drawn:
    """Only where a coupon is expected to earn more than it costs, by what campaigns measured.

    With the benefit of the doubt whether to send at all, and the best by what is expected first; by
    uplift models once they rank newer campaigns better.
    """
    measured = [one for one in past if one.day + DEFINITION.horizon_days <= now.day]
    sent = [one for one in measured if len(one.risk)]
    belief = Shift.learned(_together(sent)) if sent else Shift.assumed()
    without, once = belief.without(now.risk), np.ones(len(now.risk))
    offered, hoped = (each.offered(now.risk, once) for each in (belief, belief.hopeful()))
    if model := _proven(sent, belief, rng):
        without = model.base(now.table.values)
        offered = hoped = without + model.uplift(now.table.values)
    best = _first(_earned(now, without, offered, belief), len(without))
    chosen = best[_earned(now, without, hoped, belief)[best] > 0][: now.most]
    held = rng.random(len(chosen)) < CONTROL
    return Drawn(chosen[~held], chosen[held], 1 - CONTROL)


def _earned(now: Morning, without: FloatArray, offered: FloatArray, belief: Shift) -> FloatArray:
    return expected_earnings(
        without,
        offered,
        order_margin=LATER_ORDERS * now.margin * now.order,
        discount=DEPTH * now.order,
        used=belief.used,
        contact=CONTACT,
    )


def _together(sent: list[Sent]) -> Answers:
    risk, treated, kept, used = (
        _joined(sent, name) for name in ("risk", "treated", "kept", "used")
    )
    return Answers.each(risk, treated.astype(np.float64), kept=kept, used=used)


def _joined(sent: list[Sent], name: str) -> NDArray[Any]:
    return np.concatenate([getattr(one, name) for one in sent])


def _proven(sent: list[Sent], belief: Shift, rng: np.random.Generator) -> Uplift | None:
    """The uplift models of all campaigns, where those of the older ones ranked the newer better
    than the odds ratio did, with the whole interval: the product's gate."""
    if len(sent) < 2:
        return None
    half = len(sent) // 2
    older, newer = _experiment(sent[:half]), _experiment(sent[half:])
    try:
        judged = fit_uplift(older, rng=rng)
        base, offered = judged.arms.shares(newer.x)
        effects = effect_scores(
            newer.kept.astype(np.float64),
            newer.treated,
            newer.probability,
            expected=offered,
            expected_control=base,
        )
        risk = _joined(sent[half:], "risk")
        moved = belief.offered(risk, np.ones(len(risk))) - belief.without(risk)
        if qini_difference(judged.uplift(newer.x), moved, effects).low <= 0:
            return None
        return fit_uplift(_experiment(sent), rng=rng)
    except TooFewOutcomes:
        return None


def _experiment(sent: list[Sent]) -> Experiment:
    return Experiment(*(_joined(sent, name) for name in ("x", "treated", "probability", "kept")))


def _first(score: FloatArray, many: int) -> IntArray:
    return np.argsort(-score, kind="stable")[:many]


POLICIES: Final[dict[str, Policy]] = {
    "no coupons": nobody,
    "everyone": everyone,
    "highest risk": highest_risk,
    "highest value": highest_value,
    "RFM at risk": rfm_at_risk,
    "risk x value": risk_by_value,
    "ours": ours,
    "who knows the truth": oracle,
}
