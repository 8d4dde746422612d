"""Whether a coupon applies to an order, how much it takes off, and every reason why it does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef

from campaigns.codes import normal
from campaigns.models import Coupon, Offer, Redemption
from campaigns.money import split
from campaigns.orders import Line, Order
from customers.models import CustomerIdentity
from customers.querysets import current
from retention.present.templatetags.present import money


@dataclass(frozen=True)
class Refusal:
    """A reason for machines, the same for people, and what would make the coupon apply, if any."""

    reason: str
    message: str
    remedy: str = ""


UNKNOWN = Refusal(
    "unknown_code", "This code is not valid for this customer. Check it for typing errors."
)
"""One text for a code that never was and for someone else's: a guesser learns nothing."""
BUSY = Refusal("busy", "Others use this coupon at this very moment.", "Send it again.")
NAMED = 3
"""So many products are named to whoever should add one."""


class NotRedeemable(Exception):
    """The coupon does not apply to the order; `refusals` says every reason."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        super().__init__(" ".join(refusal.message for refusal in refusals))
        self.refusals = refusals


@dataclass(frozen=True)
class Verdict:
    """What a coupon does to an order. Without refusals it applies.

    parts : the discount split over the order's lines (Order.sold), in their order; what is missing
    from the discount comes off the shipping. first : the order had it already, with this answer.
    """

    coupon: Coupon | None
    discount: int
    parts: tuple[int, ...]
    refusals: tuple[Refusal, ...]
    first: Redemption | None = None


def examine(code: str, *, order: Order, at: datetime) -> Verdict:
    """Look a typed code up for an order's customer and say all that speaks against it."""
    coupon = coupon_of(code, customer=order.customer, source=order.source)
    if coupon is None:
        return Verdict(None, 0, (), (UNKNOWN,))
    if first := coupon.redemptions.filter(order_id=order.order_id or None).first():
        return _as_before(coupon, first, order)
    chosen = _chosen_lines(coupon.offer, order)
    goods = order.amount if chosen is None else sum(line.amount for line in chosen)
    refusals = (*_about_coupon(coupon, order, at), *_about_order(coupon, order, chosen, goods))
    if refusals:
        return Verdict(coupon, 0, (), refusals)
    discount = coupon.offer.discount_on(goods, shipping=order.shipping)
    discount = min(discount, order.total, coupon.worst_case)
    return Verdict(coupon, discount, _over_lines(discount, coupon.offer, order, chosen), ())


def coupon_of(code: str, *, customer: str, source: str) -> Coupon | None:
    """The customer's own coupon behind a typed code; None for any other.

    What was promised to somebody merged into them is theirs.
    """
    theirs = CustomerIdentity.objects.filter(
        customer=OuterRef("who"), source=source, external_id=customer
    )
    return (
        Coupon.objects.annotate(who=current("customer"))
        .filter(Exists(theirs), code_normal=normal(code) or None)
        .select_related("offer", "campaign")
        .first()
    )


def _as_before(coupon: Coupon, first: Redemption, order: Order) -> Verdict:
    """The order used it already: the same again, or what is different now."""
    if first.released_at is not None:
        said = (
            "order_released",
            f"Order {order.order_id} gave this coupon back on {first.released_at:%-d %B %Y}.",
            "Use it with a new order id.",
        )
    elif (first.order_amount, first.currency) != (order.total, order.currency):
        paid = f"{first.order_amount} {first.currency}"
        said = (
            "order_differs",
            f"Order {order.order_id} used this coupon before with another amount ({paid}).",
            "Release it first.",
        )
    else:
        parts = tuple(discount for _, _, discount in first.sold)
        return Verdict(coupon, first.discount_amount, parts, (), first)
    return Verdict(coupon, 0, (), (Refusal(*said),), first)


def _chosen_lines(offer: Offer, order: Order) -> list[Line] | None:
    """The lines that the offer is for; None where it is for everything."""
    chosen = set(offer.products.values_list("external_id", flat=True))
    return [line for line in order.lines if line.product in chosen] if chosen else None


def _about_coupon(coupon: Coupon, order: Order, at: datetime) -> Iterator[Refusal]:
    if coupon.void_at is not None:
        yield Refusal("withdrawn", f"Coupon {coupon.code} was withdrawn.")
    if coupon.redeemed_count >= coupon.maximum_redemptions:
        yield Refusal("used_up", f"Coupon {coupon.code} was used before.")
    elif coupon.locked_count and (until := _kept_until(coupon, order, at)):
        yield Refusal(
            "locked",
            f"Coupon {coupon.code} is kept for another order that is being placed.",
            f"Try again at {_shop_time(until):%H:%M} shop time.",
        )
    if coupon.expires_at <= at:
        last = _shop_time(coupon.expires_at)
        yield Refusal(
            "expired", f"Coupon {coupon.code} was valid until {last:%-d %B %Y, %H:%M} shop time."
        )


def _kept_until(coupon: Coupon, order: Order, at: datetime) -> datetime | None:
    """When the first of the locks of others runs out, where these leave no use; else None."""
    others = coupon.locks.filter(until__gt=at).exclude(order_id=order.order_id)
    ends = sorted(others.values_list("until", flat=True))
    none_left = coupon.redeemed_count + len(ends) >= coupon.maximum_redemptions
    return ends[0] if ends and none_left else None


def _shop_time(at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(settings.SHOP_TIME_ZONE))


def _about_order(
    coupon: Coupon, order: Order, chosen: list[Line] | None, goods: int
) -> Iterator[Refusal]:
    currency, least = coupon.campaign.currency, coupon.offer.minimum_spend
    if order.currency != currency:
        yield Refusal(
            "wrong_currency",
            f"The coupon is in {currency}, the order in {order.currency}.",
            f"Order in {currency}.",
        )
        return
    if chosen is not None and not order.lines:
        yield Refusal(
            "lines_needed", "The coupon is for chosen products.", "Send the order's lines."
        )
        return
    if chosen is not None and not chosen:
        yield Refusal(
            "no_matching_product",
            "None of the products is one that the coupon is for.",
            f"Add {_some_of(coupon.offer)}.",
        )
    if goods < least:
        yield Refusal(
            "below_minimum_spend",
            f"The coupon applies from {money(least, currency)};"
            f" {money(least - goods, currency)} is missing.",
            f"Spend {money(least - goods, currency)} more.",
        )


def _some_of(offer: Offer) -> str:
    """ "Blue mug, Teapot or one of 12 more", for whoever has to add one."""
    names = [str(product) for product in offer.products.order_by("pk")[:NAMED]]
    more = offer.products.count() - len(names)
    if more:
        return f"{', '.join(names)} or one of {more} more"
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _over_lines(
    discount: int, offer: Offer, order: Order, chosen: list[Line] | None
) -> tuple[int, ...]:
    """Free shipping takes nothing off the lines; the rest is split over those it is for."""
    if offer.benefit == Offer.Benefit.FREE_SHIPPING:
        return (0,) * len(order.sold)
    eligible = order.sold if chosen is None else chosen
    return tuple(split(discount, [line.amount if line in eligible else 0 for line in order.sold]))
