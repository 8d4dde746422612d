from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from campaigns.codes import normal
from campaigns.models import Coupon, CouponLock
from campaigns.orders import Order
from campaigns.refusing import BUSY, NotRedeemable, Refusal
from campaigns.selectors.general import against_customer
from campaigns.selectors.validity import examine

from .meet import met

LOCK_MINUTES, LONGEST_LOCK_MINUTES = 15, 60
TRIES = 5


def lock_coupon(
    code: str, *, order: Order, minutes: int = LOCK_MINUTES, at: datetime
) -> CouponLock:
    """Keep a use for an order while it is being placed. Again: for so long from now.

    It counts against the limit as a redemption does; redeeming with the same order turns it into
    one. Nothing has to take it away: who finds it run out does. Raises NotRedeemable.
    """
    for _ in range(TRIES):
        coupon = _lockable(code, order, at)
        with transaction.atomic():
            let_go(coupon.pk, order_id=order.order_id, at=at)
            free = Coupon.objects.redeemable(at).filter(pk=coupon.pk)
            # Asked again, now that the coupon is held: another lock of theirs may have come first.
            mine = not coupon.is_general or not any(against_customer(coupon, order, at))
            if mine and free.update(locked_count=F("locked_count") + 1):
                return CouponLock.objects.create(
                    coupon=coupon,
                    order_id=order.order_id,
                    customer_id=met(order, at=at) if coupon.is_general else None,
                    until=min(at + timedelta(minutes=minutes), coupon.expires_at),
                )
    raise NotRedeemable((BUSY,))


def unlock_coupon(code: str, *, order_id: str, at: datetime) -> None:
    """Give up what was kept for an order that is not placed after all. Nothing kept: nothing."""
    coupon = Coupon.objects.filter(code_normal=normal(code) or None, locked_count__gt=0).first()
    if coupon is not None:
        with transaction.atomic():
            let_go(coupon.pk, order_id=order_id, at=at)


def let_go(coupon_id: int, *, order_id: str, at: datetime) -> None:
    """Take away the order's lock on a coupon, and those that ran out, in the caller's transaction.

    The coupon is locked first, as everywhere, until that transaction ends.
    """
    Coupon.objects.select_for_update().get(pk=coupon_id)
    over = CouponLock.objects.filter(Q(order_id=order_id) | Q(until__lte=at), coupon=coupon_id)
    gone, _ = over.delete()
    Coupon.objects.filter(pk=coupon_id).update(locked_count=F("locked_count") - gone)


def _lockable(code: str, order: Order, at: datetime) -> Coupon:
    verdict = examine(code, order=order, at=at)
    if verdict.coupon is None or verdict.refusals:
        raise NotRedeemable(verdict.refusals)
    if verdict.first:
        said = f"Order {order.order_id} used this coupon already."
        raise NotRedeemable((Refusal("order_redeemed", said),))
    return verdict.coupon
