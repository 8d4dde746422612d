from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import F

from campaigns.models import Coupon, Redemption, Refund
from campaigns.orders import Line
from campaigns.refunds import NotThere, Sold, by_amount, by_lines
from retention.present.templatetags.present import money

from .release import held_use


class NotRefundable(Exception):
    """So much cannot come back of this order."""


@dataclass(frozen=True, kw_only=True)
class Back:
    """What comes back, before the discount: of lines, or an amount of the order as a whole.

    whole : nothing is left of the order. Seen from the amounts, but for an order whose shipping
    nobody told apart.
    """

    refund_id: str
    amount: int
    lines: tuple[Line, ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class Refunded:
    """replayed : the same refund was told before. gave_back : the coupon can be used again."""

    refund: Refund
    replayed: bool
    gave_back: bool


def refund_order(code: str, *, order_id: str, back: Back, at: datetime) -> Refunded:
    """Say how much of the discount belongs to what comes back, and keep it. A retry counts once.

    The use of the coupon is given back with the last piece of the goods, and with it what shipping
    had off. Raises NothingToRelease, NotRefundable.
    """
    with transaction.atomic():
        coupon, use = held_use(code, order_id)
        if first := use.refunds.filter(refund_id=back.refund_id).first():
            _refuse_another(first, use, back)
            return Refunded(first, True, use.released_at is not None)
        if use.released_at is not None:
            raise NotRefundable(f"Order {order_id} gave this coupon back as a whole before.")
        refund = _refund(use, back, at)
        refund.save(force_insert=True)
        gave_back = back.whole or _is_whole(use, refund)
        _count(coupon, use, refund, at if gave_back else None)
    return Refunded(refund, False, gave_back)


def _refuse_another(first: Refund, use: Redemption, back: Back) -> None:
    if first.amount != back.amount:
        said = money(first.amount, use.currency)
        raise NotRefundable(f"Refund {first.refund_id} came before, with {said}.")
    before, amounts = _sold(use, before=first), [amount for amount, _ in first.lines]
    try:
        same = _split(before, back) == amounts
    except NotThere:
        same = False
    if not same:
        said = ", ".join(
            f"{money(amount, use.currency)} of {line.product}"
            for line, amount in zip(before, amounts, strict=True)
            if amount
        )
        raise NotRefundable(f"Refund {first.refund_id} came before, with other lines: {said}.")


def _refund(use: Redemption, back: Back, at: datetime) -> Refund:
    sold = _sold(use)
    try:
        amounts = _split(sold, back)
    except NotThere as missing:
        left = money(missing.left, use.currency)
        of = f"{missing.product} in order" if missing.product else "order"
        raise NotRefundable(f"Of {of} {use.order_id} only {left} can still come back.") from None
    discounts = [line.discount_of(amount) for line, amount in zip(sold, amounts, strict=True)]
    refund = Refund(
        redemption=use,
        refund_id=back.refund_id,
        amount=back.amount,
        discount_amount=sum(discounts),
        lines=list(zip(amounts, discounts, strict=True)),
        refunded_at=at,
    )
    _refuse_less_than_whole(use, refund, back)
    if back.whole or _is_whole(use, refund):
        # Shipping had off what the lines had not.
        refund.discount_amount = use.discount_amount - use.refunded_discount
    return refund


def _refuse_less_than_whole(use: Redemption, refund: Refund, back: Back) -> None:
    # Of an order without lines nobody knows what of it was shipping.
    if back.whole and use.lines and not _is_whole(use, refund):
        goods = sum(amount for _, amount, _ in use.sold)
        left = money(goods - use.refunded_amount - refund.amount, use.currency)
        raise NotRefundable(f"Of order {use.order_id} {left} would be left: that is not the whole.")


def _split(sold: Sequence[Sold], back: Back) -> list[int]:
    """What comes back of each line. Raises NotThere."""
    known = any(line.product for line in sold)
    return by_lines(sold, back.lines) if back.lines and known else by_amount(sold, back.amount)


def _sold(use: Redemption, *, before: Refund | None = None) -> list[Sold]:
    """The lines with what came back of each, in all or before one refund."""
    sold = [Sold(*line) for line in use.sold]
    refunds = use.refunds.all() if before is None else use.refunds.filter(pk__lt=before.pk)
    for (refunded,) in refunds.values_list("lines"):
        sold = [
            replace(line, back=line.back + amount)
            for line, (amount, _) in zip(sold, refunded, strict=True)
        ]
    return sold


def _is_whole(use: Redemption, refund: Refund) -> bool:
    goods = sum(amount for _, amount, _ in use.sold)
    return use.refunded_amount + refund.amount == goods


def _count(coupon: Coupon, use: Redemption, refund: Refund, released_at: datetime | None) -> None:
    Redemption.objects.filter(pk=use.pk).update(
        refunded_amount=F("refunded_amount") + refund.amount,
        refunded_discount=F("refunded_discount") + refund.discount_amount,
        released_at=released_at,
        nth=None if released_at else use.nth,
    )
    if released_at is not None:
        Coupon.objects.filter(pk=coupon.pk).update(redeemed_count=F("redeemed_count") - 1)
