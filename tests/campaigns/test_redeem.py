from dataclasses import replace
from datetime import timedelta

import pytest

from campaigns.models import Coupon, Redemption
from campaigns.orders import Line, Order
from campaigns.refusing import NotRedeemable
from campaigns.selectors.validity import examine
from campaigns.services.lock import lock_coupon, unlock_coupon
from campaigns.services.redeem import redeem_coupon
from campaigns.services.release import NothingToRelease, release_redemption
from customers.models import CustomerIdentity
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def order_of(coupon: Coupon, **fields: object) -> Order:
    assert coupon.customer is not None
    given = Order(order_id="o1", customer=coupon.customer.external_id, amount=5000, currency="GBP")
    return replace(given, **fields)  # type: ignore[arg-type]  # a test names real fields


def refusals(coupon: Coupon, order: Order, **when: timedelta) -> list[str]:
    with pytest.raises(NotRedeemable) as refused:
        redeem_coupon(coupon.code, order=order, at=NOW + when.get("later", timedelta(0)))
    return [refusal.reason for refusal in refused.value.refusals]


def test_a_coupon_takes_its_percentage_off_the_order() -> None:
    coupon = make.coupon()

    redeemed = redeem_coupon(coupon.code, order=order_of(coupon), at=NOW)

    assert redeemed.redemption.discount_amount == 500
    assert redeemed.redemption.order_amount == 5000
    assert Coupon.objects.get().redeemed_count == 1


def test_a_discount_stops_at_the_worst_case_of_the_offer() -> None:
    coupon = make.coupon()

    redeemed = redeem_coupon(coupon.code, order=order_of(coupon, amount=90_000), at=NOW)

    assert redeemed.redemption.discount_amount == 1000


def test_a_second_order_finds_the_coupon_used() -> None:
    coupon = make.coupon()
    redeem_coupon(coupon.code, order=order_of(coupon), at=NOW)

    assert refusals(coupon, order_of(coupon, order_id="o2")) == ["used_up"]


def test_a_retry_gets_the_first_answer_even_after_the_coupon_expired() -> None:
    coupon = make.coupon()
    first = redeem_coupon(coupon.code, order=order_of(coupon), at=NOW)

    again = redeem_coupon(coupon.code, order=order_of(coupon), at=NOW + timedelta(days=90))

    assert again.replayed
    assert again.redemption == first.redemption
    assert Coupon.objects.get().redeemed_count == 1


def test_a_retry_with_another_amount_is_refused() -> None:
    coupon = make.coupon()
    redeem_coupon(coupon.code, order=order_of(coupon), at=NOW)

    assert refusals(coupon, order_of(coupon, amount=4000)) == ["order_differs"]
    with pytest.raises(NotRedeemable, match=r"another amount \(£50\.00\)"):
        redeem_coupon(coupon.code, order=order_of(coupon, amount=4000), at=NOW)


def test_the_way_out_of_another_amount_leads_out() -> None:
    coupon = make.coupon()
    redeem_coupon(coupon.code, order=order_of(coupon), at=NOW)
    (refusal,) = examine(coupon.code, order=order_of(coupon, amount=4000), at=NOW).refusals

    release_redemption(coupon.code, order_id="o1", at=NOW)
    again = redeem_coupon(coupon.code, order=order_of(coupon, order_id="o2", amount=4000), at=NOW)

    assert refusal.remedy == "Release it, then use it with a new order id."
    assert not again.replayed


def test_all_that_is_wrong_is_said_at_once() -> None:
    campaign = make.campaign(state="RUNNING", offer=False)
    make.make_offer(campaign=campaign, minimum_spend=6000)
    coupon = make.coupon(campaign=campaign, void_at=NOW)

    said = refusals(coupon, order_of(coupon), later=timedelta(days=31))

    assert said == ["withdrawn", "expired", "below_minimum_spend"]


def test_an_absent_code_and_a_foreign_one_are_refused_in_the_same_words() -> None:
    coupon, stranger = make.coupon(), make.customer()

    with pytest.raises(NotRedeemable) as foreign:
        redeem_coupon(coupon.code, order=order_of(coupon, customer=stranger.external_id), at=NOW)
    with pytest.raises(NotRedeemable) as absent:
        redeem_coupon("2222-2222-2222", order=order_of(coupon), at=NOW)

    assert foreign.value.refusals == absent.value.refusals


