"""What one coupon does to an order, whatever others are on it: the discount, or every reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.timezone import localtime

from campaigns.models import Coupon, Offer
from campaigns.money import split_within
from campaigns.orders import Line, Order
from campaigns.refusing import Refusal
from catalog.models import Product
from catalog.querysets import ProductQuerySet
from retention.present.templatetags.present import money

from .general import against_customer

NAMED = 3
"""So many products are named to whoever should add one."""


@dataclass(frozen=True)
class Applied:
    """parts : the discount over the order's lines (Order.sold); the rest is off the shipping."""

    discount: int
    parts: tuple[int, ...]
    refusals: tuple[Refusal, ...]


def apply(coupon: Coupon, order: Order, *, at: datetime) -> Applied:
    """The discount and its split, which sells no line below its cost unless the offer may."""
    chosen = _chosen(coupon, order)
    goods = sum(line.amount for line in chosen)
    refusals = (*_about_coupon(coupon, order, at), *_about_order(coupon, order, chosen, goods))
    none = (0,) * len(order.sold)
    if refusals:
        return Applied(0, (), refusals)
    discount = coupon.offer.discount_on(goods, shipping=order.shipping)
    discount = min(discount, order.total, coupon.worst_case)
    if coupon.offer.benefit not in Offer.OFF_THE_LINES:
        return Applied(discount, none, ())
    products = {line.product for line in chosen}
    amounts = [line.amount if line.product in products else 0 for line in order.sold]
    parts = split_within(discount, amounts, _rooms(coupon.offer, order, amounts))
    if discount and not sum(parts):
        return Applied(0, (), (NO_MARGIN,))
    return Applied(sum(parts), tuple(parts), ())


NO_MARGIN = Refusal("no_margin", "The products it is for cannot be sold for less.")


def _chosen(coupon: Coupon, order: Order) -> tuple[Line, ...]:
    """The lines that the coupon is for."""
    offer = coupon.offer
    if not _is_narrow(coupon):
        return order.sold
    if offer.scope == Offer.Scope.CATEGORY and offer.category:
        sent = [line.product for line in order.lines]
        in_it = Product.objects.filter(external_id__in=sent).below(offer.category.path)
    else:
        in_it = _named(coupon)
    ids = set(in_it.values_list("external_id", flat=True))
    return tuple(line for line in order.lines if line.product in ids)


def _is_narrow(coupon: Coupon) -> bool:
    """Whether it is for some products only."""
    scope = coupon.offer.scope
    if scope == Offer.Scope.CATEGORY:
        return True
    if scope in Offer.OF_EACH_CUSTOMER:
        return bool(coupon.products)
    return coupon.offer.products.exists()


def _named(coupon: Coupon) -> ProductQuerySet:
    """The products of a coupon that is for certain ones."""
    if coupon.offer.scope in Offer.OF_EACH_CUSTOMER:
        return Product.objects.filter(external_id__in=coupon.products)
    return Product.objects.filter(pk__in=coupon.offer.products.values("pk"))


def _rooms(offer: Offer, order: Order, amounts: list[int]) -> list[int]:
    """How much each line can carry. Where a cost is not known: all of it."""
    if offer.may_sell_below_cost or not order.lines:
        return amounts
    sent = [line.product for line in order.lines]
    known = Product.objects.filter(external_id__in=sent, currency=order.currency)
    costs = dict(known.values_list("external_id", "cost"))
    return [
        min(amount, max(line.amount - line.quantity * (costs.get(line.product) or 0), 0))
        for line, amount in zip(order.lines, amounts, strict=True)
    ]


def _about_coupon(coupon: Coupon, order: Order, at: datetime) -> Iterator[Refusal]:
    if coupon.void_at is not None:
        yield Refusal("withdrawn", f"Coupon {coupon.code} was withdrawn.")
    if coupon.redeemed_count >= coupon.maximum_redemptions:
        yield Refusal("used_up", f"Coupon {coupon.code} was used before.")
    elif coupon.locked_count and (until := _kept_until(coupon, order, at)):
        yield Refusal(
            "locked",
            f"Coupon {coupon.code} is kept for another order that is being placed.",
            f"Try again at {localtime(until):%H:%M} shop time.",
        )
    else:
        yield from against_customer(coupon, order, at)
    if coupon.expires_at <= at:
        last = localtime(coupon.expires_at)
        yield Refusal(
            "expired", f"Coupon {coupon.code} was valid until {last:%-d %B %Y, %H:%M} shop time."
        )


def _kept_until(coupon: Coupon, order: Order, at: datetime) -> datetime | None:
    """When the first of the locks of others runs out, where these leave no use; else None."""
    others = coupon.locks.filter(until__gt=at).exclude(order_id=order.order_id)
    ends = sorted(others.values_list("until", flat=True))
    none_left = coupon.redeemed_count + len(ends) >= coupon.maximum_redemptions
    return ends[0] if ends and none_left else None


def _about_order(
    coupon: Coupon, order: Order, chosen: tuple[Line, ...], goods: int
) -> Iterator[Refusal]:
    currency, least = coupon.campaign.currency, coupon.offer.minimum_spend
    if order.currency != currency:
        yield Refusal(
            "wrong_currency",
            f"The coupon is in {currency}, the order in {order.currency}.",
            f"Order in {currency}.",
        )
        return
    if not chosen and not order.lines:
        yield Refusal(
            "lines_needed", "The coupon is for chosen products.", "Send the order's lines."
        )
        return
    if not chosen:
        yield Refusal(
            "no_matching_product",
            "None of the products is one that the coupon is for.",
            f"Add {some_of(coupon)}.",
        )
    if goods < least:
        yield Refusal(
            "below_minimum_spend",
            f"The coupon applies from {money(least, currency)};"
            f" {money(least - goods, currency)} is missing.",
            f"Spend {money(least - goods, currency)} more.",
        )


def good_for(coupon: Coupon) -> str:
    """What a coupon is for, in words; empty where it is for everything."""
    return some_of(coupon) if _is_narrow(coupon) else ""


def some_of(coupon: Coupon) -> str:
    """ "Blue mug, Teapot or one of 12 more": what a coupon is for, to whoever may add it."""
    if coupon.offer.scope == Offer.Scope.CATEGORY:
        return f"something of {coupon.offer.category}"
    products = _named(coupon)
    names = [str(product) for product in products.order_by("pk")[:NAMED]]
    if more := products.count() - len(names):
        return f"{', '.join(names)} or one of {more} more"
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
