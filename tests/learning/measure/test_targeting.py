import numpy as np
import pytest

from retention.learning.measure.targeting import (
    effect_scores,
    gain_curve,
    qini,
    qini_difference,
)

Rng = np.random.Generator


def slow_area(score: np.ndarray, effects: np.ndarray) -> float:
    """Treat one customer more at a time, and add up what is above the straight line."""
    n = len(score)
    order = np.argsort(-score)
    gains = np.concatenate([[0.0], np.cumsum(effects[order])]) / n
    above = gains - gains[-1] * np.arange(n + 1) / n
    return float(np.mean((above[1:] + above[:-1]) / 2))


def a_ranking(rng: Rng, n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    score = rng.normal(size=n)
    return score, 0.3 * score + rng.normal(size=n)


def test_the_area_is_that_between_the_gain_and_the_straight_line() -> None:
    score, effects = a_ranking(np.random.default_rng(1))
    assert qini(score, effects).value == pytest.approx(slow_area(score, effects))


def test_equal_scores_are_worth_their_mean_over_all_orders() -> None:
    rng = np.random.default_rng(2)
    score, effects = a_ranking(rng)
    score = np.round(score)
    orders = [slow_area(score + rng.uniform(0, 1e-6, len(score)), effects) for _ in range(2_000)]
    assert qini(score, effects).value == pytest.approx(np.mean(orders), abs=5e-4)


def test_the_interval_covers_the_true_area_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    # E[0.3 s (rank of s - 1/2)] for a standard normal s.
    truth = 0.3 / (2 * np.sqrt(np.pi))
    covered = [
        abs(q.value - truth) <= q.high - q.value
        for q in (qini(*a_ranking(rng)) for _ in range(1_000))
    ]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.025)


def test_a_ranking_is_no_better_than_itself_and_better_than_its_reverse() -> None:
    score, effects = a_ranking(np.random.default_rng(4))
    same = qini_difference(score, 2 * score + 1, effects)
    assert (same.value, same.low, same.high) == pytest.approx((0, 0, 0), abs=1e-12)
    assert qini_difference(score, -score, effects).above_zero


def test_the_gain_of_a_share_is_what_its_customers_are_changed_by() -> None:
    score, effects = a_ranking(np.random.default_rng(5))
    half = effects[np.argsort(-score)][:200].sum() / 400
    nobody, best, everyone = gain_curve(score, effects, [0.0, 0.5, 1.0])
    assert nobody.value == 0
    assert best.value == pytest.approx(half)
    assert everyone.value == pytest.approx(effects.mean())
    # All alike: a quarter of the customers is a quarter of the effect.
    flat = gain_curve(np.zeros(400), effects, [0.25])[0]
    assert flat.value == pytest.approx(effects.mean() / 4)


def test_effects_are_unbiased_whatever_was_expected_and_exact_where_it_was_right() -> None:
    rng = np.random.default_rng(6)
    n = 200_000
    chance = rng.uniform(0.2, 0.9, n)
    treated = rng.random(n) < chance
    outcome = 2.0 + 1.5 * treated + rng.normal(size=n)
    wrong = effect_scores(
        outcome, treated, chance, expected=np.zeros(n), expected_control=np.full(n, 7.0)
    )
    assert wrong.mean() == pytest.approx(1.5, abs=0.1)
    right = effect_scores(
        outcome, treated, chance, expected=np.full(n, 3.5), expected_control=np.full(n, 2.0)
    )
    assert right.mean() == pytest.approx(1.5, abs=0.02)
    assert right.std() < wrong.std() / 2


def test_a_customer_who_could_only_be_in_one_arm_is_refused() -> None:
    one, treated = np.ones(1), np.ones(1, dtype=bool)
    with pytest.raises(ValueError, match="a chance of both arms"):
        effect_scores(one, treated, one, expected=one, expected_control=one)
