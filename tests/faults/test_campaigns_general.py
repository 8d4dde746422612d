"""Promises 1, 2 and 7 of a code for all: its limit in all and by customer, whoever asks at once."""

import threading
from collections import Counter

import pytest
from django.db import connection

from campaigns.models import Coupon, Redemption
from campaigns.orders import Order
from campaigns.refusing import NotRedeemable
from campaigns.services.lock import lock_coupon
from campaigns.services.redeem import redeem_coupon
from campaigns.services.release import release_redemption
from tests import make
from tests.live import WHOLE, Crowd
from tests.make import NOW

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("live_database")]
TILLS, ATTEMPTS = 20, 2000 if WHOLE else 200


def code(uses: int, each: int) -> Coupon:
    campaign = make.campaign(state="RUNNING", bands=[], code_uses=uses, uses_per_customer=each)
    coupon = make.coupon(campaign=campaign, maximum_redemptions=uses)
    Coupon.objects.update(customer=None, uses_per_customer=each)
    return coupon


def order(number: int, customer: str) -> Order:
    return Order(order_id=f"o{number}", customer=customer, amount=5000, currency="GBP")


def attempts(coupon: Coupon, customers: int, *, locking: bool = False) -> Counter[str]:
    """Orders of so many customers, none of whom was ever heard of, all at once."""
    start = threading.Barrier(TILLS)

    def till(number: int) -> str:
        if number < TILLS:
            connection.ensure_connection()
            start.wait(timeout=60)
        asked = order(number, f"stranger{number % customers}")
        try:
            if locking:
                lock_coupon(coupon.code, order=asked, at=NOW)
            else:
                redeem_coupon(coupon.code, order=asked, at=NOW)
        except NotRedeemable as refused:
            return refused.refusals[0].reason
        return "won"

    with Crowd(TILLS) as crowd:
        return Counter(crowd.map(till, range(ATTEMPTS)))


def test_a_crowd_of_strangers_uses_it_as_often_as_it_may_be() -> None:
    won = attempts(code(uses=7, each=1), customers=ATTEMPTS)["won"]

    assert won == Redemption.objects.count() == Coupon.objects.get().redeemed_count == 7


@pytest.mark.parametrize("each", [1, 3])
def test_a_customer_at_many_tills_at_once_uses_it_as_often_as_one_may(each: int) -> None:
    outcomes = attempts(code(uses=10_000, each=each), customers=2)

    uses = Counter(Redemption.objects.values_list("customer", flat=True))
    assert list(uses.values()) == [each, each]
    assert outcomes["won"] == Coupon.objects.get().redeemed_count == 2 * each
    assert set(outcomes) <= {"won", "used_by_customer", "busy"}


def test_a_customer_at_many_tills_at_once_keeps_it_for_as_many_orders_as_one_may() -> None:
    outcomes = attempts(code(uses=10_000, each=2), customers=1, locking=True)

    assert outcomes["won"] == Coupon.objects.get().locked_count == 2


def test_giving_a_use_back_many_times_at_once_gives_one_back() -> None:
    coupon = code(uses=3, each=2)
    for number in (1, 2):
        redeem_coupon(coupon.code, order=order(number, "c"), at=NOW)

    with Crowd(TILLS) as crowd:
        list(
            crowd.map(
                lambda _: release_redemption(coupon.code, order_id="o1", at=NOW), range(TILLS)
            )
        )
    redeem_coupon(coupon.code, order=order(3, "c"), at=NOW)

    assert Coupon.objects.get().redeemed_count == 2
