"""Promises 1 and 2: a coupon is never redeemed beyond its limit, and a retry counts once."""

import random
import threading
from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import connection

from campaigns.models import Coupon, Redemption
from campaigns.orders import Order
from campaigns.refusing import NotRedeemable
from campaigns.services.lock import lock_coupon
from campaigns.services.redeem import Redeemed, redeem_coupon
from campaigns.services.release import release_redemption
from tests import make
from tests.live import WHOLE, Crowd
from tests.make import NOW

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("live_database")]
TILLS, HOUR = 40, timedelta(hours=1)
ATTEMPTS, ROUNDS = (1000, 20) if WHOLE else (200, 5)


def order(number: object, customer: str) -> Order:
    return Order(order_id=f"o{number}", customer=customer, amount=5000, currency="GBP")


def outcome(coupon: Coupon, customer: str, number: object, start: threading.Barrier) -> str:
    if isinstance(number, int) and number < TILLS:
        connection.ensure_connection()
        start.wait(timeout=60)
    try:
        redeemed = redeem_coupon(
            coupon.code, order=order(f"{coupon.pk}-{number}", customer), at=NOW
        )
    except NotRedeemable as refused:
        return refused.refusals[0].reason
    return "replayed" if redeemed.replayed else "spent"


@pytest.mark.parametrize("limit", [1, 3])
def test_a_crowd_at_the_tills_spends_a_coupon_as_often_as_it_may_be(limit: int) -> None:
    customer = make.customer()
    coupons = [make.coupon(customer=customer, maximum_redemptions=limit) for _ in range(ROUNDS)]

    with Crowd(TILLS) as crowd:
        outcomes = [
            Counter(crowd.map(outcome, *zip(*attempts, strict=True)))
            for coupon in coupons
            for start in [threading.Barrier(TILLS)]
            for attempts in [[(coupon, customer.external_id, n, start) for n in range(ATTEMPTS)]]
        ]

    assert outcomes == [Counter(spent=limit, used_up=ATTEMPTS - limit)] * ROUNDS
    assert Redemption.objects.count() == limit * ROUNDS
    assert set(Coupon.objects.values_list("redeemed_count", flat=True)) == {limit}


def test_coupons_that_stand_alone_do_not_meet_on_an_order_that_is_paid_twice_at_once() -> None:
    customer = make.customer()
    coupons = [make.coupon(customer=customer) for _ in range(TILLS)]
    start = threading.Barrier(TILLS)

    def till(coupon: Coupon) -> str:
        connection.ensure_connection()
        start.wait(timeout=60)
        try:
            redeem_coupon(coupon.code, order=order(1, customer.external_id), at=NOW)
        except NotRedeemable as refused:
            return refused.refusals[0].reason
        return "spent"

    with Crowd(TILLS) as crowd:
        outcomes = Counter(crowd.map(till, coupons))

    assert outcomes["spent"] == Redemption.objects.count() == 1, outcomes


def test_a_crowd_of_checkouts_holds_or_spends_a_single_use_once() -> None:
    customer = make.customer()
    coupons = [make.coupon(customer=customer) for _ in range(ROUNDS)]

    def checkout(coupon: Coupon, number: int, at: datetime) -> str:
        asked = order(f"{coupon.pk}-{number}", customer.external_id)
        try:
            if number % 2:
                lock_coupon(coupon.code, order=asked, at=at)
            else:
                redeem_coupon(coupon.code, order=asked, at=at)
        except NotRedeemable as refused:
            return refused.refusals[0].reason
        return "won"

    with Crowd(TILLS) as crowd:
        outcomes = [
            list(crowd.map(checkout, [coupon] * TILLS, numbers, [at] * TILLS))
            for coupon in coupons
            # Then the locks have run out, and only those who redeem come.
            for at, numbers in ((NOW, range(TILLS)), (NOW + HOUR, range(100, 180, 2)))
        ]

    won = [outcome.count("won") for outcome in outcomes]
    assert won[::2] == [1] * ROUNDS
    assert {outcome for round_ in outcomes for outcome in round_} <= {"won", "used_up", "locked"}
    assert Redemption.objects.count() == ROUNDS
    assert set(Coupon.objects.values_list("redeemed_count", "locked_count")) == {(1, 0)}


def test_twenty_retries_of_an_order_at_once_count_once() -> None:
    customer = make.customer()
    coupon = make.coupon(customer=customer, maximum_redemptions=100)
    retries = [number for number in range(10) for _ in range(20)]

    with Crowd(TILLS) as crowd:
        answers = list(
            crowd.map(
                lambda n: redeem_coupon(coupon.code, order=order(n, customer.external_id), at=NOW),
                retries,
            )
        )

    assert Redemption.objects.count() == 10
    assert Coupon.objects.get().redeemed_count == 10
    assert len({answer.redemption.pk for answer in answers}) == 10
    assert sum(not answer.replayed for answer in answers) == 10


def test_orders_whose_reply_got_lost_count_once_when_they_try_again() -> None:
    customer, orders = make.customer(), 500 if WHOLE else 100
    coupon = make.coupon(customer=customer, maximum_redemptions=2 * orders)

    def stubborn(number: int) -> Redeemed:
        line = random.Random(number)
        while True:
            answer = redeem_coupon(coupon.code, order=order(number, customer.external_id), at=NOW)
            if line.random() > 0.2:  # One commit in five is never heard of.
                return answer

    with Crowd(TILLS) as crowd:
        answers = list(crowd.map(stubborn, range(orders)))

    assert Redemption.objects.count() == len(answers) == orders
    assert Coupon.objects.get().redeemed_count == orders
    assert sum(answer.replayed for answer in answers) > orders / 10


def test_cancelling_an_order_many_times_at_once_gives_one_use_back() -> None:
    customer = make.customer()
    coupon = make.coupon(customer=customer, maximum_redemptions=3)
    for number in range(3):
        redeem_coupon(coupon.code, order=order(number, customer.external_id), at=NOW)

    with Crowd(TILLS) as crowd:
        list(
            crowd.map(
                lambda n: release_redemption(coupon.code, order_id=f"o{n % 2}", at=NOW),
                range(TILLS),
            )
        )

    assert Coupon.objects.get().redeemed_count == 1
    assert Redemption.objects.filter(released_at=None).count() == 1
