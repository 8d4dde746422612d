import numpy as np
import pytest

from retention.learning.churn.features import behaviour
from retention.learning.features import FeatureTable
from retention.learning.panel import FloatArray
from retention.learning.value.tilt import TRUST, Tilt, boosted, ratios_by_orders
from tests.learning.churn.shops import DAY_0, fading_shop


def table() -> FeatureTable:
    return behaviour(fading_shop(n_customers=1_500), cut_off=DAY_0 + 200)


def expected_by(known: FeatureTable) -> FloatArray:
    return np.full(len(known.customers), 2.0)


def test_a_group_that_orders_half_as_much_is_expected_to() -> None:
    known = table()
    days = known.column("order_days_total")
    came = np.where(days >= 9, 1.0, 2.0)

    factor = ratios_by_orders(expected_by(known), came, known).factor(known)

    many = 2.0 * (days >= 9).sum()
    drawn = TRUST / (many + TRUST)
    np.testing.assert_allclose(
        factor[days >= 9], 0.5 * (1 - drawn) + drawn * came.mean() / 2, rtol=0.01
    )
    assert factor[days < 9].min() > 0.9


def test_boosting_finds_what_a_model_misses_and_nothing_where_it_misses_nothing() -> None:
    known, rng = table(), np.random.default_rng(0)
    slow = known.column("weekend_share") > 0.3
    truth = np.where(slow, 0.5, 1.5)

    found = boosted(expected_by(known), rng.poisson(2 * truth).astype(float), known)
    nothing = boosted(expected_by(known), rng.poisson(expected_by(known)).astype(float), known)

    factor = found.factor(known)
    assert factor[slow].mean() == pytest.approx(0.5, abs=0.1)
    assert factor[~slow].mean() == pytest.approx(1.5, abs=0.15)
    assert np.abs(np.log(nothing.factor(known))).mean() < 0.12


def test_keeping_the_level_keeps_the_sum_and_the_order() -> None:
    known = table()
    tilt = boosted(expected_by(known), 3 * known.column("weekend_share"), known)

    level = tilt.keeping(expected_by(known), known)

    assert expected_by(known) @ level.factor(known) == pytest.approx(expected_by(known).sum())
    ratio = level.factor(known) / tilt.factor(known)
    np.testing.assert_allclose(ratio, ratio[0])


def test_a_tilt_comes_back_from_its_parts() -> None:
    known = table()
    tilt = boosted(expected_by(known), known.column("order_days_total"), known)

    again = Tilt.from_parts(tilt.arrays(), tilt.features)

    np.testing.assert_array_equal(again.factor(known), tilt.factor(known))
    assert all(np.isfinite(array).all() for array in tilt.arrays().values())
