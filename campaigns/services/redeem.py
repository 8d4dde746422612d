import json
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from campaigns.models import Coupon, Redemption
from campaigns.orders import Order
from campaigns.refusing import BUSY, NotRedeemable
from campaigns.selectors.general import free_use
from campaigns.selectors.validity import Verdict, examine

from .lock import TRIES, let_go
from .meet import met, one_at_a_time


@dataclass(frozen=True)
class Redeemed:
    """A use of a coupon; `replayed` where the same order had it before."""

    redemption: Redemption
    replayed: bool


def redeem_coupon(code: str, *, order: Order, at: datetime) -> Redeemed:
    """Spend a coupon on an order. Two tills at once: one succeeds. A retry: the first answer.

    Raises NotRedeemable, with every reason.
    """
    for _ in range(TRIES):
        # A look that waits for nobody: on SQLite those who are refused would starve who is not.
        if refusals := examine(code, order=order, at=at).refusals:
            raise NotRedeemable(refusals)
        # Again where another till took the use between look and statement.
        if spent := _try(code, order, at):
            return spent
    raise NotRedeemable((BUSY,))


def _try(code: str, order: Order, at: datetime) -> Redeemed | None:
    """None where someone was faster."""
    try:
        with transaction.atomic():
            one_at_a_time(order)
            verdict = examine(code, order=order, at=at)
            if verdict.coupon is None or verdict.refusals:
                raise NotRedeemable(verdict.refusals)
            if verdict.first:
                return Redeemed(verdict.first, replayed=True)
            spent = _spend(verdict.coupon, order, verdict, at)
    except IntegrityError:
        return None
    return Redeemed(spent, replayed=False) if spent else None


def _spend(coupon: Coupon, order: Order, verdict: Verdict, at: datetime) -> Redemption | None:
    """Count the use and write its row, or neither. None where the coupon is spent by now."""
    use = Redemption(
        coupon=coupon,
        order_id=order.order_id,
        order_amount=order.total,
        discount_amount=verdict.discount,
        lines=[
            (line.product, line.amount, off)
            for line, off in zip(order.sold, verdict.parts, strict=True)
        ],
        currency=order.currency,
        redeemed_at=at,
    )
    if coupon.is_general and not _take_a_use(use, order, at):
        return None
    if coupon.locked_count:
        let_go(coupon.pk, order_id=order.order_id, at=at)
    return _in_one_statement(use) if connection.vendor == "postgresql" else _in_one_lock(use)


def _take_a_use(use: Redemption, order: Order, at: datetime) -> bool:
    """Whose use it is, and which of theirs: the database lets nobody have one of them twice.

    Asked again, now that the customer is held: another order of theirs may have been faster.
    """
    use.customer_id = met(order, at=at)
    use.nth = free_use(use.coupon, order, at=at)
    return use.nth is not None


ONE_STATEMENT = """
WITH spent AS (
    UPDATE campaigns_coupon SET redeemed_count = redeemed_count + 1
    WHERE id = %(coupon)s AND void_at IS NULL AND expires_at > %(at)s
      AND redeemed_count < maximum_redemptions - locked_count
    RETURNING id
)
INSERT INTO campaigns_redemption
    (coupon_id, order_id, order_amount, discount_amount, currency, redeemed_at,
     lines, refunded_amount, refunded_discount, customer_id, nth)
SELECT id, %(order_id)s, %(order_amount)s, %(discount)s, %(currency)s, %(at)s,
       %(lines)s::jsonb, 0, 0, %(customer)s, %(nth)s
FROM spent
RETURNING *
"""
"""The coupon's row is locked from here to the commit, and last of all."""


def _in_one_statement(use: Redemption) -> Redemption | None:
    values = {
        "coupon": use.coupon_id,
        "order_id": use.order_id,
        "order_amount": use.order_amount,
        "discount": use.discount_amount,
        "currency": use.currency,
        "at": use.redeemed_at,
        "lines": json.dumps(use.lines),
        "customer": use.customer_id,
        "nth": use.nth,
    }
    return next(iter(Redemption.objects.raw(ONE_STATEMENT, values)), None)


def _in_one_lock(use: Redemption) -> Redemption | None:
    """SQLite: the caller's transaction took the only write lock when it began (IMMEDIATE)."""
    redeemable = Coupon.objects.redeemable(use.redeemed_at).filter(pk=use.coupon_id)
    if not redeemable.update(redeemed_count=F("redeemed_count") + 1):
        return None
    use.save(force_insert=True)
    return use
