"""What customers bought, sent back and were let off, summed by customer. Money in minor units."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from campaigns.models import Redemption
from campaigns.querysets import COST_OF_A_USE
from customers.models import Event, EventKind
from customers.querysets import current
from retention.learning.panel import FloatArray, IntArray


@dataclass(frozen=True)
class Lines:
    """(n,) each, aligned with the customers; known is the part of amount whose cost is known."""

    orders: IntArray
    amount: FloatArray
    known: FloatArray
    cost: FloatArray


@dataclass(frozen=True)
class Earned:
    """revenue : (n,) paid for goods, less returns, less what coupons took off. margin : (n,) the
    same less what the goods cost; nan where no cost is known. cost_known : share of the revenue
    whose goods' cost is known; margin assumes for the rest the cost rate of that share."""

    revenue: FloatArray
    margin: FloatArray
    cost_known: float


def earned_from(bought: Lines, returned: Lines, taken_off: FloatArray) -> Earned:
    goods, known = bought.amount - returned.amount, bought.known - returned.known
    cost_known = float(known.sum() / goods.sum()) if goods.sum() > 0 else 0.0
    cost = (bought.cost - returned.cost) * (1 / cost_known if cost_known else np.nan)
    return Earned(goods - taken_off, goods - taken_off - cost, cost_known)


def events_between(kind: EventKind, start: datetime, end: datetime) -> QuerySet[Event]:
    return Event.objects.filter(kind=kind, occurred_at__gte=start, occurred_at__lt=end)


def lines_of(events: QuerySet[Event], customer: IntArray, *, currency: str) -> Lines:
    """Events of a kind summed by customer. Money in another currency is left out."""
    money, costed = Q(currency=currency), Q(product__cost__isnull=False)
    sums = (
        events.values("customer")
        .annotate(
            orders=Count("order_id", distinct=True),
            paid=Coalesce(Sum("amount", filter=money), 0),
            known=Coalesce(Sum("amount", filter=money & costed), 0),
            cost=Coalesce(Sum(F("quantity") * F("product__cost"), filter=money & costed), 0),
        )
        .values_list("customer", "orders", "paid", "known", "cost")
    )
    table = _aligned(sums, customer, columns=4)
    return Lines(table[:, 0].astype(np.int64), table[:, 1], table[:, 2], table[:, 3])


def taken_off(uses: QuerySet[Redemption], customer: IntArray) -> FloatArray:
    """(n,) what coupons took off, as far as they stayed used, that the shop's own lines do not say
    already: what is paid for the lines of an order is less the discounts of all its coupons, and
    less a gift or points only where a line names them."""
    lines = Event.objects.filter(
        customer=OuterRef("who"), order_id=OuterRef("order_id"), discount__gt=0
    ).exclude(coupon_code="")
    own = lines.filter(coupon_code__iexact=OuterRef("coupon__code"))
    gives = Q(coupon__offer__benefit__in=["GIFT", "POINTS"])
    told = (~gives & Exists(lines)) | Exists(own)
    sums = (
        uses.annotate(who=Coalesce(current("customer"), current("coupon__customer")))
        .filter(~told, released_at=None)
        .values("who")
        .annotate(off=Sum(COST_OF_A_USE))
        .values_list("who", "off")
    )
    return _aligned(sums, customer, columns=1)[:, 0]


def _aligned(rows: Iterable[tuple[Any, ...]], customer: IntArray, *, columns: int) -> FloatArray:
    """Rows of (customer, numbers...) as (n, columns), 0 where a customer has no row."""
    place = {pk: row for row, pk in enumerate(customer.tolist())}
    table = np.zeros((len(customer), columns))
    for pk, *values in rows:
        if (row := place.get(pk)) is not None:
            table[row] = values
    return table
