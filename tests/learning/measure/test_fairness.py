import numpy as np
import pytest

from retention.learning.measure.fairness import is_unfair, selection_ratio


def test_the_ratio_of_a_textbook_table() -> None:
    ratio = selection_ratio(20, 100, 40, 100)

    # log 0.5 -+ 1.96 sqrt(1/20 - 1/100 + 1/40 - 1/100)
    assert ratio.value == 0.5
    assert (ratio.low, ratio.high) == pytest.approx((0.3157, 0.7918), abs=1e-4)


def test_a_group_of_500_chosen_two_thirds_as_often_is_found() -> None:
    rng = np.random.default_rng(8)
    seen = [
        is_unfair(selection_ratio(int(ours), 500, int(theirs), 4_000))
        for ours, theirs in zip(
            rng.binomial(500, 0.32, 200), rng.binomial(4_000, 0.48, 200), strict=True
        )
    ]

    assert np.mean(seen) >= 0.95


def test_small_groups_are_not_accused_by_chance() -> None:
    rng = np.random.default_rng(9)
    seen = [
        is_unfair(selection_ratio(int(ours), 40, int(theirs), 4_000))
        for ours, theirs in zip(
            rng.binomial(40, 0.4, 500), rng.binomial(4_000, 0.4, 500), strict=True
        )
    ]

    assert np.mean(seen) <= 0.05
