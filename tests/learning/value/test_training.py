from typing import Any

import numpy as np
import pytest

from retention.learning.panel import Panel
from retention.learning.value.buying import buying
from retention.learning.value.rivals import NAMES, Moment, learn_rivals
from retention.learning.value.training import TrainedValue, ValueShortage, train_value
from tests.learning.churn.shops import DAY_0, orders_on
from tests.learning.value import shops

DAYS = 420


def shop(*, n: int = 1_200) -> Panel:
    from_days = shops.from_pareto(type(shops.CDNOW_PARETO)(r=0.9, alpha=40.0, s=0.8, beta=150.0))
    return shops.shop_of(from_days, seed=2, n=n, days=DAYS, joining=250)


def trained(panel: Panel) -> TrainedValue:
    found = train_value(panel, cut_off=DAY_0 + DAYS, rng=np.random.default_rng(0))
    assert isinstance(found, TrainedValue)
    return found


@pytest.fixture(scope="module")
def found() -> TrainedValue:
    return trained(shop())


def test_all_rivals_sit_and_the_lowest_error_serves(found: TrainedValue) -> None:
    errors = {one.key: one.rmse for one in found.sat}

    assert list(errors) == list(NAMES)
    assert found.chosen.key == min(errors, key=lambda key: errors[key])
    assert found.model.name == NAMES[found.chosen.key]


def test_it_is_better_than_everyones_mean_and_its_bounds_hold(found: TrainedValue) -> None:
    assert found.over_mean.high < -0.1
    assert found.covered.high > 0.78
    assert found.order_off < 0.05
    assert abs(found.chosen.bias) < 0.25


def test_no_rival_sees_what_comes_after_its_cut_off() -> None:
    whole, day = shop(n=600), DAY_0 + 300.0
    past = whole.before(day)

    knowing, not_knowing = (learn_rivals(some, Moment.of(some, day)) for some in (whole, past))

    for key, model in knowing.items():
        other = not_knowing[key].arrays()
        assert all(
            array.tobytes() == other[name].tobytes() for name, array in model.arrays().items()
        )


def test_the_model_that_serves_forecasts_from_the_newest_day(found: TrainedValue) -> None:
    now = buying(shop(), cut_off=DAY_0 + DAYS)

    assert found.customers == (now.order_days > 0).sum()


def test_orders_given_to_customers_at_random_are_forecast_no_better_than_by_the_mean() -> None:
    panel, rng = shop(), np.random.default_rng(1)
    shuffled = Panel.of(
        n_customers=panel.n_customers,
        customer=rng.integers(0, panel.n_customers, len(panel)),
        kind=panel.kind,
        day=panel.second / 86_400,
        amount=panel.amount,
    )

    assert trained(shuffled).over_mean.high > -0.05


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({0: [0.0, 20], 1: [100]}, "Needs 150 days of orders, has 100."),
        ({n: [n % 7, 300] for n in range(30)}, "Needs 100 customers, 20 with a second order"),
    ],
)
def test_what_is_missing_is_said(days: dict[int, list[float]], said: str) -> None:
    told: Any = train_value(orders_on(days), cut_off=DAY_0 + 400, rng=np.random.default_rng(0))

    assert isinstance(told, ValueShortage)
    assert told.words.startswith(said)
