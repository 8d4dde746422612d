"""Kaplan and Meier's estimate against published figures and slow counting."""

import numpy as np
import pytest

from retention.learning.measure.survival import kaplan_meier

REMISSION = [6, 6, 6, 7, 10, 13, 16, 22, 23]
CENSORED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
"""Weeks in remission of 21 patients on 6-MP (Freireich et al. 1963)."""


def by_day(days: list[int], last: int = 35) -> list[int]:
    return [days.count(day) for day in range(last + 1)]


@pytest.mark.parametrize(
    ("week", "surviving", "error"),
    [
        (6, 0.8571, 0.0764),
        (7, 0.8067, 0.0869),
        (10, 0.7529, 0.0963),
        (13, 0.6902, 0.1068),
        (16, 0.6275, 0.1141),
        (22, 0.5378, 0.1282),
        (23, 0.4482, 0.1346),
    ],
)
def test_it_is_what_is_published_of_the_remissions(
    week: int, surviving: float, error: float
) -> None:
    told = kaplan_meier(by_day(REMISSION), by_day(CENSORED))
    half = 1.959964 * error / (surviving * abs(np.log(surviving)))

    assert told.surviving[week] == pytest.approx(surviving, abs=5e-5)
    assert told.low[week] == pytest.approx(surviving ** np.exp(half), abs=5e-4)
    assert told.high[week] == pytest.approx(surviving ** np.exp(-half), abs=5e-4)


def test_the_published_median_and_interval_of_the_remissions() -> None:
    told = kaplan_meier(by_day(REMISSION), by_day(CENSORED))

    assert told.median.value == 23
    assert (told.low[23], told.high[23]) == pytest.approx((0.1881, 0.6801), abs=5e-5)
    assert told.median.low == 13
    assert told.median.high == np.inf
    assert told.at_risk[[6, 7, 10, 23]].tolist() == [21, 17, 15, 6]


def test_where_nobody_is_censored_it_is_the_share_that_is_left() -> None:
    rng = np.random.default_rng(1)
    days = rng.integers(0, 40, size=300)

    told = kaplan_meier(np.bincount(days, minlength=41).tolist(), [0] * 41)

    assert told.surviving == pytest.approx([(days > day).mean() for day in range(41)])


def test_who_is_watched_less_long_does_not_bend_the_curve() -> None:
    rng = np.random.default_rng(2)
    waits, watched = rng.geometric(0.05, 40_000), rng.integers(0, 60, 40_000)
    seen = waits <= watched

    told = kaplan_meier(
        np.bincount(waits[seen], minlength=60).tolist(),
        np.bincount(watched[~seen], minlength=60).tolist(),
    )

    truth = 0.95 ** np.arange(60)
    assert told.surviving[:50] == pytest.approx(truth[:50], abs=0.02)
    inside = (told.low[1:] <= truth[1:]) & (truth[1:] <= told.high[1:])
    assert inside.mean() > 0.8


def test_what_half_did_not_do_has_no_median() -> None:
    told = kaplan_meier([0, 1], [0, 9])

    assert np.isnan(told.median.value)
    assert told.happened(1).value == pytest.approx(0.1)
    assert np.isnan(told.happened(2).value)


def test_of_nobody_nothing_is_known() -> None:
    told = kaplan_meier([0, 0], [0, 0])

    assert np.isnan(told.happened(0).value)
    assert np.isnan(told.low).all()


@pytest.mark.parametrize(("happened", "censored"), [([1], [1, 2]), ([-1], [0])])
def test_counts_that_are_none_are_refused(happened: list[int], censored: list[int]) -> None:
    with pytest.raises(ValueError, match=r"day of both|at least 0"):
        kaplan_meier(happened, censored)


GROUPS, DAYS, CUSTOMERS = 100, 366, 400


def a_shop(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Waits of customers who order at rates of their own for a year, by 100 groups of them."""
    rate = rng.gamma(1.0, 1 / 30, size=(CUSTOMERS, 1))
    days = np.cumsum(rng.exponential(1.0, size=(CUSTOMERS, 200)) / rate, axis=1)
    begun, over = days[:, :-1], days[:, 1:]
    who = np.broadcast_to(np.arange(CUSTOMERS)[:, None] % GROUPS, begun.shape)
    counts = np.zeros((2, GROUPS, DAYS), dtype=np.int64)
    came, waits = (begun < DAYS - 1) & (over < DAYS - 1), (begun < DAYS - 1) & (over >= DAYS - 1)
    np.add.at(counts[0], (who[came], np.ceil((over - begun)[came]).astype(int)), 1)
    np.add.at(counts[1], (who[waits], (DAYS - 1 - begun[waits]).astype(int)), 1)
    return counts[0], counts[1]


def test_with_many_waits_a_customer_the_interval_covers_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    shops = [a_shop(rng) for _ in range(150)]
    truth = kaplan_meier(*np.sum(shops, axis=0)).surviving[60]

    groups = [kaplan_meier(*shop) for shop in shops]
    alone = [kaplan_meier(came.sum(axis=0), waits.sum(axis=0)) for came, waits in shops]

    covered = [
        np.mean([one.low[60] <= truth <= one.high[60] for one in x]) for x in (groups, alone)
    ]
    assert covered[0] > 0.9
    assert covered[1] < 0.75


def test_groups_of_independent_waits_have_the_interval_of_each_wait_alone() -> None:
    rng = np.random.default_rng(4)
    came, waits = rng.poisson(30, size=(2, GROUPS, 20))

    groups, alone = (
        kaplan_meier(came, waits),
        kaplan_meier(came.sum(axis=0), waits.sum(axis=0)),
    )

    assert groups.surviving == pytest.approx(alone.surviving)
    assert groups.high[5] - groups.low[5] == pytest.approx(alone.high[5] - alone.low[5], rel=0.25)
