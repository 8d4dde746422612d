"""Whether a coupon applies to an order, how much it takes off, and every reason why it does not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.codes import normal
from campaigns.models import Coupon, Redemption
from campaigns.orders import Order
from campaigns.refusing import UNKNOWN, Refusal
from customers.models import CustomerIdentity
from customers.querysets import current
from retention.present.moments import day
from retention.present.templatetags.present import money

from .general import person_of
from .stacking import in_turn


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
    theirs = _coupons_of(order.customer, source=order.source)
    coupon = theirs.filter(code_normal=normal(code) or None).first()
    if coupon is None:
        return Verdict(None, 0, (), (UNKNOWN,))
    uses = {use.coupon_id: use for use in _uses(coupon, theirs, order)}
    if first := uses.pop(coupon.pk, None):
        return _as_before(coupon, first, order)
    others = _others(theirs, order, without=[coupon.pk, *uses])
    found = in_turn(coupon, order, spent=uses.values(), others=others, at=at)
    return Verdict(coupon, found.discount, found.parts, found.refusals)


def _coupons_of(customer: str, *, source: str) -> QuerySet[Coupon]:
    """A customer's own coupons, and those for all. What was promised to somebody merged into them
    is theirs."""
    them = CustomerIdentity.objects.filter(
        customer=OuterRef("who"), source=source, external_id=customer
    )
    for_all = Q(uses_per_customer__isnull=False)
    mine = Coupon.objects.annotate(who=current("customer")).filter(Exists(them) | for_all)
    return mine.select_related("offer__category", "offer__gift", "campaign")


def _uses(coupon: Coupon, theirs: QuerySet[Coupon], order: Order) -> Iterable[Redemption]:
    """Of the coupon on the order, also one given back; of the customer's others, what lives."""
    on_it = Redemption.objects.filter(order_id=order.order_id or None)
    uses = list(on_it.select_related("coupon__offer").order_by("pk"))
    others = {use.coupon_id for use in uses if use.released_at is None} - {coupon.pk}
    mine = set(theirs.filter(pk__in=others).values_list("pk", flat=True)) if others else set()
    return [
        use
        for use in uses
        if use.coupon_id == coupon.pk or (use.coupon_id in mine and use.released_at is None)
    ]


def _others(theirs: QuerySet[Coupon], order: Order, *, without: Iterable[int]) -> Iterable[Coupon]:
    """The other coupons that were typed for the order; a code of nobody's or somebody's is none."""
    typed = {normal(code) for code in order.codes} - {""}
    return theirs.filter(code_normal__in=typed).exclude(pk__in=without) if typed else ()


def _as_before(coupon: Coupon, first: Redemption, order: Order) -> Verdict:
    """The order used it already: the same again, or what is different now."""
    if first.released_at is not None:
        said = (
            "order_released",
            f"Order {order.order_id} gave this coupon back on {day(first.released_at)}.",
            "Use it with a new order id.",
        )
    elif not _is_by(first, order):
        said = (
            "order_differs",
            f"Order {order.order_id} used this coupon before for another customer.",
            "Use it with a new order id.",
        )
    elif (first.order_amount, first.currency) != (order.total, order.currency):
        paid = money(first.order_amount, first.currency)
        said = (
            "order_differs",
            f"Order {order.order_id} used this coupon before with another amount ({paid}).",
            "Release it, then use it with a new order id.",
        )
    else:
        parts = tuple(discount for _, _, discount in first.sold)
        return Verdict(coupon, first.discount_amount, parts, (), first)
    return Verdict(coupon, 0, (), (Refusal(*said),), first)


def _is_by(use: Redemption, order: Order) -> bool:
    """Whether the order's customer had this use; of whoever was forgotten since nobody can tell.
    A personal coupon was found as theirs already."""
    if use.customer_id is None:
        return True
    return person_of(order).filter(pk=use.customer_id).exists()
