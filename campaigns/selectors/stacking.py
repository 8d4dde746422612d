"""Several coupons on one order: which come first, and which do not go together.

A coupon that was spent on the order comes before one that was not; then the lower priority of
their offers, then the older. Each counts what those before it leave. One that stands alone
(EXCLUSIVE) refuses all that come after it, and is refused after any other. What does not apply
by itself is in nobody's way.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from campaigns.models import Coupon, Offer, Redemption
from campaigns.orders import Order
from campaigns.refusing import Refusal

from .applying import Applied, apply


def in_turn(
    coupon: Coupon,
    order: Order,
    *,
    spent: Iterable[Redemption],
    others: Iterable[Coupon],
    at: datetime,
) -> Applied:
    """What a coupon does to an order that others are on.

    spent : uses of other coupons of the customer on the order. others : not yet spent on it.
    """
    left, before = order, []
    for use in spent:
        off_shipping = use.discount_amount - sum(off for _, _, off in use.sold)
        parts = order.had_off(use.sold)
        left = left.less(sum(parts) + off_shipping, parts)
        before.append(use.coupon)
    for one in sorted({*others, coupon}, key=lambda each: (each.offer.priority, each.pk)):
        mine = apply(one, left, at=at)
        blocked = _not_combinable(one, before)
        if one == coupon:
            refusals = (*mine.refusals, *blocked)
            return Applied(0, (), refusals) if refusals else mine
        if not mine.refusals and not blocked:
            left = left.less(mine.discount, mine.parts)
            before.append(one)
    raise ValueError(f"Coupon {coupon.code} has no turn on order {order.order_id}.")


def _not_combinable(coupon: Coupon, before: Collection[Coupon]) -> tuple[Refusal, ...]:
    alone = Offer.Stacking.EXCLUSIVE
    in_the_way = next(
        (one for one in before if alone in {coupon.offer.stacking, one.offer.stacking}), None
    )
    if in_the_way is None:
        return ()
    said = f"Coupon {coupon.code} cannot be combined with {in_the_way.code}."
    return (Refusal("not_combinable", said, f"Order without {in_the_way.code}."),)
