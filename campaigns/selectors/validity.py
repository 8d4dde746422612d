"""Whether a coupon applies to an order, how much it takes off, and every reason why it does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef

from campaigns.codes import normal
from campaigns.models import Coupon, Offer
from campaigns.money import split
from campaigns.orders import Line, Order
from customers.models import CustomerIdentity
from customers.querysets import current
from retention.present.templatetags.present import money


@dataclass(frozen=True)
class Refusal:
    """A reason for machines, and the same for people."""

    reason: str
    message: str


UNKNOWN = Refusal(
    "unknown_code", "This code is not valid for this customer. Check it for typing errors."
)
"""One text for a code that never was and for someone else's: a guesser learns nothing."""


@dataclass(frozen=True)
class Verdict:
    """What a coupon does to an order. Without refusals it applies.

    line_discounts : the discount split over the order's lines, in their order.
    """

    coupon: Coupon | None
    discount: int
    line_discounts: tuple[int, ...]
    refusals: tuple[Refusal, ...]


def examine(code: str, *, order: Order, at: datetime) -> Verdict:
    """Look a typed code up for an order's customer and say all that speaks against it."""
    coupon = coupon_of(code, customer=order.customer, source=order.source)
    if coupon is None:
        return Verdict(None, 0, (), (UNKNOWN,))
    chosen = _chosen_lines(coupon.offer, order)
    goods = order.amount if chosen is None else sum(line.amount for line in chosen)
    refusals = (*_about_coupon(coupon, at), *_about_order(coupon, order, chosen, goods))
    if refusals:
        return Verdict(coupon, 0, (), refusals)
    discount = min(coupon.offer.discount_on(goods, shipping=order.shipping), order.total)
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


def _chosen_lines(offer: Offer, order: Order) -> list[Line] | None:
    """The lines that the offer is for; None where it is for everything."""
    chosen = set(offer.products.values_list("external_id", flat=True))
    return [line for line in order.lines if line.product in chosen] if chosen else None


def _about_coupon(coupon: Coupon, at: datetime) -> Iterator[Refusal]:
    if coupon.void_at is not None:
        yield Refusal("withdrawn", f"Coupon {coupon.code} was withdrawn.")
    if coupon.redeemed_count >= coupon.maximum_redemptions:
        yield Refusal("used_up", f"Coupon {coupon.code} was used before.")
    if coupon.expires_at <= at:
        last = coupon.expires_at.astimezone(ZoneInfo(settings.SHOP_TIME_ZONE))
        yield Refusal(
            "expired", f"Coupon {coupon.code} was valid until {last:%-d %B %Y, %H:%M} shop time."
        )


def _about_order(
    coupon: Coupon, order: Order, chosen: list[Line] | None, goods: int
) -> Iterator[Refusal]:
    currency, least = coupon.campaign.currency, coupon.offer.minimum_spend
    if order.currency != currency:
        yield Refusal(
            "wrong_currency", f"The coupon is in {currency}, the order in {order.currency}."
        )
        return
    if chosen is not None and not order.lines:
        yield Refusal("lines_needed", "The coupon is for chosen products: send the order's lines.")
    elif chosen is not None and not chosen:
        yield Refusal("no_matching_product", "None of the products is one that the coupon is for.")
    elif goods < least:
        yield Refusal(
            "below_minimum_spend",
            f"The coupon applies from {money(least, currency)};"
            f" {money(least - goods, currency)} is missing.",
        )


def _over_lines(
    discount: int, offer: Offer, order: Order, chosen: list[Line] | None
) -> tuple[int, ...]:
    """Free shipping takes nothing off the lines; the rest is split over those it is for."""
    if offer.benefit == Offer.Benefit.FREE_SHIPPING:
        return (0,) * len(order.lines)
    eligible = order.lines if chosen is None else chosen
    return tuple(split(discount, [line.amount if line in eligible else 0 for line in order.lines]))
