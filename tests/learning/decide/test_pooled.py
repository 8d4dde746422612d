"""What few campaigns together say of an offer, and what it is expected to earn."""

import numpy as np
import pytest
from scipy.special import expit, logit

from retention.learning.decide.pooled import Answers, Shift, expected_earnings


def campaign(n: int, *, shift: float, seed: int = 1) -> Answers:
    rng = np.random.default_rng(seed)
    risk = rng.uniform(0.05, 0.95, n)
    treated = rng.random(n) < 0.5
    kept = rng.random(n) < expit(logit(1 - risk) + shift * treated)
    return Answers(risk, treated, kept, used=treated & kept & (rng.random(n) < 0.9))


def test_nobody_measured_leaves_what_was_assumed() -> None:
    learned, assumed = Shift.learned(campaign(0, shift=0.0)), Shift.assumed()

    assert learned.mean == pytest.approx(assumed.mean)
    assert learned.covariance == pytest.approx(assumed.covariance)
    assert learned.used == assumed.used


def test_a_large_campaign_finds_the_odds_ratio_that_made_it_and_few_customers_hardly_move() -> None:
    many, few = Shift.learned(campaign(40_000, shift=0.8)), Shift.learned(campaign(20, shift=0.8))

    assert many.mean[2] == pytest.approx(0.8, abs=3 * many.spread)
    assert many.used == pytest.approx(0.9, abs=0.02)
    assert abs(few.mean[2] - 0.35) < 0.25
    assert many.spread < 0.05 < few.spread < 0.3


def test_what_it_believes_holds_the_truth_as_often_as_it_says() -> None:
    shifts = np.random.default_rng(3).normal(0.35, 0.3, 300)

    beliefs = [Shift.learned(campaign(400, shift=s, seed=n)) for n, s in enumerate(shifts)]
    off = [(b.mean[2] - s) / b.spread for b, s in zip(beliefs, shifts, strict=True)]

    assert np.mean(np.abs(off) < 1.96) == pytest.approx(0.95, abs=0.035)


def test_who_is_undecided_is_moved_most() -> None:
    without, offered = Shift.assumed().chances(np.array([0.02, 0.5, 0.98]))

    sure, undecided, gone = offered - without
    assert undecided > 3 * sure > 0
    assert undecided > 3 * gone > 0


def test_thinking_better_of_an_offer_moves_only_those_who_get_it() -> None:
    risk, belief = np.array([0.3, 0.7]), Shift.assumed()

    usual, hopeful = belief.chances(risk), belief.chances(risk, optimism=1.0)

    assert (usual[0] == hopeful[0]).all()
    assert (usual[1] < hopeful[1]).all()


def test_a_coupon_for_who_comes_anyway_costs_and_for_who_was_undecided_earns() -> None:
    earned = expected_earnings(
        np.array([0.90, 0.10, 0.01]),
        np.array([0.92, 0.18, 0.012]),
        order_margin=np.full(3, 2_000.0),
        discount=np.full(3, 500.0),
        used=0.8,
        contact=25.0,
    )

    assert earned == pytest.approx([40 - 368 - 25, 160 - 72 - 25, 4 - 4.8 - 25])