def test_a_customer_is_known_by_each_of_their_ids() -> None:
    customer = make.customer()
    coupon = make.coupon(customer=customer)
    CustomerIdentity.objects.create(customer=customer, source="app", external_id="a-77")

    redeemed = redeem_coupon(
        coupon.code, order=order_of(coupon, customer="a-77", source="app"), at=NOW
    )

    assert not redeemed.replayed


def test_another_currency_is_refused() -> None:
    coupon = make.coupon()

    assert refusals(coupon, order_of(coupon, currency="EUR")) == ["wrong_currency"]


def test_an_offer_on_chosen_products_counts_only_their_lines() -> None:
    coupon, mug = make.coupon(), make.product()
    coupon.offer.products.add(mug)
    lines = (Line(mug.external_id, 2000), Line("else", 3000))

    redeemed = redeem_coupon(coupon.code, order=order_of(coupon, lines=lines), at=NOW)

    assert redeemed.redemption.discount_amount == 200


def test_an_offer_on_chosen_products_needs_one_of_them() -> None:
    coupon, mug = make.coupon(), make.product()
    coupon.offer.products.add(mug)

    assert refusals(coupon, order_of(coupon)) == ["lines_needed"]
    assert refusals(coupon, order_of(coupon, lines=(Line("else", 5000),))) == [
        "no_matching_product"
    ]


def test_free_shipping_costs_what_the_order_pays_for_it() -> None:
    campaign = make.campaign(state="RUNNING", offer=False)
    make.make_offer(
        campaign=campaign, benefit="FREE_SHIPPING", percent=None, amount=400, maximum_discount=400
    )
    coupon = make.coupon(campaign=campaign)

    redeemed = redeem_coupon(coupon.code, order=order_of(coupon, shipping=350), at=NOW)

    assert redeemed.redemption.discount_amount == 350
    assert redeemed.redemption.order_amount == 5350


def test_releasing_gives_the_use_back_exactly_once() -> None:
    coupon = make.coupon()
    redeem_coupon(coupon.code, order=order_of(coupon), at=NOW)

    first = release_redemption(coupon.code, order_id="o1", at=NOW)
    again = release_redemption(coupon.code, order_id="o1", at=NOW + timedelta(days=1))

    assert Coupon.objects.get().redeemed_count == 0
    assert first.redemption.released_at == again.redemption.released_at == NOW
    assert (first.replayed, again.replayed) == (False, True)
    assert redeem_coupon(coupon.code, order=order_of(coupon, order_id="o2"), at=NOW)


def test_an_order_that_gave_its_coupon_back_cannot_take_it_again() -> None:
    coupon = make.coupon()
    redeem_coupon(coupon.code, order=order_of(coupon), at=NOW)
    release_redemption(coupon.code, order_id="o1", at=NOW)

    assert refusals(coupon, order_of(coupon)) == ["order_released"]
    assert Redemption.objects.count() == 1


def test_an_order_that_never_used_the_code_has_nothing_to_release() -> None:
    coupon = make.coupon()

    with pytest.raises(NothingToRelease, match="'o9' never used"):
        release_redemption(coupon.code, order_id="o9", at=NOW)


def test_a_lock_keeps_the_use_for_its_order_and_no_other() -> None:
    coupon = make.coupon()
    lock = lock_coupon(coupon.code, order=order_of(coupon), at=NOW)

    assert lock.until == NOW + timedelta(minutes=15)
    assert refusals(coupon, order_of(coupon, order_id="o2")) == ["locked"]
    assert redeem_coupon(coupon.code, order=order_of(coupon), at=NOW + timedelta(minutes=14))
    assert not coupon.locks.exists()


def test_a_lock_that_ran_out_or_was_given_up_keeps_nothing() -> None:
    late, gone = make.coupon(), make.coupon()
    for coupon in (late, gone):
        lock_coupon(coupon.code, order=order_of(coupon), at=NOW)
    unlock_coupon(gone.code, order_id="o1", at=NOW)

    other = order_of(late, order_id="o2")
    assert redeem_coupon(late.code, order=other, at=NOW + timedelta(minutes=15))
    assert redeem_coupon(gone.code, order=order_of(gone, order_id="o2"), at=NOW)
    assert Coupon.objects.filter(redeemed_count=1, locked_count=0).count() == 2


def test_a_locked_coupon_says_when_to_try_again() -> None:
    coupon = make.coupon()
    lock_coupon(coupon.code, order=order_of(coupon), minutes=5, at=NOW)

    (refusal,) = examine(coupon.code, order=order_of(coupon, order_id="o2"), at=NOW).refusals

    assert refusal.remedy == "Try again at 13:05 shop time."
