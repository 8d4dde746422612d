import numpy as np
import pytest

from retention.learning.measure.intervals import z_of
from retention.learning.measure.looking import (
    known_of_arm,
    known_of_customers,
    known_so_far,
    level_of_look,
)

DAYS, PEOPLE, SHOPS = 30, 400, 2_000


def looked_at_daily(hazard: np.ndarray) -> tuple[float, float]:
    """How often a campaign that does nothing seems to do something on some day: with the
    intervals of a look, and with plain ones. hazard : of the first order on each day, (DAYS,)."""
    rng = np.random.default_rng(5)
    alive = np.concatenate([[1.0], np.cumprod(1 - hazard)])
    by_day = 1 - alive[1:]
    first = np.searchsorted(by_day, rng.random((SHOPS, 2, PEOPLE)))
    kept = np.stack([(first <= day).mean(axis=2) for day in range(DAYS)], axis=2)
    pooled = kept.mean(axis=1)
    difference = kept[:, 0] - kept[:, 1]
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 1e-9) * 2 / PEOPLE)
    bounds = np.array(
        [
            [
                z_of(level_of_look(known_so_far(share, elapsed=(day + 1) / DAYS)))
                for day, share in enumerate(shares)
            ]
            for shares in pooled
        ]
    )
    alarms = np.abs(difference) > bounds * error
    plain = np.abs(difference) > z_of(0.95) * error
    return float(alarms.any(axis=1).mean()), float(plain.any(axis=1).mean())


@pytest.mark.parametrize(
    "hazard",
    [
        np.full(DAYS, 0.02),
        np.linspace(0.05, 0.002, DAYS),
        np.full(DAYS, 0.001),
    ],
    ids=["as many every day", "most at once", "hardly anybody"],
)
def test_who_looks_every_day_is_misled_as_seldom_as_is_claimed(hazard: np.ndarray) -> None:
    alarms, plain = looked_at_daily(hazard)
    # Two standard errors of a share of 5 % in so many shops.
    assert alarms < 0.05 + 2 * np.sqrt(0.05 * 0.95 / SHOPS)
    assert plain > 0.12


def test_the_last_look_is_a_little_wider_than_the_only_one() -> None:
    assert z_of(level_of_look(1.0)) == pytest.approx(2.2414, abs=1e-4)
    assert z_of(level_of_look(0.25)) == pytest.approx(2 * 2.2414, abs=1e-3)


def test_the_bound_is_that_of_a_brownian_motion() -> None:
    """Walked in small steps, it leaves the boundary hardly more seldom than the claim."""
    rng = np.random.default_rng(6)
    steps = 400
    walks = np.cumsum(rng.normal(size=(4_000, steps)) / np.sqrt(steps), axis=1)
    out = (np.abs(walks) > z_of(level_of_look(1.0))).any(axis=1).mean()
    assert 0.03 < out < 0.055


def test_the_information_is_known_at_the_ends_and_grows_between() -> None:
    assert known_so_far(0.4, elapsed=1) == 1
    assert known_so_far(0.0, elapsed=0.5) == 0.5
    grown = [known_so_far(1 - 0.97**day, elapsed=day / 30) for day in range(1, 31)]
    assert grown == sorted(grown)
    with pytest.raises(ValueError, match="a part of the measured time"):
        known_so_far(0.1, elapsed=1.5)


def test_of_customers_who_still_come_too_many_are_taken_to_come() -> None:
    # Half of the time is over: as many again would come at the rate so far, and twice as many may.
    assert known_of_customers(600, came=900, elapsed=0.5) == pytest.approx(600 / 2700)
    assert known_of_customers(600, came=900, elapsed=0.5, at_most=1200) == 0.5
    assert known_of_customers(600, came=900, elapsed=1) == pytest.approx(2 / 3)
    assert known_of_customers(600, came=600, elapsed=1) == 1
    assert known_of_customers(0, came=0, elapsed=0.5) == 0


def test_of_an_arm_whose_share_moves_less_is_known_than_of_all() -> None:
    # A tenth of 1,000 of 2,000 customers is 100 of what may become 1,100.
    assert known_of_arm(0.5, share=0.1) == pytest.approx(100 / 1100)
    assert known_of_arm(1.0, share=0.1) == pytest.approx(1)
    assert known_of_arm(0.0, share=0.1) == 0
