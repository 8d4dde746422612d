"""What can be said of when, how often and for how much a customer ordered."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import DurationField, ExpressionWrapper, F, Max, Min, Q, Sum, Value

from retention.present.templatetags.present import money

from .facts import (
    LATELY,
    LONGEST,
    ORDERS,
    bounds,
    events,
    measures,
    midnight,
    so_many,
    those_of,
    wants_a_bound,
)
from .fields import Day, Money
from .kinds import Kind, Values, Wrongs, declare
from .wording import LEAST, MOST, is_never, lately, many, much, often

ORDERING = "When and how much they order"
AMOUNTS = (
    Money(name=LEAST, label="at least", first=10_000),
    Money(name=MOST, label="at most"),
)
DAYS = (Day(name="after", label="on or after"), Day(name="before", label="before"))


def _last_order(values: Values, at: datetime) -> Q:
    ordered = events("PURCHASE", {}, at)
    least, most = values.get(LEAST), values.get(MOST)
    found = those_of(ordered)
    if least is not None:
        found &= ~those_of(ordered.filter(occurred_at__gt=at - timedelta(days=least)))
    if most is not None:
        found &= those_of(ordered.filter(occurred_at__gte=at - timedelta(days=most)))
    return found


def _last_order_words(values: Values) -> tuple[str, str]:
    said = f"{many(values, 'day', 'days')} ago"
    return f"last ordered {said}", f"did not last order {said}"


def _first_order(values: Values, at: datetime) -> Q:
    ordered = events("PURCHASE", {}, at)
    found = those_of(ordered)
    if after := values.get("after"):
        found &= ~those_of(ordered.filter(occurred_at__lt=midnight(after)))
    if before := values.get("before"):
        found &= those_of(ordered.filter(occurred_at__lt=midnight(before)))
    return found


def _first_order_words(values: Values) -> tuple[str, str]:
    said = _between_days(values)
    return f"first ordered {said}", f"did not first order {said}"


def _between_days(values: Values) -> str:
    after, before = values.get("after"), values.get("before")
    parts = [f"on or after {_long(after)}"] if after else []
    parts += [f"before {_long(before)}"] if before else []
    return " and ".join(parts)


def _ordered_between(values: Values, at: datetime) -> Q:
    ordered = events("PURCHASE", {}, at)
    if after := values.get("after"):
        ordered = ordered.filter(occurred_at__gte=midnight(after))
    if before := values.get("before"):
        ordered = ordered.filter(occurred_at__lt=midnight(before))
    return those_of(ordered)


def _ordered_between_words(values: Values) -> tuple[str, str]:
    said = _between_days(values)
    return f"ordered {said}", f"did not order {said}"


def _customer_for(values: Values, at: datetime) -> Q:
    ordered = events("PURCHASE", {}, at)
    least, most = values.get(LEAST), values.get(MOST)
    found = those_of(ordered)
    if least is not None:
        found &= those_of(ordered.filter(occurred_at__lte=at - timedelta(days=least)))
    if most is not None:
        found &= ~those_of(ordered.filter(occurred_at__lt=at - timedelta(days=most)))
    return found


def _customer_for_words(values: Values) -> tuple[str, str]:
    said = f"{many(values, 'day', 'days')} ago"
    return f"first ordered {said}", f"did not first order {said}"


def _long(day: str) -> str:
    return f"{date.fromisoformat(day):%-d %B %Y}"


def _wants_a_day(values: Values) -> Wrongs:
    after, before = values.get("after"), values.get("before")
    if not after and not before:
        yield "after", "Say a day: on or after it, or before it."
    elif after and before and after >= before:
        yield "before", f"{before} is not after {after}: nothing lies between."


def _between_orders(values: Values, at: datetime) -> Q:
    rows = events("PURCHASE", {}, at).values("customer")
    spans = rows.annotate(n=ORDERS, span=Max("occurred_at") - Min("occurred_at")).filter(n__gte=2)
    if (least := values.get(LEAST)) is not None:
        spans = spans.filter(span__gte=_gaps_of(least))
    if (most := values.get(MOST)) is not None:
        spans = spans.filter(span__lte=_gaps_of(most))
    return those_of(spans)


def _gaps_of(days: float) -> Any:
    """How long a customer's orders take from first to last if they lie so far apart."""
    gap = Value(timedelta(days=days), output_field=DurationField())
    return ExpressionWrapper(gap * (F("n") - 1), output_field=DurationField())


def _between_orders_words(values: Values) -> tuple[str, str]:
    apart = much(values, lambda n: f"{n:g} {'day' if n == 1 else 'days'}")
    said = f"{apart} apart on average"
    return f"orders {said}", f"does not order {said}"


def _orders_words(values: Values) -> tuple[str, str]:
    ordered, not_ordered = f"ordered{lately(values)}", f"did not order{lately(values)}"
    if is_never(values):
        return not_ordered, ordered
    if not often(values):
        return ordered, not_ordered
    said = f"{many(values, 'order', 'orders')}{lately(values)}"
    return f"has {said}", f"does not have {said}"


def _spent_words(values: Values) -> tuple[str, str]:
    said = f"{much(values, money)}{lately(values)}"
    return f"spent {said}", f"did not spend {said}"


declare(
    Kind(
        name="last_order",
        label="Days since the last order",
        group=ORDERING,
        fields=bounds(60, after="days ago", most=LONGEST),
        where=_last_order,
        words=_last_order_words,
        wrong=wants_a_bound,
        dated=True,
    ),
    Kind(
        name="first_order",
        label="Day of the first order",
        group=ORDERING,
        fields=DAYS,
        where=_first_order,
        words=_first_order_words,
        wrong=_wants_a_day,
        dated=True,
    ),
    Kind(
        name="customer_for",
        label="Days since the first order",
        group=ORDERING,
        fields=bounds(90, after="days ago", most=LONGEST),
        where=_customer_for,
        words=_customer_for_words,
        wrong=wants_a_bound,
        dated=True,
    ),
    Kind(
        name="ordered_between",
        label="Ordered between two days",
        group=ORDERING,
        fields=DAYS,
        where=_ordered_between,
        words=_ordered_between_words,
        wrong=_wants_a_day,
        dated=True,
    ),
    Kind(
        name="between_orders",
        label="Average days between orders",
        group=ORDERING,
        fields=measures(14.0, after="days", most=LONGEST),
        where=_between_orders,
        words=_between_orders_words,
        wrong=wants_a_bound,
        dated=True,
    ),
    Kind(
        name="orders",
        label="Number of orders",
        group=ORDERING,
        fields=(*bounds(2), LATELY),
        where=lambda values, at: so_many(events("PURCHASE", values, at), values),
        words=_orders_words,
        wrong=wants_a_bound,
        dated=True,
    ),
    Kind(
        name="spent",
        label="Money spent",
        group=ORDERING,
        fields=(*AMOUNTS, LATELY),
        where=lambda values, at: so_many(events("PURCHASE", values, at), values, Sum("amount")),
        words=_spent_words,
        wrong=wants_a_bound,
        dated=True,
    ),
)
