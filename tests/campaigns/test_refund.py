"""Promise 31: what comes back had off what the split gave it, to the last minor unit."""

import os
import random
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.models import Coupon, Redemption
from campaigns.money import portion, split
from campaigns.orders import Line, Order
from campaigns.refunds import NotThere, Sold, by_amount, by_lines
from campaigns.services.redeem import redeem_coupon
from campaigns.services.refund import Back, NotRefundable, refund_order
from campaigns.services.release import release_redemption
from tests import make
from tests.make import NOW

ORDERS = 200_000 if os.environ.get("FAULTS") == "whole" else 2_000


def sold(amounts: list[int], percent: int) -> list[Sold]:
    parts = split(portion(sum(amounts), percent), amounts)
    return [
        Sold(f"p{n}", amount, off)
        for n, (amount, off) in enumerate(zip(amounts, parts, strict=True))
    ]


def test_what_comes_back_bit_by_bit_never_differs_from_exact_fractions() -> None:
    chance, differences = random.Random(1), 0

    for _ in range(ORDERS):
        lines = sold([chance.randrange(1, 9_999) for _ in range(3)], chance.randrange(1, 101))
        said = 0
        while left := sum(line.left for line in lines):
            parts = by_amount(lines, chance.randrange(1, left + 1))
            for n, (line, part) in enumerate(zip(lines, parts, strict=True)):
                said += line.discount_of(part)
                lines[n] = replace(line, back=line.back + part)
            exact = [round(Fraction(one.discount * one.back, one.amount)) for one in lines]
            differences += said != sum(exact)
        differences += said != sum(line.discount for line in lines)

    assert differences == 0


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=8), st.integers(1, 100), st.data())
def test_no_part_has_off_less_than_nothing_or_more_than_it_cost(
    amounts: list[int], percent: int, data: st.DataObject
) -> None:
    lines = sold(amounts, percent)
    back = by_amount(lines, data.draw(st.integers(0, sum(amounts))))

    assert all(0 <= line.discount_of(part) <= part for line, part in zip(lines, back, strict=True))


def test_of_two_lines_with_one_product_the_first_fills_up_first() -> None:
    mugs = [Sold("mug", 500, 50), Sold("pot", 900, 90), Sold("mug", 500, 50)]

    assert by_lines(mugs, [Line("mug", 700)]) == [500, 0, 200]
    with pytest.raises(NotThere):
        by_lines(mugs, [Line("mug", 600), Line("mug", 401)])


def ordered(coupon: Coupon, **fields: object) -> Order:
    assert coupon.customer is not None
    order = Order(order_id="o1", customer=coupon.customer.external_id, amount=5000, currency="GBP")
    return replace(order, **fields)  # type: ignore[arg-type]  # a test names real fields


@pytest.mark.django_db
def test_the_use_comes_back_with_the_last_piece_and_shipping_with_it() -> None:
    campaign = make.campaign(state="RUNNING", offer=False)
    make.make_offer(campaign=campaign, benefit="FREE_SHIPPING", amount=400, maximum_discount=400)
    coupon = make.coupon(campaign=campaign)
    redeem_coupon(coupon.code, order=ordered(coupon, shipping=400), at=NOW)

    first, last = (
        refund_order(coupon.code, order_id="o1", back=Back(refund_id=name, amount=2500), at=NOW)
        for name in ("r1", "r2")
    )

    assert (first.refund.discount_amount, first.gave_back) == (0, False)
    assert (last.refund.discount_amount, last.gave_back) == (400, True)
    assert Coupon.objects.get().redeemed_count == 0
    assert Redemption.objects.get().released_at == NOW


@pytest.mark.django_db
def test_no_more_comes_back_than_was_bought() -> None:
    coupon = make.coupon()
    redeem_coupon(coupon.code, order=ordered(coupon), at=NOW)
    refund_order(coupon.code, order_id="o1", back=Back(refund_id="r1", amount=3000), at=NOW)

    with pytest.raises(NotRefundable, match=r"only £20.00 can still"):
        refund_order(coupon.code, order_id="o1", back=Back(refund_id="r2", amount=2001), at=NOW)
    release_redemption(coupon.code, order_id="o1", at=NOW)
    with pytest.raises(NotRefundable, match="as a whole before"):
        refund_order(coupon.code, order_id="o1", back=Back(refund_id="r3", amount=1), at=NOW)


@pytest.mark.django_db
def test_a_refund_told_again_with_other_lines_is_refused_and_says_what_it_had() -> None:
    coupon = make.coupon()
    lines = (Line("mug", 2000), Line("pot", 3000))
    redeem_coupon(coupon.code, order=ordered(coupon, lines=lines), at=NOW)
    mug = Back(refund_id="r1", amount=1000, lines=(Line("mug", 1000),))

    def told(back: Back) -> bool:
        return refund_order(coupon.code, order_id="o1", back=back, at=NOW).replayed

    said = [told(mug), told(Back(refund_id="r2", amount=1500)), told(mug)]

    assert said == [False, False, True]
    with pytest.raises(NotRefundable, match=r"r1 came before, with other lines: £10.00 of mug"):
        told(replace(mug, lines=(Line("pot", 1000),)))


@pytest.mark.django_db
def test_an_order_of_before_shipping_was_kept_is_whole_when_the_shop_says_so() -> None:
    coupon = make.coupon()
    redeem_coupon(coupon.code, order=ordered(coupon, shipping=400), at=NOW)
    kept = Redemption.objects.get()
    with pytest.raises(NotRefundable, match=r"£1.00 would be left"):
        refund_order(
            coupon.code,
            order_id="o1",
            back=Back(refund_id="r1", amount=4900, whole=True),
            at=NOW,
        )
    Redemption.objects.update(lines=[])

    back = Back(refund_id="r1", amount=5000, whole=True)
    done = refund_order(coupon.code, order_id="o1", back=back, at=NOW)

    assert (done.gave_back, done.refund.discount_amount) == (True, kept.discount_amount)
    assert Coupon.objects.get().redeemed_count == 0
