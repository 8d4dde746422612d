from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from campaigns.codes import normal
from campaigns.models import Coupon, Redemption


class NothingToRelease(Exception):
    """No order of that id ever used this code."""


@dataclass(frozen=True)
class Released:
    """A use that was given back; `replayed` where it had been before."""

    redemption: Redemption
    replayed: bool


def release_redemption(code: str, *, order_id: str, at: datetime) -> Released:
    """Give a use back, as when an order is cancelled. Once: a repeat changes nothing more."""
    with transaction.atomic():
        coupon, use = held_use(code, order_id)
        lives = Redemption.objects.filter(pk=use.pk, released_at=None)
        if is_first := bool(lives.update(released_at=at, nth=None)):
            Coupon.objects.filter(pk=coupon.pk).update(redeemed_count=F("redeemed_count") - 1)
            use.released_at = at
    return Released(use, replayed=not is_first)


def held_use(code: str, order_id: str) -> tuple[Coupon, Redemption]:
    """A coupon, locked until the transaction ends, and its use on an order.

    The coupon before its redemption, as redeeming does: the two never block in a ring.
    Raises NothingToRelease.
    """
    coupon = Coupon.objects.select_for_update().filter(code_normal=normal(code) or None).first()
    use = Redemption.objects.filter(coupon=coupon, order_id=order_id).first()
    if coupon is None or use is None:
        raise NothingToRelease(
            f"Order {order_id!r} never used this code. Check both for typing errors."
        )
    return coupon, use
