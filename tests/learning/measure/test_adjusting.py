import numpy as np
import pytest

from retention.learning.measure.adjusting import adjusted, winsorised
from retention.learning.measure.intervals import Sample, mean_difference

Rng = np.random.Generator


def a_campaign(rng: Rng, n: int = 600, effect: float = 0.5) -> tuple[np.ndarray, ...]:
    before = rng.normal(size=(n, 2))
    treated = rng.random(n) < 0.7
    values = 2 * before[:, 0] + effect * treated + rng.normal(size=n)
    return values, treated, before


def test_with_one_covariate_it_is_the_published_formula() -> None:
    values, _, before = a_campaign(np.random.default_rng(1), effect=0)
    x, nobody = before[:, 0], np.zeros(600, dtype=bool)
    theta = np.cov(values, x)[0, 1] / x.var(ddof=1)
    assert adjusted(values, nobody, before[:, :1]).values == pytest.approx(
        values - theta * (x - x.mean())
    )


def test_the_variance_falls_by_what_was_foretold_and_the_interval_still_covers() -> None:
    rng = np.random.default_rng(2)
    covered, narrower = [], []
    for _ in range(600):
        values, treated, before = a_campaign(rng)
        less = adjusted(values, treated, before)
        raw, calm = (
            mean_difference(Sample.of(each[treated]), Sample.of(each[~treated]))
            for each in (values, less.values)
        )
        covered.append(calm.low <= 0.5 <= calm.high)
        narrower.append((calm.high - calm.low) / (raw.high - raw.low))
    # Four fifths of the variance of 5 is the covariate's: the interval is rt 5 narrower.
    assert less.reduction == pytest.approx(0.8, abs=0.04)
    assert np.mean(narrower) == pytest.approx(1 / np.sqrt(5), abs=0.02)
    assert np.mean(covered) == pytest.approx(0.95, abs=0.03)


def test_what_was_not_known_is_a_fact_of_its_own() -> None:
    rng = np.random.default_rng(3)
    values, treated, before = a_campaign(rng)
    new = rng.random(600) < 0.4
    before[new] = np.nan
    values[new] = 9
    assert adjusted(values, treated, before).reduction > 0.8


def test_without_anything_foretold_nothing_changes() -> None:
    values, treated, before = a_campaign(np.random.default_rng(4))
    for useless in (np.zeros((600, 1)), np.empty((600, 0)), np.full((600, 1), np.nan)):
        same = adjusted(values, treated, useless)
        assert same.values is values
        assert same.reduction == 0
    few = adjusted(values[:40], treated[:40], before[:40])
    assert few.reduction == 0


def test_the_largest_are_brought_down_to_the_next() -> None:
    values = np.concatenate([np.arange(998.0), [50_000.0, 90_000.0]])
    calm = winsorised(values, share=0.002)
    assert (calm.cap, calm.capped) == (997, 2)
    assert calm.values.max() == 997
    assert calm.values[:998].tolist() == values[:998].tolist()
    assert winsorised(values[-3:]).capped == 0
    with pytest.raises(ValueError, match="below a half"):
        winsorised(values, share=0.7)
