"""What rules for segments may say of coupons: found by its name, for insights know no campaigns."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from campaigns.models import Coupon, Redemption
from customers.querysets import current
from retention.insights.conditions.facts import LONGEST
from retention.insights.conditions.fields import Whole
from retention.insights.conditions.kinds import Kind, Values, declare
from retention.insights.conditions.wording import lately

COUPONS = "Coupons"
LATELY = Whole(
    name="days",
    label="in the last",
    after="days",
    least=1,
    most=LONGEST,
    required=True,
    first=30,
)


def _got_a_coupon(values: Values, at: datetime) -> Q:
    issued = Coupon.objects.filter(customer__isnull=False, issued_at__gte=_since(values, at))
    return _now_of(issued, "customer")


def _used_a_coupon(values: Values, at: datetime) -> Q:
    used = Redemption.objects.filter(released_at=None, redeemed_at__gte=_since(values, at))
    own = used.filter(coupon__customer__isnull=False)
    of_all = used.filter(customer__isnull=False)
    return _now_of(own, "coupon__customer") | _now_of(of_all, "customer")


def _now_of(rows: QuerySet[Any], path: str) -> Q:
    """Whoever the customers of some rows are now: a coupon stays with the row it was given to."""
    return Q(pk__in=rows.order_by().annotate(who=current(path)).values("who"))


def _since(values: Values, at: datetime) -> datetime:
    return at - timedelta(days=values["days"])


def _had(yes: str, no: str) -> Callable[[Values], tuple[str, str]]:
    return lambda values: (f"{yes}{lately(values)}", f"{no}{lately(values)}")


declare(
    Kind(
        name="coupon",
        label="Got a coupon",
        group=COUPONS,
        fields=(LATELY,),
        where=_got_a_coupon,
        words=_had("got a coupon", "got no coupon"),
    ),
    Kind(
        name="used_coupon",
        label="Used a coupon",
        group=COUPONS,
        fields=(LATELY,),
        where=_used_a_coupon,
        words=_had("used a coupon", "used no coupon"),
    ),
)
