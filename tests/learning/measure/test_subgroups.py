from statistics import NormalDist

import numpy as np
import pytest

from retention.learning.measure.subgroups import differs, holm, pooled


def test_holm_multiplies_the_smallest_by_all_and_never_falls_back() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.8]) == pytest.approx([1.0, 1.0])
    assert holm([]).tolist() == []


def test_of_two_large_groups_it_is_the_test_of_the_difference_of_differences() -> None:
    n = np.full((2, 2), 20_000)
    kept = np.array([[6_150, 6_000], [6_000, 6_000]])
    shares = kept / n
    error = np.sqrt((shares * (1 - shares) / n).sum())
    z = (shares[0, 0] - shares[1, 0]) / error

    assert differs(kept, n) == pytest.approx(2 * NormalDist().cdf(-abs(z)), rel=1e-3)


@pytest.mark.parametrize("base", [0.05, 0.5])
def test_groups_with_one_effect_seem_to_differ_as_seldom_as_said(base: float) -> None:
    rng = np.random.default_rng(7)
    n = np.array([[60, 120, 400, 90], [30, 60, 200, 45]])
    share = np.stack([base + 0.1 * np.arange(4) + 0.05, base + 0.1 * np.arange(4)])
    shops = [differs(rng.binomial(n, share), n) for _ in range(2000)]

    alarms = np.mean(np.array(shops) < 0.05)
    assert 0.02 < alarms <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 2000)


def test_groups_that_differ_are_found() -> None:
    rng = np.random.default_rng(6)
    n = np.full((2, 3), 400)
    share = np.array([[0.45, 0.3, 0.3], [0.3, 0.3, 0.3]])

    assert np.mean([differs(rng.binomial(n, share), n) < 0.05 for _ in range(300)]) > 0.8


def test_small_groups_are_one_and_leave_no_few_to_subtract() -> None:
    label = np.repeat([0, 1, 2, 3], [200, 100, 80, 6])
    treated = np.arange(len(label)) % 2 == 0

    told = pooled(label, treated, fewest=30)

    # Six alone would be told by the sum of all less the others: the smallest other joins them.
    assert np.unique(told, return_counts=True)[1].tolist() == [86, 200, 100]
    assert set(told[label >= 2]) == {-1}


def test_all_too_small_are_one_group() -> None:
    label = np.repeat([0, 1], [10, 12])

    assert set(pooled(label, np.arange(22) % 2 == 0, fewest=30)) == {-1}
