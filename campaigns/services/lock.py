from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from campaigns.codes import normal
from campaigns.models import Coupon, CouponLock
from campaigns.orders import Order
from campaigns.refusing import BUSY, NotRedeemable, Refusal
from campaigns.selectors.general import free_use
from campaigns.selectors.validity import examine

from .meet import met, one_at_a_time

LOCK_MINUTES, LONGEST_LOCK_MINUTES = 15, 60
TRIES = 5


def lock_coupon(
    code: str, *, order: Order, minutes: int = LOCK_MINUTES, at: datetime
) -> CouponLock:
    """Keep a use for an order while it is being placed. Again: for so long from now.

    It counts against the limit as a redemption does; redeeming with the same order turns it into
    one. Nothing has to take it away: who finds it run out does. Raises NotRedeemable.
    """
    until = at + timedelta(minutes=minutes)
    for _ in range(TRIES):
        _lockable(code, order, at)  # A look that waits for nobody.
        with transaction.atomic():
            if lock := _try(code, order, until, at):
                return lock
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


def _try(code: str, order: Order, until: datetime, at: datetime) -> CouponLock | None:
    """None where another order was faster."""
    one_at_a_time(order)
    coupon = _lockable(code, order, at)
    customer = met(order, at=at) if coupon.is_general else None
    # Asked again, now that the customer is held: another order of theirs may have been faster.
    if coupon.is_general and free_use(coupon, order, at=at) is None:
        return None
    let_go(coupon.pk, order_id=order.order_id, at=at)
    free = Coupon.objects.redeemable(at).filter(pk=coupon.pk)
    if not free.update(locked_count=F("locked_count") + 1):
        return None
    return CouponLock.objects.create(
        coupon=coupon,
        order_id=order.order_id,
        customer_id=customer,
        until=min(until, coupon.expires_at),
    )


def _lockable(code: str, order: Order, at: datetime) -> Coupon:
    verdict = examine(code, order=order, at=at)
    if verdict.coupon is None or verdict.refusals:
        raise NotRedeemable(verdict.refusals)
    if verdict.first:
        said = f"Order {order.order_id} used this coupon already."
        raise NotRedeemable((Refusal("order_redeemed", said),))
    return verdict.coupon
