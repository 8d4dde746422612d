import numpy as np
import pytest
from scipy.stats import ttest_ind

from retention.learning.measure.intervals import (
    Sample,
    bootstrap,
    mean_difference,
    share_difference,
    wilson,
)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)],
)
def test_wilsons_interval_is_the_published_one(
    successes: int, n: int, low: float, high: float
) -> None:
    share = wilson(successes, n)

    assert (share.low, share.high) == pytest.approx((low, high), abs=5e-5)


def test_nothing_observed_leaves_everything_possible() -> None:
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0, 1)


def test_more_successes_than_customers_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 3"):
        wilson(4, 3)


@pytest.mark.parametrize(
    ("a", "m", "b", "n", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
    ],
)
def test_the_difference_of_shares_is_newcombes_tenth(  # noqa: PLR0917  # a row of his table
    a: int, m: int, b: int, n: int, low: float, high: float
) -> None:
    found = share_difference(a, m, b, n)

    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_the_difference_of_means_is_welchs() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(5, 2, size=40), rng.normal(4, 5, size=25)

    ours = mean_difference(Sample.of(a), Sample.of(b))

    peer = ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert (ours.low, ours.high) == pytest.approx((peer.low, peer.high))


def test_one_customer_an_arm_says_nothing_about_a_mean() -> None:
    unbounded = mean_difference(Sample.of(np.array([5.0])), Sample.of(np.array([3.0, 4.0])))

    assert unbounded.value == 1.5
    assert (unbounded.low, unbounded.high) == (-np.inf, np.inf)


def test_exchanging_the_arms_turns_the_interval_around() -> None:
    one, two = share_difference(30, 100, 20, 90), share_difference(20, 90, 30, 100)

    assert (one.low, one.high) == pytest.approx((-two.high, -two.low))


def test_shares_differ_within_the_interval_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    treated, control = rng.binomial(400, 0.30, size=1_500), rng.binomial(100, 0.22, size=1_500)

    found = [
        share_difference(int(a), 400, int(b), 100) for a, b in zip(treated, control, strict=True)
    ]

    inside = np.mean([one.low <= 0.08 <= one.high for one in found])
    assert inside == pytest.approx(0.95, abs=0.02)


def test_skewed_money_differs_within_the_interval_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    inside = 0

    for _ in range(800):
        a, b = (rng.lognormal(3, 1, size=n) * (rng.random(n) < 0.3) for n in (800, 400))
        found = mean_difference(Sample.of(a), Sample.of(b))
        inside += found.low <= 0 <= found.high

    assert inside / 800 == pytest.approx(0.95, abs=0.025)


def test_statistics_are_resampled_together() -> None:
    values = np.random.default_rng(0).normal(size=500)

    found = bootstrap(
        500,
        {"mean": lambda w: float(w @ values / 500), "twice": lambda w: float(2 * w @ values / 500)},
        rng=np.random.default_rng(1),
    )

    assert found["twice"].low == pytest.approx(2 * found["mean"].low)
    half = 1.96 * values.std() / np.sqrt(500)
    assert found["mean"].high - found["mean"].value == pytest.approx(half, rel=0.2)
