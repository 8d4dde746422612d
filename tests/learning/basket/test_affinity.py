"""Lifts of things against chance, within customers who are alike."""

import numpy as np
import pytest
from scipy.stats import hypergeom

from retention.learning.basket.affinity import Affinity, affinity
from retention.learning.measure.intervals import z_of
from retention.learning.panel import BoolArray, IntArray


def counted(took: BoolArray, stratum: IntArray) -> Affinity:
    """took : (n, m), stratum : (n,)."""
    parts = [took[stratum == s].astype(int) for s in np.unique(stratum)]
    return affinity(
        [len(part) for part in parts],
        [part.sum(axis=0).tolist() for part in parts],
        [(part.T @ part).tolist() for part in parts],
    )


def test_two_things_among_customers_who_are_alike_are_fishers_table() -> None:
    told = affinity([40], [[20, 10]], [[[20, 8], [8, 10]]])
    chance = hypergeom(40, 20, 10)

    assert told.lift[0, 1] == pytest.approx(8 / chance.mean())
    half = z_of(0.95) * chance.std() / chance.mean()
    assert (told.low[0, 1], told.high[0, 1]) == pytest.approx((1.6 - half, 1.6 + half))
    assert told.lift[1, 0] == told.lift[0, 1]
    assert np.isnan(told.lift[0, 0])


def test_strata_are_the_sums_of_what_each_expects() -> None:
    rng = np.random.default_rng(4)
    took, stratum = rng.random((300, 5)) < 0.4, rng.integers(0, 3, 300)
    expected = variance = 0.0
    for s in range(3):
        part = took[stratum == s]
        chance = hypergeom(len(part), int(part[:, 1].sum()), int(part[:, 4].sum()))
        expected, variance = expected + chance.mean(), variance + chance.var()

    told = counted(took, stratum)

    shared = (took[:, 1] & took[:, 4]).sum()
    assert told.lift[1, 4] == pytest.approx(shared / expected)
    half = z_of(1 - 0.05 / 10) * np.sqrt(variance) / expected
    assert told.high[1, 4] - told.lift[1, 4] == pytest.approx(half)


def test_who_orders_much_takes_anything_and_that_is_no_finding() -> None:
    rng = np.random.default_rng(5)
    busy = rng.random(6_000) < 0.5
    took = rng.random((6_000, 4)) < np.where(busy, 0.7, 0.1)[:, None]

    crude, told = counted(took, np.zeros(6_000, dtype=np.int64)), counted(took, busy.astype(int))

    off = ~np.eye(4, dtype=bool)
    assert (crude.low[off] > 1.3).all()
    assert ((told.low[off] < 1) & (told.high[off] > 1)).all()


def test_all_intervals_hold_together_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(6)
    held = 0
    for _ in range(200):
        told = counted(rng.random((400, 6)) < 0.3, np.zeros(400, dtype=np.int64))
        off = ~np.eye(6, dtype=bool)
        held += bool(((told.low[off] <= 1) & (told.high[off] >= 1)).all())

    assert 0.9 <= held / 200 <= 0.99


def test_a_thing_that_nobody_takes_says_nothing() -> None:
    told = affinity([10], [[5, 0]], [[[5, 0], [0, 0]]])

    assert np.isnan(told.lift).all()
