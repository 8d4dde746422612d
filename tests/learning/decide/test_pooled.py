"""What few campaigns together say of an offer, and what it is expected to earn."""

import numpy as np
import pytest
from scipy.special import expit, logit

from retention.learning.decide.adaptive import next_shares
from retention.learning.decide.pooled import Answers, Shift, expected_earnings, strength_of
from retention.learning.measure.stratified import even_weights


def campaign(n: int, *, shift: float, seed: int = 1) -> Answers:
    rng = np.random.default_rng(seed)
    risk = rng.uniform(0.05, 0.95, n)
    treated = rng.random(n) < 0.5
    kept = rng.random(n) < expit(logit(1 - risk) + shift * treated)
    used = treated & kept & (rng.random(n) < 0.9)
    return Answers.each(risk, treated.astype(np.float64), kept=kept, used=used)


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


SEASON = np.array([-1.2, -0.6, 0.0, 0.6, 1.2])
"""What each wave adds to the log odds of an order."""
STRENGTHS = np.array([0.6, 1.4, 0.0])


def in_waves(*, shifting: bool, weighing: bool, seed: int) -> Shift:
    """Learned of a campaign whose two offers share its waves by what works, or alike; true shift
    0.35. 600 customers a wave, a fifth of them in the control."""
    rng = np.random.default_rng(seed)
    size, ordered = np.zeros((2, len(SEASON), 2), dtype=np.int64)
    risk, arm, kept = (np.empty((len(SEASON), 600)) for _ in range(3))
    for wave, more in enumerate(SEASON):
        shares = next_shares(size[:wave], ordered[:wave]) if shifting else np.full(2, 0.5)
        arm[wave] = rng.choice(3, 600, p=[*(0.8 * shares), 0.2])
        risk[wave] = rng.uniform(0.4, 0.9, 600)
        odds = logit(1 - risk[wave]) + more + 0.35 * STRENGTHS[arm[wave].astype(int)]
        kept[wave] = rng.random(600) < expit(odds)
        size[wave], ordered[wave] = (
            np.bincount(arm[wave][rows].astype(int), minlength=3)[:2]
            for rows in (np.full(600, True), kept[wave] > 0)
        )
    arms = arm.ravel().astype(np.int64)
    each = even_weights(arms, np.repeat(range(len(SEASON)), 600)) if weighing else np.ones(3000)
    counts = each, each * kept.ravel(), np.zeros(3000)
    return Shift.learned(Answers(risk.ravel(), STRENGTHS[arms], *counts))


def test_what_is_learned_of_offers_that_shifted_is_what_an_equal_split_teaches() -> None:
    ways = {"ours": (True, True), "pooled": (True, False), "equal": (False, False)}
    beliefs = {
        name: [in_waves(shifting=shifting, weighing=weighing, seed=n) for n in range(120)]
        for name, (shifting, weighing) in ways.items()
    }
    learned = {name: np.array([one.mean[2] for one in found]) for name, found in beliefs.items()}
    off = {name: float(found.mean() - learned["equal"].mean()) for name, found in learned.items()}
    error = float(np.hypot(learned["ours"].std(), learned["equal"].std()) / np.sqrt(120))
    spread = np.array([one.spread for one in beliefs["ours"]])
    held = np.abs(learned["ours"] - learned["equal"].mean()) < 1.96 * spread

    assert abs(off["ours"]) < 3 * error
    assert off["pooled"] > 6 * error
    assert held.mean() > 0.9


def test_who_is_undecided_is_moved_most() -> None:
    risk, belief = np.array([0.02, 0.5, 0.98]), Shift.assumed()

    sure, undecided, gone = belief.offered(risk, np.ones(3)) - belief.without(risk)

    assert undecided > 3 * sure > 0
    assert undecided > 3 * gone > 0


def test_a_deeper_discount_moves_further_but_less_than_in_proportion() -> None:
    strength = strength_of(np.array([0.0, 0.15, 0.60]))

    assert strength == pytest.approx([0, 1, 2])
    chance = Shift.assumed().offered(np.full(3, 0.6), strength)
    assert logit(chance) == pytest.approx(logit(0.4) + 0.35 * strength)


def test_customers_who_are_alike_in_one_row_teach_what_they_teach_in_many() -> None:
    rng = np.random.default_rng(5)
    risk, strength = rng.choice([0.2, 0.5, 0.7], 900), rng.choice([0.0, 1.0, 1.5], 900)
    kept = rng.random(900) < 1 - risk
    each = Answers.each(risk, strength, kept=kept, used=kept & (strength > 0))

    cells = sorted({*zip(risk.tolist(), strength.tolist(), strict=True)})
    rows = [(risk == r) & (strength == s) for r, s in cells]
    counts = [[float(one[mine].sum()) for mine in rows] for one in (each.kept, each.used)]
    at, given = np.array(cells).T
    sizes = np.array([float(mine.sum()) for mine in rows])
    joined = Shift.learned(Answers(at, given, sizes, np.array(counts[0]), np.array(counts[1])))

    assert joined.mean == pytest.approx(Shift.learned(each).mean)
    assert joined.covariance == pytest.approx(Shift.learned(each).covariance)
    assert joined.used == pytest.approx(Shift.learned(each).used)


def test_thinking_better_of_an_offer_moves_only_those_who_get_it() -> None:
    risk, belief = np.array([0.3, 0.7]), Shift.assumed()

    hopeful = belief.better(1.0)

    assert (hopeful.without(risk) == belief.without(risk)).all()
    assert (hopeful.offered(risk, np.ones(2)) > belief.offered(risk, np.ones(2))).all()


def test_one_error_off_in_each_direction_adds_up_to_what_draws_of_the_belief_spread() -> None:
    risk, belief = np.array([0.6]), Shift.learned(campaign(500, shift=0.5))
    rng = np.random.default_rng(7)
    drawn = rng.multivariate_normal(belief.mean, belief.covariance, 4_000)

    odds = np.array([1.0, logit(0.4), 1.0, logit(0.4)])
    off = [one.offered(risk, np.ones(1))[0] for one in belief.one_error_off()]

    spread = np.sqrt(np.sum((np.array(off) - belief.offered(risk, np.ones(1))) ** 2))
    assert spread == pytest.approx(expit(drawn @ odds).std(), rel=0.1)


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
