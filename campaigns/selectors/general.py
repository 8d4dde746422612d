"""Codes for all who have them: who may use one, and how often they did."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Sum

from campaigns.models import Campaign, Coupon, Redemption
from campaigns.orders import Order
from campaigns.querysets import COST_OF_A_USE
from campaigns.refusing import UNKNOWN, Refusal
from customers.identifiers import is_nobody
from customers.models import Customer, CustomerIdentity
from customers.querysets import CustomerQuerySet, current
from customers.selectors import erased_among
from retention.insights.models import ChurnScore, SegmentMembership


def person_of(order: Order) -> CustomerQuerySet:
    """The customer of an order and whoever was merged into them; nobody where nothing is known."""
    them = CustomerIdentity.objects.filter(source=order.source, external_id=order.customer)
    known = them.select_related("customer").first()
    return Customer.objects.of_person(known.customer) if known else Customer.objects.none()


def against_customer(coupon: Coupon, order: Order, at: datetime) -> Iterator[Refusal]:
    """What speaks against this customer's using a code for all."""
    if coupon.uses_per_customer is None:
        return
    if is_nobody(order.customer):
        yield UNKNOWN
        return
    them = person_of(order)
    if not them.exists() and erased_among({(order.source, order.customer)}):
        yield UNKNOWN
        return
    used, kept = _uses_of(coupon, them), _kept_for(coupon, them, at)
    if len(used) >= coupon.uses_per_customer:
        said = "once" if coupon.uses_per_customer == 1 else f"{coupon.uses_per_customer} times"
        yield Refusal("used_by_customer", f"Each customer can use {coupon.code} {said}.")
    elif len(used) + len(kept - {order.order_id}) >= coupon.uses_per_customer:
        said = f"Coupon {coupon.code} is kept for another order of this customer."
        yield Refusal("locked", said, "Finish or give up that order first.")
    # Whoever was meant when a use was kept for their order may spend it.
    is_kept = order.order_id in kept
    if coupon.campaign.state == Campaign.State.PAUSED and not is_kept:
        yield Refusal("paused", f"Coupon {coupon.code} cannot be used for now.")
    if not (coupon.campaign.code_for_anyone or is_kept or _is_meant(coupon.campaign, them)):
        yield Refusal("not_in_audience", f"Coupon {coupon.code} is for other customers.")


def free_use(coupon: Coupon, order: Order, *, at: datetime) -> int | None:
    """The first of its customer's uses that none of their orders has, or keeps; None: none is."""
    them = person_of(order)
    used, kept = _uses_of(coupon, them), _kept_for(coupon, them, at)
    each = range(1, (coupon.uses_per_customer or 0) + 1)
    left = [nth for nth in each if nth not in used]
    return left[0] if len(left) > len(kept - {order.order_id}) else None


def _uses_of(coupon: Coupon, them: CustomerQuerySet) -> set[int | None]:
    """Which of a customer's uses are taken; what was given back is none."""
    uses = Redemption.objects.filter(coupon=coupon, customer__in=them, nth__isnull=False)
    return set(uses.values_list("nth", flat=True))


def _kept_for(coupon: Coupon, them: CustomerQuerySet, at: datetime) -> set[str]:
    """The orders of a customer that keep a use."""
    locks = coupon.locks.filter(customer__in=them, until__gt=at)
    return set(locks.values_list("order_id", flat=True))


def _is_meant(campaign: Campaign, them: CustomerQuerySet) -> bool:
    """In the band and the segment at this moment."""
    scores = ChurnScore.objects.filter(customer__in=them)
    if campaign.bands and not scores.filter(churn_band__in=campaign.bands).exists():
        return False
    least = campaign.minimum_risk
    if least is not None and not scores.filter(churn_probability__gte=least).exists():
        return False
    members = SegmentMembership.objects.filter(segment=campaign.segment_id, left_at=None)
    return campaign.segment_id is None or members.filter(customer__in=them).exists()


@dataclass(frozen=True)
class UsedFor:
    """By uses that stayed, money in minor units. orders : before the discount."""

    uses: int
    customers: int
    orders: int
    cost: int


def used_for(campaign: Campaign) -> UsedFor:
    """What the code was used for; in one query."""
    used = Redemption.objects.filter(coupon__campaign=campaign, released_at=None).aggregate(
        uses=Count("pk"),
        customers=Count(current("customer"), distinct=True),
        orders=Sum("order_amount"),
        cost=Sum(COST_OF_A_USE),
    )
    return UsedFor(**{name: value or 0 for name, value in used.items()})
