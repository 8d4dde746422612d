"""The stated truth is what happens."""

import numpy as np
import pytest

from retention.learning.simulate import CAUSES, Response
from tests.learning.simulate import made

LIKELY = 4.0  # standard errors


@pytest.mark.parametrize("low", [0.0, 0.25, 0.5, 0.75])
def test_customers_order_as_often_as_stated(low: float) -> None:
    lived = made.futures(with_coupon=False)
    stated = lived.truth.p_order_without
    those = (stated >= low) & (stated < low + 0.25)

    assert abs(made.surprise(stated[those], lived.ordered[those])) < LIKELY


@pytest.mark.parametrize("low", [0.0, 0.25, 0.5, 0.75])
def test_customers_with_a_coupon_order_as_often_as_stated(low: float) -> None:
    lived = made.futures(with_coupon=True)
    stated = lived.truth.p_order_with
    those = (stated >= low) & (stated < low + 0.25)

    assert abs(made.surprise(stated[those], lived.ordered[those])) < LIKELY


@pytest.mark.parametrize("with_coupon", [False, True])
def test_customers_leave_as_often_as_stated(with_coupon: bool) -> None:
    lived = made.futures(with_coupon=with_coupon)
    stated = lived.truth.p_leave_with if with_coupon else lived.truth.p_leave

    assert abs(made.surprise(stated, lived.gone)) < LIKELY


def test_coupons_are_spent_as_often_as_stated() -> None:
    lived = made.futures(with_coupon=True)

    assert abs(made.surprise(lived.truth.p_redeem, lived.spent)) < LIKELY


def test_persuadables_order_more_with_a_coupon() -> None:
    without, with_it = made.futures(with_coupon=False), made.futures(with_coupon=True)

    those = without.truth.type == Response.PERSUADABLE

    assert those.sum() > 50
    assert (with_it.ordered - without.ordered)[those].mean() > 0.06


def test_sleeping_dogs_order_less_with_a_coupon() -> None:
    without, with_it = made.futures(with_coupon=False), made.futures(with_coupon=True)

    those = without.truth.type == Response.SLEEPING_DOG

    assert those.sum() > 10
    assert (with_it.ordered - without.ordered)[those].mean() < -0.01


def test_sure_things_order_anyway_and_lost_causes_do_not() -> None:
    lived = made.futures(with_coupon=False)

    assert lived.ordered[lived.truth.type == Response.SURE_THING].mean() > 0.8
    assert lived.ordered[lived.truth.type == Response.LOST_CAUSE].mean() < 0.2


def test_who_is_gone_stays_gone_coupon_or_not() -> None:
    truth = made.futures(with_coupon=False).truth

    assert truth.gone.any()
    assert set(truth.p_order_with[truth.gone]) == {0.0}
    assert set(truth.p_leave[truth.gone]) == {1.0}


def test_people_leave_for_every_cause() -> None:
    shop, _ = made.played()
    future = shop.fork()
    future.advance(shop.day + 60, coupons=made.given_to_all(shop))

    causes = np.bincount(future.state.left_cause + 1, minlength=len(CAUSES) + 1)[1:]

    assert (causes > 5).all()


def test_a_type_is_a_consequence_of_where_one_stands_not_a_label() -> None:
    shop, _ = made.played()
    later = shop.fork()
    later.advance(shop.day + 45)

    today = shop.truth(window_days=made.WINDOW, offer=made.FIFTEEN)
    then = later.truth(window_days=made.WINDOW, offer=made.FIFTEEN)

    assert (today.type != then.type)[~then.gone].mean() > 0.1


def test_a_customer_still_to_come_has_no_truth_yet() -> None:
    shop = made.small()
    shop.advance(shop.day + 40)

    truth = shop.truth(window_days=30, offer=made.FIFTEEN)

    to_come = shop.people.first_seen_day >= shop.day
    assert np.array_equal(np.isnan(truth.p_order_with), to_come)
    assert np.array_equal(truth.type == Response.UNKNOWN, to_come)


def test_stating_the_truth_changes_nothing() -> None:
    shop = made.small()
    shop.advance(shop.day + 40)
    twin = shop.fork()

    shop.truth(window_days=60, offer=made.FIFTEEN)

    assert made.same(shop.advance(shop.day + 20), twin.advance(twin.day + 20))


def test_a_window_of_no_days_is_refused() -> None:
    with pytest.raises(ValueError, match="window_days is 0"):
        made.small().truth(window_days=0, offer=made.FIFTEEN)
