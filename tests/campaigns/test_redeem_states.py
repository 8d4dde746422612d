"""Promise 4: redeem, release, expire, withdraw in any order: the count is always the rows."""

import os
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from campaigns.models import Coupon, Redemption
from campaigns.orders import Order
from campaigns.refusing import NotRedeemable
from campaigns.services.lock import lock_coupon, unlock_coupon
from campaigns.services.redeem import redeem_coupon
from campaigns.services.refund import Back, NotRefundable, refund_order
from campaigns.services.release import NothingToRelease, release_redemption
from tests import make
from tests.make import NOW

ORDERS = st.integers(1, 5)
SEQUENCES = 5_000 if os.environ.get("FAULTS") == "whole" else 40


class Till(RuleBasedStateMachine):
    """One coupon with its customer, and everything that can happen to it."""

    @initialize(limit=st.integers(1, 3))
    def issued(self, limit: int) -> None:
        self.customer = make.customer()
        self.coupon = make.coupon(customer=self.customer, maximum_redemptions=limit)
        self.at: datetime = NOW
        self.first: dict[int, int] = {}

    def asked(self, number: int) -> Order:
        whose = self.customer.external_id
        return Order(order_id=f"o{number}", customer=whose, amount=5000, currency="GBP")

    @rule(order=ORDERS)
    def redeem(self, order: int) -> None:
        with suppress(NotRedeemable):
            redeemed = redeem_coupon(self.coupon.code, order=self.asked(order), at=self.at)
            assert self.first.setdefault(order, redeemed.redemption.pk) == redeemed.redemption.pk

    @rule(order=ORDERS)
    def release(self, order: int) -> None:
        with suppress(NothingToRelease):
            release_redemption(self.coupon.code, order_id=f"o{order}", at=self.at)

    @rule(order=ORDERS, refund=st.integers(1, 3), amount=st.sampled_from([1, 1999, 5000]))
    def refund(self, order: int, refund: int, amount: int) -> None:
        back = Back(refund_id=f"r{refund}", amount=amount)
        with suppress(NothingToRelease, NotRefundable):
            refund_order(self.coupon.code, order_id=f"o{order}", back=back, at=self.at)

    @rule(order=ORDERS)
    def lock(self, order: int) -> None:
        with suppress(NotRedeemable):
            lock_coupon(self.coupon.code, order=self.asked(order), at=self.at)

    @rule(order=ORDERS)
    def unlock(self, order: int) -> None:
        unlock_coupon(self.coupon.code, order_id=f"o{order}", at=self.at)

    @rule(minutes=st.integers(5, 20))
    def minutes_pass(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule(days=st.integers(1, 20))
    def time_passes(self, days: int) -> None:
        self.at += timedelta(days=days)

    @rule()
    def withdraw(self) -> None:
        Coupon.objects.filter(pk=self.coupon.pk, void_at=None).update(void_at=self.at)

    @invariant()
    def the_count_is_the_rows_that_live(self) -> None:
        if not hasattr(self, "coupon"):
            return
        live = Redemption.objects.filter(coupon=self.coupon, released_at=None).count()
        coupon = Coupon.objects.get(pk=self.coupon.pk)
        assert coupon.redeemed_count == live
        assert coupon.locked_count == coupon.locks.count()
        assert coupon.redeemed_count + coupon.locked_count <= coupon.maximum_redemptions

    @invariant()
    def what_came_back_is_the_sum_of_the_refunds(self) -> None:
        sums = {
            "back": Coalesce(Sum("refunds__amount"), 0),
            "off": Coalesce(Sum("refunds__discount_amount"), 0),
        }
        told = Q(back=F("refunded_amount"), off=F("refunded_discount"))
        whole = Q(back=F("order_amount"), released_at=None)
        assert not Redemption.objects.annotate(**sums).filter(~told | whole).exists()


@pytest.mark.django_db
def test_whatever_happens_the_count_is_the_rows_that_live() -> None:
    run_state_machine_as_test(
        Till,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
