from statistics import NormalDist

import numpy as np
import pytest

from retention.learning.measure.intervals import Sample, mean_difference
from retention.learning.measure.looking import level_of_month, level_whenever
from retention.learning.measure.stratified import even_weights, stratified


def test_one_stratum_is_welch() -> None:
    rng = np.random.default_rng(1)
    values, treated = rng.exponential(20, 300), rng.random(300) < 0.9

    ours = stratified(values, treated, np.zeros(300, dtype=np.int64)).interval(0.95)

    theirs = mean_difference(Sample.of(values[treated]), Sample.of(values[~treated]))
    assert (ours.value, ours.low, ours.high) == pytest.approx(
        (theirs.value, theirs.low, theirs.high)
    )


def test_a_share_that_changed_with_time_does_not_look_like_an_effect() -> None:
    # Who came early buys more, and was held out more often: plain means differ, strata do not.
    early = np.arange(40_000) < 20_000
    rng = np.random.default_rng(2)
    treated = rng.random(40_000) > np.where(early, 0.3, 0.05)
    values = np.where(early, 50.0, 20.0) + rng.normal(0, 5, 40_000)

    ours = stratified(values, treated, early.astype(np.int64))

    assert values[treated].mean() - values[~treated].mean() < -5
    assert abs(ours.effect) < 4 * ours.variance**0.5 < 0.5


def test_some_arms_of_several_weigh_waves_as_everyone_does() -> None:
    # The effect is 2 in the first wave and 6 in the second, which has half of everyone, but three
    # quarters of these two arms.
    values = np.array([2, 2, 0, 0, 6, 6, 6, 6, 6, 6, 0, 0, 0, 0, 0, 0], dtype=np.float64)
    treated = values > 0
    wave = np.array([0] * 4 + [1] * 12)

    plain = stratified(values, treated, wave)
    weighed = stratified(values, treated, wave, of=np.array([0] * 20 + [1] * 20))

    assert (plain.effect, weighed.effect) == (5.0, 4.0)


def test_a_total_followed_without_end_seems_to_grow_as_seldom_as_said() -> None:
    rng, shops, months, n = np.random.default_rng(3), 400, 24, 400
    held = np.arange(n) < 40
    # Spending habits that last, so that the first month says much of the next.
    rate = rng.gamma(0.8, 1.0, (shops, n, 1))
    spent = (rng.poisson(rate, (shops, n, months)) * 30.0).cumsum(axis=2)
    arms = [spent[:, rows] for rows in (~held, held)]
    effect = arms[0].mean(axis=1) - arms[1].mean(axis=1)
    variance = sum(arm.var(axis=1, ddof=1) / arm.shape[1] for arm in arms)
    bounds = [
        NormalDist().inv_cdf(0.5 + level_whenever(grown) / 2)
        for grown in (variance / variance[:, :1]).mean(axis=0).tolist()
    ]

    alarms = (np.abs(effect) > np.array(bounds) * np.sqrt(variance)).any(axis=1).mean()
    plain = (np.abs(effect) > 1.96 * np.sqrt(variance)).any(axis=1).mean()

    assert alarms <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / shops)
    assert plain > 0.08


def test_bounds_of_the_mixture_and_of_spending() -> None:
    widths = [NormalDist().inv_cdf(0.5 + level_whenever(g) / 2) for g in (1, 4, 20, 150)]

    assert widths == pytest.approx([3.26, 3.03, 3.16, 3.43], abs=0.02)
    assert sum(1 - level_of_month(k) for k in range(1, 2000)) == pytest.approx(0.05, abs=1e-4)


def test_weights_make_up_each_arm_of_the_strata_as_everyone_is() -> None:
    rng = np.random.default_rng(3)
    stratum = np.repeat([0, 1, 2], [400, 500, 600])
    arm = (rng.random(1500) < np.array([0.2, 0.5, 0.9])[stratum]).astype(np.int64)
    values = stratum * 10.0 + arm + rng.normal(size=1500)

    weight = even_weights(arm, stratum)

    found = stratified(values, arm > 0, stratum)
    for one, mean in ((1, found.treated), (0, found.control)):
        mine = arm == one
        assert np.average(values[mine], weights=weight[mine]) == pytest.approx(mean)
        assert weight[mine].sum() < mine.sum()


def test_arms_with_the_same_share_everywhere_count_as_they_are() -> None:
    arm = np.array([0, 0, 1, 1, 0, 0, 1, 1, 0, 0])
    stratum = np.array([0, 0, 0, 0, 1, 1, 1, 1, 2, 2])

    assert even_weights(arm, stratum).tolist() == pytest.approx([1.0] * 8 + [0.0] * 2)
    assert even_weights(np.array([0, 1]), np.array([0, 1])).tolist() == [0, 0]
