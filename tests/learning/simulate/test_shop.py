"""Playing a shop: the same again, in pieces, in two futures."""

import numpy as np
import pytest

from retention.learning.simulate import Coupons, ShopSpec
from retention.learning.simulate.events import join
from tests.learning.simulate import made


def test_the_same_seed_plays_the_same_bytes() -> None:
    one, other = made.small(seed=5), made.small(seed=5)

    assert made.same(one.advance(one.day + 80), other.advance(other.day + 80))


def test_another_seed_plays_another_shop() -> None:
    one, other = made.small(seed=5), made.small(seed=6)

    assert one.catalogue.titles != other.catalogue.titles
    assert not made.same(one.advance(one.day + 20), other.advance(other.day + 20))


def test_playing_day_by_day_equals_playing_at_once() -> None:
    whole, parts = made.small(), made.small()
    opening = whole.day
    coupons = Coupons.of(made.FIFTEEN, customers=np.arange(0, 200, 2), from_day=opening + 45)

    at_once = whole.advance(opening + 120, coupons=coupons)
    first = parts.advance(opening + 1, coupons=coupons)
    daily = [parts.advance(opening + day) for day in range(2, 121)]

    assert (at_once.coupon >= 0).any()
    assert made.same(at_once, join([first, *daily]))


def test_a_fork_relives_the_future_of_the_shop_it_left() -> None:
    shop = made.small()
    shop.advance(shop.day + 60)
    twin = shop.fork()

    assert made.same(shop.advance(shop.day + 30), twin.advance(twin.day + 30))


def test_a_fork_with_another_seed_lives_another_future() -> None:
    shop = made.small()
    shop.advance(shop.day + 60)

    other = shop.fork(seed=99)

    assert not made.same(shop.advance(shop.day + 30), other.advance(other.day + 30))


def test_a_coupon_changes_nothing_for_those_who_got_none() -> None:
    shop = made.small()
    shop.advance(shop.day + 60)
    twin = shop.fork()
    coupons = Coupons.of(made.FIFTEEN, customers=np.arange(100), from_day=shop.day)

    treated = shop.advance(shop.day + 60, coupons=coupons)
    alone = twin.advance(twin.day + 60)

    others, same_others = treated.customer >= 100, alone.customer >= 100
    assert np.array_equal(treated.time[others], alone.time[same_others])
    assert np.array_equal(treated.product[others], alone.product[same_others])


def test_time_does_not_run_backwards() -> None:
    shop = made.small()

    with pytest.raises(ValueError, match=f"the shop is at {shop.day}"):
        shop.advance(shop.day - 1)


def test_a_coupon_for_nobody_is_refused() -> None:
    shop = made.small()
    coupons = Coupons.of(made.FIFTEEN, customers=np.array([200]), from_day=shop.day)

    with pytest.raises(ValueError, match="no customer row 200; the shop has rows 0 to 199"):
        shop.advance(shop.day + 1, coupons=coupons)


def test_a_handful_of_coupons_that_holds_none_is_fine() -> None:
    shop = made.small()
    nothing = np.array([])

    none = Coupons(
        customer=np.array([]).astype(np.int64),
        percent=nothing,
        amount=np.array([], dtype=np.int64),
        valid_from=np.array([], dtype=np.int64),
        valid_until=np.array([], dtype=np.int64),
    )

    assert len(shop.advance(shop.day + 3, coupons=none)) > 0


def test_progress_counts_the_days() -> None:
    shop, seen = made.small(), list[tuple[int, int, str]]()

    shop.advance(shop.day + 3, progress=lambda *step: seen.append(step))

    assert [step[:2] for step in seen] == [(1, 3), (2, 3), (3, 3)]


def test_customers_can_be_slowed_down_from_one_day_on() -> None:
    shop, _ = made.played()
    before, after = shop.fork(), shop.fork()

    after.change_rate(made.everyone(after), factor=0.2)

    usual = before.advance(before.day + 60)
    slowed = after.advance(after.day + 60)
    assert np.unique(slowed.order).size < 0.5 * np.unique(usual.order).size


def test_a_shop_without_customers_is_refused() -> None:
    with pytest.raises(ValueError, match="n_customers is 0"):
        ShopSpec(n_customers=0)
