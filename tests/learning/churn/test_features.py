import numpy as np
import pytest

from retention.learning.churn.features import behaviour
from retention.learning.panel import Kind, Panel
from tests.learning.churn.shops import DAY_0, columns, orders_on, panel_of
from tests.learning.churn.slow_features import features_of

CUT_OFF = DAY_0 + 390.3


@pytest.mark.parametrize("cut_off", [DAY_0 + 20, DAY_0 + 200.25, CUT_OFF])
def test_features_are_what_a_slow_reading_of_the_events_says(cut_off: float) -> None:
    given = columns()

    table = behaviour(panel_of(given), cut_off=cut_off, to_tell=True)

    slow = [features_of(given, customer, cut_off) for customer in range(30)]
    expected = np.array([[row[name] for name in table.names] for row in slow])
    np.testing.assert_allclose(table.values, expected, rtol=1e-12, atol=1e-12)
    for name, column in table.beside.items():
        np.testing.assert_allclose(column, [row[name] for row in slow], rtol=1e-12)


def test_what_sentences_compare_with_goes_with_the_customer_where_it_is_asked_for() -> None:
    panel, who = panel_of(columns(seed=4)), np.array([7, 3])

    told = behaviour(panel, cut_off=CUT_OFF, customers=who, to_tell=True).only(["orders_30"])
    everyone = behaviour(panel, cut_off=CUT_OFF, to_tell=True).beside["usual_visit_gap_days"]

    np.testing.assert_array_equal(told.beside["usual_visit_gap_days"], everyone[who])
    assert behaviour(panel, cut_off=CUT_OFF).beside == {}


def test_the_order_of_arrival_changes_no_bit() -> None:
    given = columns(seed=1)
    shuffle = np.random.default_rng(2).permutation(len(given["day"]))
    shuffled = {name: values[shuffle] for name, values in given.items()}

    as_sent = behaviour(panel_of(given), cut_off=CUT_OFF)
    late = behaviour(panel_of(shuffled), cut_off=CUT_OFF)

    assert as_sent.values.tobytes() == late.values.tobytes()


def test_nothing_at_or_after_the_cut_off_is_seen() -> None:
    given = columns(seed=3)
    past = given["day"] < CUT_OFF
    known = {name: values[past] for name, values in given.items()}

    everything = behaviour(panel_of(given), cut_off=CUT_OFF)
    only_past = behaviour(panel_of(known), cut_off=CUT_OFF)

    assert everything.values.tobytes() == only_past.values.tobytes()


def test_an_event_at_the_very_cut_off_belongs_to_the_future() -> None:
    panel = orders_on({0: [0, 100]})

    table = behaviour(panel, cut_off=DAY_0 + 100)

    assert table.column("days_since_last_order").tolist() == [100.0]


def test_one_customer_alone_has_the_features_she_has_among_all() -> None:
    panel = panel_of(columns(seed=4))

    everyone = behaviour(panel, cut_off=CUT_OFF)
    alone = behaviour(panel, cut_off=CUT_OFF, customers=np.array([7]))

    assert alone.values[0].tobytes() == everyone.values[7].tobytes()
    assert alone.customers.tolist() == [7]


def test_moving_all_clocks_by_whole_weeks_changes_nothing() -> None:
    given = columns(seed=5)
    later = given | {"day": given["day"] + 7 * 52}

    now = behaviour(panel_of(given), cut_off=CUT_OFF)
    then = behaviour(panel_of(later), cut_off=CUT_OFF + 7 * 52)

    np.testing.assert_array_equal(now.values, then.values)


def test_lines_of_one_order_are_one_order() -> None:
    panel = Panel.of(
        n_customers=1,
        customer=[0, 0, 0],
        kind=[Kind.PURCHASE] * 3,
        day=[DAY_0, DAY_0, DAY_0 + 5],
        amount=[100, 200, 300],
        order=[4, 4, 9],
    )

    table = behaviour(panel, cut_off=DAY_0 + 10)

    assert table.column("orders_30").tolist() == [2]
    assert table.column("average_order").tolist() == [300]


def test_a_window_holds_its_oldest_moment_and_not_the_cut_off() -> None:
    panel = orders_on({0: [70, 100], 1: [10, 100], 2: [69.9, 100]})

    table = behaviour(panel, cut_off=DAY_0 + 100)

    assert table.column("orders_30").tolist() == [1, 0, 0]
    assert table.column("orders_90").tolist() == [1, 1, 1]


def test_windows_that_follow_each_other_share_no_moment() -> None:
    panel = orders_on({0: [110, 199], 1: [109.9, 199]})

    table = behaviour(panel, cut_off=DAY_0 + 200)

    assert table.column("orders_trend_90").tolist() == [2, 0]


def test_seven_days_ago_is_still_the_last_week() -> None:
    panel = orders_on({0: [93, 97], 1: [92.9, 97]})

    table = behaviour(panel, cut_off=DAY_0 + 100)

    assert table.column("order_weeks_12").tolist() == [1, 2]


@pytest.mark.parametrize("turned", [1, -1])
def test_of_two_orders_at_one_moment_the_larger_is_the_last(turned: int) -> None:
    panel = Panel.of(
        n_customers=1,
        customer=[0, 0],
        kind=[Kind.PURCHASE] * 2,
        day=[DAY_0, DAY_0],
        amount=[100, 300][::turned],
        order=[1, 2],
    )

    table = behaviour(panel, cut_off=DAY_0 + 1)

    assert table.column("last_order_ratio").tolist() == [1.5]


@pytest.mark.parametrize("turned", [1, -1])
def test_of_two_ratings_at_one_moment_the_better_is_the_last(turned: int) -> None:
    panel = Panel.of(
        n_customers=1,
        customer=[0, 0],
        kind=[Kind.RATING] * 2,
        day=[DAY_0, DAY_0],
        rating=[2, 5][::turned],
    )

    table = behaviour(panel, cut_off=DAY_0 + 1)

    assert table.column("last_rating").tolist() == [5]


def test_who_never_ordered_is_not_known_rather_than_zero_days() -> None:
    panel = orders_on({0: [1]}, n_customers=2)

    table = behaviour(panel, cut_off=DAY_0 + 10)

    assert np.isnan(table.column("days_since_last_order")[1])
    assert table.column("orders_365")[1] == 0


def test_a_shop_without_events_has_features_of_nobody() -> None:
    empty = Panel.of(n_customers=3, customer=[], kind=[], day=[])

    table = behaviour(empty, cut_off=DAY_0)

    assert table.values.shape == (3, len(table.names))


def test_every_feature_can_be_said_in_words() -> None:
    table = behaviour(panel_of(columns()), cut_off=CUT_OFF)

    pairs = zip(table.specs, table.values[1], strict=True)
    said = [spec.phrase(value, typical=2.0) for spec, value in pairs]
    unknown = [spec.phrase(float("nan")) for spec in table.specs]

    assert all(said)
    assert all(unknown)
    assert len(set(table.names)) == len(table.names)
