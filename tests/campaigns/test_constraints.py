"""What must never be true, the database forbids, whatever the code does."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from campaigns.models import Assignment, Campaign, Coupon, Holdout, LaunchChunk, Redemption
from campaigns.orders import Order
from campaigns.selectors.validity import examine
from campaigns.services import redeem
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def refused(name: str) -> Any:
    return pytest.raises(IntegrityError, match=name)


def test_a_coupon_is_not_redeemed_beyond_its_limit() -> None:
    make.coupon(maximum_redemptions=3)

    with refused("a_coupon_is_not_redeemed_beyond_its_limit"), transaction.atomic():
        Coupon.objects.update(redeemed_count=F("maximum_redemptions") + 1)


def test_the_statement_that_spends_refuses_before_the_constraint_has_to() -> None:
    coupon = make.coupon()
    assert coupon.customer is not None
    order = Order(order_id="o2", customer=coupon.customer.external_id, amount=100, currency="GBP")
    verdict = examine(coupon.code, order=order, at=NOW)
    Coupon.objects.update(redeemed_count=1)

    assert redeem._spend(coupon, order, verdict, NOW) is None


def test_budget_is_never_exceeded() -> None:
    make.campaign(budget_amount=1000)

    with refused("campaign_never_commits_more_than_its_budget"), transaction.atomic():
        Campaign.objects.update(committed_amount=1001)


def test_promising_money_refuses_before_the_constraint_has_to() -> None:
    campaign = make.campaign(budget_amount=1000)

    assert campaign.commit_money(1000)
    assert not campaign.commit_money(1)


def test_a_customer_gets_one_coupon_a_campaign() -> None:
    coupon = make.coupon()

    with refused("a_customer_gets_one_coupon|UNIQUE.*customer"), transaction.atomic():
        make.coupon(campaign=coupon.campaign, customer=coupon.customer)


def test_a_customer_has_one_arm() -> None:
    one = make.assignment(campaign=make.campaign())

    with refused("a_customer_has_one_arm|UNIQUE.*customer"), transaction.atomic():
        make.assignment(campaign=one.campaign, customer=one.customer, arm="CONTROL")


def test_the_control_gets_no_offer() -> None:
    make.assignment(campaign=make.campaign(), arm="CONTROL")

    with refused("control_gets_nothing_and_treatment_an_offer"), transaction.atomic():
        Assignment.objects.update(offer=Campaign.objects.get().offers.get())


def test_an_order_spends_a_coupon_once() -> None:
    given: dict[str, Any] = {"coupon": make.coupon(maximum_redemptions=5), "order_id": "o1"}
    given |= {"order_amount": 100, "discount_amount": 10, "currency": "GBP", "redeemed_at": NOW}
    Redemption.objects.create(**given)

    with refused("an_order_spends_a_coupon_once|UNIQUE.*order_id"), transaction.atomic():
        Redemption.objects.create(**given)


def test_a_discount_is_part_of_the_order() -> None:
    with refused("a_discount_is_part_of_the_order"), transaction.atomic():
        Redemption.objects.create(
            coupon=make.coupon(),
            order_id="o1",
            order_amount=100,
            discount_amount=101,
            currency="GBP",
            redeemed_at=NOW,
        )


def test_two_coupons_never_share_a_code_however_it_is_written() -> None:
    coupon = make.coupon()

    with refused("code_normal"), transaction.atomic():
        make.coupon(code="other", code_normal=coupon.code_normal)


def test_a_chunk_is_done_once() -> None:
    campaign = make.campaign()
    LaunchChunk.objects.create(campaign=campaign, number=1)

    with refused("a_chunk_is_done_once|UNIQUE.*number"), transaction.atomic():
        LaunchChunk.objects.create(campaign=campaign, number=1)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_campaign_has_a_control_group_and_someone_to_treat(share: float) -> None:
    with refused("campaign_has_a_control_group"), transaction.atomic():
        make.campaign(control_share=share)


def test_a_customer_is_held_out_once() -> None:
    customer = make.customer()
    Holdout.objects.create(customer=customer, probability=0.05, entered_at=NOW)

    with refused("customer_id"), transaction.atomic():
        Holdout.objects.create(customer=customer, probability=0.1, entered_at=NOW)


def test_a_coupon_expires_after_its_issue() -> None:
    with refused("a_coupon_expires_after_its_issue"), transaction.atomic():
        make.coupon(expires_at=NOW - timedelta(seconds=1))
