from dataclasses import fields, replace

import numpy as np
import pytest

from retention.learning.value.buying import Buying
from retention.learning.value.gamma_gamma import GammaGamma
from retention.learning.value.model import Forecast, ValueModel
from retention.learning.value.pace import Pace
from retention.learning.value.pareto import ParetoNbd
from tests.learning.value import shops
from tests.learning.value.test_pace import a_pace

MONEY = GammaGamma(p=3.0, q=4.0, gamma=2_000.0)


def model(**changed: object) -> ValueModel:
    given = {"name": "Pareto/NBD", "orders": shops.CDNOW_PARETO, "money": MONEY, "per_day": 1.1}
    return ValueModel(**(given | changed))  # type: ignore[arg-type]  # test data


def customers(n: int = 3_000) -> Buying:
    times = shops.repeat_orders(shops.from_pareto(shops.CDNOW_PARETO), seed=9, n=n, until=60)
    return shops.bought_by(times, known=np.random.default_rng(1).uniform(20, 60, n))


def forecast(some: Buying, *, discount: float = 0.0, of: ValueModel | None = None) -> Forecast:
    return (of or model()).forecast(some, None, days=39.0, silent_days=10.0, discount=discount)


def test_one_customer_is_told_the_same_alone_and_among_others() -> None:
    some = customers()

    alone, among = forecast(some.take(np.array([7]))), forecast(some)

    for field in fields(Forecast):
        assert getattr(alone, field.name)[0] == getattr(among, field.name)[7]


def test_bounds_hold_four_of_five_futures() -> None:
    """Customers drawn from the model: how often each spends more, or less, than its bounds."""
    busy = ParetoNbd(r=3.0, alpha=6.0, s=0.6, beta=200.0)
    times = shops.repeat_orders(shops.from_pareto(busy), seed=4, n=4_000, until=70)
    rng, known = np.random.default_rng(8), np.full(4_000, 30.0)
    came = ((times > 30.0) & (times <= 69.0)).sum(axis=1)
    some = shops.bought_by(times, known=known)
    rate = rng.gamma(MONEY.q, 1 / MONEY.gamma, 4_000)
    so_far, later = (rng.gamma(np.maximum(MONEY.p * k, 1e-9)) / rate for k in (some.orders, came))

    said = forecast(replace(some, spend=so_far), of=model(orders=busy))

    assert (later > said.spend_high).mean() == pytest.approx(0.1, abs=0.02)
    likely = said.silent < 0.05  # Who may well order nothing has no lower bound to fall below.
    assert (later < said.spend_low)[likely].mean() == pytest.approx(0.1, abs=0.02)


def test_spend_is_orders_by_the_amount_of_an_order() -> None:
    some = customers(50)

    said = forecast(some)

    worth = MONEY.expected(some.order_days, some.spend)
    np.testing.assert_allclose(said.spend, said.orders / 1.1 * worth)


def test_money_of_later_is_worth_less() -> None:
    some = customers(50)
    year = model().forecast(some, None, silent_days=60.0, discount=0.1)

    whole = model().forecast(some, None, silent_days=60.0)

    left = year.spend / whole.spend
    assert ((left > 0.9) & (left < 1)).all()
    np.testing.assert_allclose(year.spend_high, left * whole.spend_high)


def test_silence_is_the_chance_of_no_order() -> None:
    some = customers(200)

    said = forecast(some)

    model_ = shops.CDNOW_PARETO
    any_order = model_.alive(some) * model_.at_least(some, days=10.0, most=1)[:, 0]
    np.testing.assert_allclose(said.silent, 1 - any_order)
    assert (said.silent >= 1 - said.alive).all()


def test_half_of_those_who_come_have_come_by_the_next_date() -> None:
    some = customers(200)

    said = forecast(some)

    until = shops.CDNOW_PARETO.at_least(some, days=said.next_days, most=1)[:, 0]
    whole = shops.CDNOW_PARETO.at_least(some, days=39.0, most=1)[:, 0]
    np.testing.assert_allclose(until, whole / 2, rtol=1e-3)


@pytest.mark.parametrize("orders", [shops.CDNOW_BGNBD, shops.CDNOW_PARETO, a_pace()])
def test_a_model_comes_back_from_its_parts(orders: Pace) -> None:
    some, made = customers(20), model(orders=orders)

    again = ValueModel.from_parts(made.arrays(), made.meta())

    for field in fields(Forecast):
        np.testing.assert_array_equal(
            getattr(forecast(some, of=again), field.name),
            getattr(forecast(some, of=made), field.name),
        )
