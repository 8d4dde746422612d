"""Coupons: what they are worth, when they count, how the discount splits."""

import numpy as np
import pytest

from retention.learning.simulate import Coupons, Kind, Offer
from retention.learning.simulate.coupons import split_discount
from tests.learning.simulate import made


def test_a_discount_splits_without_losing_a_penny() -> None:
    gross = np.array([333, 333, 334, 999, 1])
    buyer = np.array([0, 0, 0, 1, 1])

    lines = split_discount(buyer, gross, np.array([10.0, 0.0]), np.array([0, 333]))

    assert np.bincount(buyer, weights=lines).tolist() == [100, 333]
    assert np.abs(lines - [33.3, 33.3, 33.4, 332.667, 0.333]).max() < 1


def test_a_discount_never_exceeds_the_order() -> None:
    lines = split_discount(
        np.array([0, 0]), np.array([300, 200]), np.array([50.0]), np.array([9_000])
    )

    assert lines.tolist() == [300, 200]


def test_coupons_count_within_their_days_and_once() -> None:
    shop, _ = made.played()
    future = shop.fork()
    day, offer = shop.day, Offer(percent=20, valid_days=14)
    coupons = Coupons.of(offer, customers=made.everyone(shop), from_day=day + 10)

    batch = future.advance(day + 60, coupons=coupons)

    used = batch.take(batch.coupon >= 0)
    assert len(used) > 0
    assert day + 10 <= used.time.min() < used.time.max() < day + 24
    assert np.array_equal(used.coupon, used.customer)
    assert np.unique(np.stack([used.coupon, used.order]), axis=1).shape[1] == (
        np.unique(used.coupon).size
    )


def test_a_percentage_comes_off_the_orders_that_used_it_and_no_others() -> None:
    shop, _ = made.played()
    future = shop.fork()

    bought = future.advance(shop.day + 30, coupons=made.given_to_all(shop)).of_kind(Kind.PURCHASE)

    used = bought.coupon >= 0
    gross, off = (bought.quantity * bought.unit_price)[used], bought.discount[used]
    _, order = np.unique(bought.order[used], return_inverse=True)
    error = np.bincount(order, weights=off) - 0.15 * np.bincount(order, weights=gross)
    assert np.abs(error).max() <= 0.5 + 1e-6
    assert (bought.discount[~used] == 0).all()


def test_coupons_are_numbered_on_from_those_given_before() -> None:
    shop, _ = made.played()
    future = shop.fork()
    future.advance(future.day + 30, coupons=made.given_to_all(future))

    again = future.advance(future.day + 30, coupons=made.given_to_all(future))

    second_batch = again.coupon[again.time >= future.day - 29]
    assert future.n_coupons == 2 * len(shop.people)
    assert second_batch.max() >= len(shop.people)


def test_an_amount_moves_people_as_its_share_of_their_usual_order_does() -> None:
    shop, _ = made.played()
    usual = int(np.median(shop.world.habits.typical_order))

    ten = shop.truth(window_days=30, offer=Offer(amount=usual // 10))
    thirty = shop.truth(window_days=30, offer=Offer(amount=3 * usual // 10))

    assert np.nanmean(thirty.uplift) > np.nanmean(ten.uplift) > 0


@pytest.mark.parametrize("wrong", [{}, {"percent": 120.0}, {"percent": 5.0, "valid_days": 0}])
def test_an_offer_of_nothing_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="Offer: "):
        Offer(**wrong)  # type: ignore[arg-type]  # the point is a value no caller should pass


def test_columns_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        Coupons(
            customer=np.arange(2),
            percent=np.ones(1),
            amount=np.zeros(2, dtype=np.int64),
            valid_from=np.zeros(2, dtype=np.int64),
            valid_until=np.ones(2, dtype=np.int64),
        )
