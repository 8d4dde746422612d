import numpy as np
import pytest

from retention.learning.panel import Kind, Panel
from retention.learning.value.buying import Buying, buying
from retention.learning.value.pace import NoPace, Pace, fit_pace
from tests.learning.churn.shops import DAY_0, fading_shop, orders_on

CUT_OFF = DAY_0 + 400


def gamma_shop(*, seed: int = 0, n: int = 3_000, days: float = 400, leave: float = 0.0) -> Panel:
    """Nobody's rate is another's: gamma distributed with mean 1 order in 25 days."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(2.0, 1 / 50, size=n)
    stays = rng.exponential(1 / leave, size=n) if leave else np.full(n, np.inf)
    first = rng.uniform(0, 100, size=n)
    gaps = rng.exponential(1 / rate[:, None], size=(n, 150))
    when = first[:, None] + np.column_stack([np.zeros(n), np.cumsum(gaps, axis=1)])
    who, at = np.nonzero(when < np.minimum(first + stays, days)[:, None])
    value = rng.lognormal(7.5, 0.5, size=n)[who] * rng.lognormal(0, 0.3, size=len(who))
    return Panel.of(
        n_customers=n,
        customer=who,
        kind=np.full(len(who), Kind.PURCHASE),
        day=DAY_0 + when[who, at],
        amount=value.astype(np.int64),
    )


def bought(*, days: float, tenure: float, silence: float, spend: float) -> Buying:
    row = (days, tenure, silence, days, spend)
    return Buying(*(np.array([value]) for value in row))


def a_pace() -> Pace:
    kept = np.array([1.0, 1.0, 0.9, 0.8, 0.5, 0.3, 0.1])
    return Pace(shape=2.0, scale=50.0, order_value=2_000.0, weight=3.0, per_day=1.0, kept=kept)


def test_what_is_known_of_a_customer() -> None:
    panel = orders_on({0: [0.5, 0.9, 10.2], 1: [5]}, n_customers=3)

    known = buying(panel, cut_off=DAY_0 + 20)

    assert known.order_days.tolist() == [2, 1, 0]
    assert known.orders.tolist() == [3, 1, 0]
    np.testing.assert_array_equal(known.tenure, [20, 15, np.nan])
    np.testing.assert_array_equal(known.silence, [10, 15, np.nan])


def test_what_was_sent_back_is_not_spent() -> None:
    panel = Panel.of(
        n_customers=2,
        customer=np.array([0, 0, 0, 1, 1, 1]),
        kind=np.array([Kind.PURCHASE, Kind.RETURN, Kind.PURCHASE] + [Kind.PURCHASE] * 3),
        day=DAY_0 + np.array([1.0, 2, 30, 1, 20, 40]),
        amount=np.array([16_846_960, 16_846_960, 290, 2_000, 2_000, 2_000]),
    )

    known, pace = buying(panel, cut_off=DAY_0 + 50), fit_pace(panel, cut_off=DAY_0 + 50)

    assert known.spend.tolist() == [290, 6_000]
    assert pace.order_value == pytest.approx((290 + 6_000) / 5)


def test_the_distribution_of_rates_is_recovered() -> None:
    pace = fit_pace(gamma_shop(), cut_off=CUT_OFF)

    assert pace.shape == pytest.approx(2.0, rel=0.1)
    assert pace.shape / pace.scale == pytest.approx(1 / 25, rel=0.05)


def test_orders_to_come_are_right_in_all_where_nobody_leaves() -> None:
    shop = gamma_shop(days=600)
    pace = fit_pace(shop, cut_off=CUT_OFF)

    expected = pace.expected_orders(buying(shop, cut_off=CUT_OFF), days=150)

    came = shop.take((shop.second >= CUT_OFF * 86_400) & (shop.second < (CUT_OFF + 150) * 86_400))
    assert expected.sum() == pytest.approx(len(came), rel=0.05)


def test_orders_to_come_are_about_right_where_customers_leave() -> None:
    shop = gamma_shop(days=600, leave=1 / 300)
    pace = fit_pace(shop, cut_off=CUT_OFF)

    expected = pace.expected_orders(buying(shop, cut_off=CUT_OFF), days=150)

    came = shop.take((shop.second >= CUT_OFF * 86_400) & (shop.second < (CUT_OFF + 150) * 86_400))
    assert expected.sum() == pytest.approx(len(came), rel=0.2)


def test_shrinking_forecasts_better_than_the_past_rate() -> None:
    shop = gamma_shop(days=600)
    known = buying(shop, cut_off=CUT_OFF)
    came = buying(shop, cut_off=CUT_OFF + 150).orders - known.orders

    ours = fit_pace(shop, cut_off=CUT_OFF).expected_orders(known, days=150)

    past = 150 * (known.order_days - 1) / np.maximum(known.tenure, 1)
    assert np.mean((came - ours) ** 2) < np.mean((came - past) ** 2)


def test_more_orders_in_the_same_time_are_more_orders_to_come() -> None:
    few = bought(days=3, tenure=100, silence=5, spend=6_000)
    many = bought(days=9, tenure=100, silence=5, spend=18_000)

    assert a_pace().expected_orders(many) > a_pace().expected_orders(few)


def test_longer_silence_never_promises_more() -> None:
    silences = np.linspace(0, 300, 100)
    row = Buying(*(np.full(100, value) for value in (5.0, 300.0, 0.0, 5.0, 9_000.0)))
    silent = Buying(row.order_days, row.tenure, silences, row.orders, row.spend)

    assert (np.diff(a_pace().expected_orders(silent)) <= 0).all()


def test_an_order_value_lies_between_her_own_and_everyones() -> None:
    one = a_pace().expected_order_value(bought(days=1, tenure=9, silence=9, spend=10_000))
    many = a_pace().expected_order_value(bought(days=30, tenure=9, silence=9, spend=300_000))

    assert 2_000 < one[0] < many[0] < 10_000


def test_spend_is_orders_times_value() -> None:
    known, pace = bought(days=4, tenure=90, silence=10, spend=7_000), a_pace()

    spend = pace.expected_spend(known, days=30)

    assert spend == pace.expected_orders(known, days=30) * pace.expected_order_value(known)


def test_all_prices_times_ten_are_all_forecasts_times_ten() -> None:
    shop = fading_shop(n_customers=200)
    dear = Panel(**(vars(shop) | {"amount": shop.amount * 10}))

    cheap_spend, dear_spend = (
        fit_pace(s, cut_off=CUT_OFF).expected_spend(buying(s, cut_off=CUT_OFF))
        for s in (shop, dear)
    )

    np.testing.assert_allclose(dear_spend, 10 * cheap_spend)


def test_nothing_at_or_after_the_cut_off_is_seen() -> None:
    shop = fading_shop(n_customers=200)

    whole, past = (
        fit_pace(s, cut_off=DAY_0 + 200).arrays() for s in (shop, shop.before(DAY_0 + 200))
    )

    assert all(whole[name].tobytes() == past[name].tobytes() for name in whole)


def test_who_never_ordered_has_no_forecast() -> None:
    panel = orders_on({0: [0, 10, 20, 30]}, n_customers=2)
    pace = fit_pace(panel, cut_off=DAY_0 + 40)

    spend = pace.expected_spend(buying(panel, cut_off=DAY_0 + 40))

    assert spend[0] > 0
    assert np.isnan(spend[1])


def test_without_a_second_order_nobody_has_a_pace() -> None:
    with pytest.raises(NoPace, match="none ordered on a second day"):
        fit_pace(orders_on({0: [0], 1: [3]}), cut_off=DAY_0 + 10)


def test_a_pace_comes_back_from_its_arrays() -> None:
    known, pace = bought(days=4, tenure=90, silence=10, spend=7_000), a_pace()

    again = Pace.from_arrays(pace.arrays())

    assert again.expected_spend(known) == pace.expected_spend(known)
