"""Rules asked the slow and obvious way: of one customer after the other, over lists."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from campaigns.models import Coupon, Redemption
from customers.models import Consent, Customer, CustomerIdentity, Event
from retention.insights.conditions.facts import midnight
from retention.insights.conditions.tree import Condition, Group, Node, Not
from retention.insights.models import (
    CategoryChance,
    ChurnScore,
    RfmScore,
    SegmentMembership,
    SendTime,
)

Values = Any


@dataclass
class Person:
    """All that is known of one customer."""

    row: Customer
    events: list[Event] = field(default_factory=list)
    agreed: set[str] = field(default_factory=set)
    objected: set[str] = field(default_factory=set)
    sources: set[str] = field(default_factory=set)
    score: ChurnScore | None = None
    rfm: RfmScore | None = None
    time: SendTime | None = None
    chances: dict[str, float] = field(default_factory=dict)
    memberships: list[SegmentMembership] = field(default_factory=list)
    coupons: list[Coupon] = field(default_factory=list)
    redemptions: list[Redemption] = field(default_factory=list)

    def of(self, kind: str, at: datetime, days: int | None = None) -> list[Event]:
        since = at - timedelta(days=days) if days else datetime.min.replace(tzinfo=at.tzinfo)
        return [e for e in self.events if e.kind == kind and since <= e.occurred_at < at]


def people() -> list[Person]:
    found = {row.pk: Person(row) for row in Customer.objects.order_by("pk")}
    for event in Event.objects.select_related("product__category").exclude(customer=None):
        found[event.customer_id or 0].events.append(event)
    for consent in Consent.objects.filter(is_current=True):
        person = found[consent.customer_id]
        (person.agreed if consent.granted else person.objected).add(consent.purpose)
    for known in CustomerIdentity.objects.all():
        found[known.customer_id].sources.add(known.source)
    for score in ChurnScore.objects.all():
        found[score.customer_id].score = score
    for ranked in RfmScore.objects.all():
        found[ranked.customer_id].rfm = ranked
    for time in SendTime.objects.all():
        found[time.customer_id].time = time
    for chance in CategoryChance.objects.select_related("category"):
        found[chance.customer_id].chances[chance.category.path] = chance.probability
    for member in SegmentMembership.objects.select_related("segment"):
        found[member.customer_id].memberships.append(member)
    for coupon in Coupon.objects.exclude(customer=None):
        found[coupon.customer_id or 0].coupons.append(coupon)
    for used in Redemption.objects.select_related("coupon").exclude(coupon__customer=None):
        found[used.coupon.customer_id or 0].redemptions.append(used)
    return list(found.values())


def members(rule: Node, at: datetime) -> list[int]:
    asked = [person for person in people() if "ANALYTICS" not in person.objected]
    return [person.row.pk for person in asked if holds(rule, person, at)]


def holds(rule: Node, person: Person, at: datetime) -> bool:
    match rule:
        case Condition():
            return TRUE_OF[rule.kind.name](person, rule.values, at)
        case Not():
            return not holds(rule.of, person, at)
        case Group():
            said = [holds(one, person, at) for one in rule.of]
            return all(said) if rule.joined == "all" else any(said)


def between(number: float, values: Values) -> bool:
    return bool(values.get("at_least", number) <= number <= values.get("at_most", number))


def orders(events: list[Event]) -> int:
    return len({event.order_id for event in events})


def inside(event: Event, category: str) -> bool:
    path = event.product.category.path if event.product and event.product.category else ""
    return path == category or path.startswith(f"{category} > ")


def days_since(moment: datetime | None, values: Values, at: datetime) -> bool:
    return moment is not None and between((at - moment) / timedelta(days=1), values)


def last_order(p: Person, v: Values, at: datetime) -> bool:
    return days_since(max((e.occurred_at for e in p.of("PURCHASE", at)), default=None), v, at)


def first_order(p: Person, v: Values, at: datetime) -> bool:
    first = min((e.occurred_at for e in p.of("PURCHASE", at)), default=None)
    after, before = v.get("after"), v.get("before")
    late = first and (not after or first >= midnight(after))
    return bool(late and first and (not before or first < midnight(before)))


def ordered_between(p: Person, v: Values, at: datetime) -> bool:
    after, before = v.get("after"), v.get("before")
    return any(
        (not after or e.occurred_at >= midnight(after))
        and (not before or e.occurred_at < midnight(before))
        for e in p.of("PURCHASE", at)
    )


def customer_for(p: Person, v: Values, at: datetime) -> bool:
    return days_since(min((e.occurred_at for e in p.of("PURCHASE", at)), default=None), v, at)


def between_orders(p: Person, v: Values, at: datetime) -> bool:
    bought = p.of("PURCHASE", at)
    if orders(bought) < 2:
        return False
    moments = [event.occurred_at for event in bought]
    days = (max(moments) - min(moments)) / timedelta(days=1)
    return between(days / (orders(bought) - 1), v)


def spent(p: Person, v: Values, at: datetime) -> bool:
    return between(sum(e.amount or 0 for e in p.of("PURCHASE", at, v.get("days"))), v)


def bought_category(p: Person, v: Values, at: datetime) -> bool:
    bought = p.of("PURCHASE", at, v.get("days"))
    return between(orders([e for e in bought if inside(e, v["category"])]), v)


def bought_product(p: Person, v: Values, at: datetime) -> bool:
    bought = p.of("PURCHASE", at, v.get("days"))
    return between(
        orders(
            [
                e
                for e in bought
                if str(e.product_id) and e.product and e.product.external_id == v["product"]
            ]
        ),
        v,
    )


def did_with(kind: str) -> Callable[[Person, Values, datetime], bool]:
    def did(p: Person, v: Values, at: datetime) -> bool:
        done = p.of(kind, at, v.get("days"))
        category = v.get("category")
        return between(len([e for e in done if not category or inside(e, category)]), v)

    return did


def rated(p: Person, v: Values, at: datetime) -> bool:
    return any(between(e.rating or 0.0, v) for e in p.of("RATING", at, v.get("days")))


def risk(p: Person, v: Values, at: datetime) -> bool:
    chance = p.score.churn_probability if p.score else None
    return chance is not None and v.get("above", -1) < chance < v.get("below", 2)


LETTERS = {"CHAMPIONS": "A", "LOYAL": "B", "LOST": "K", "NOT_YET": "-"}


def rfm_name(p: Person, v: Values, at: datetime) -> bool:
    return p.rfm is not None and p.rfm.history[11 - v.get("months", 0)] in {
        LETTERS[name] for name in v["names"]
    }


def rfm(p: Person, v: Values, at: datetime) -> bool:
    if p.rfm is None or not between((p.rfm.frequency + p.rfm.money) / 2, v):
        return False
    scores = {"recency": p.rfm.recency, "frequency": p.rfm.frequency, "money": p.rfm.money}
    return all(str(score) in v.get(name, str(score)) for name, score in scores.items())


NIGHT = {22, 23, 0, 1, 2, 3, 4}
HOURS = {"MORNING": set(range(5, 12)), "EVENING": set(range(17, 22)), "NIGHT": NIGHT}


def send_time(p: Person, v: Values, at: datetime) -> bool:
    if p.time is None:
        return False
    hour = p.time.hour if p.time.hour_is_own else None
    day = p.time.get_weekday_display().upper() if p.time.weekday_is_own else None
    in_part = any(hour in HOURS[part] for part in v.get("parts", ()))
    return (in_part or not v.get("parts")) and day in v.get("weekdays", [day])


def in_segment(p: Person, v: Values, at: datetime) -> bool:
    return any(m.left_at is None and same(m, v) for m in p.memberships)


def left_segment(p: Person, v: Values, at: datetime) -> bool:
    since = at - timedelta(days=v["days"])
    left = any(m.left_at and m.left_at >= since and same(m, v) for m in p.memberships)
    return left and not in_segment(p, v, at)


def same(member: SegmentMembership, values: Values) -> bool:
    return bool(values["segment"] == f"{member.segment.kind}/{member.segment.key}")


def place(locale: str) -> tuple[str, str]:
    language, _, country = locale.replace("_", "-").partition("-")
    return language.lower(), country.upper()


TRUE_OF: dict[str, Callable[[Person, Values, datetime], bool]] = {
    "last_order": last_order,
    "first_order": first_order,
    "ordered_between": ordered_between,
    "customer_for": customer_for,
    "between_orders": between_orders,
    "orders": lambda p, v, at: between(orders(p.of("PURCHASE", at, v.get("days"))), v),
    "spent": spent,
    "bought_category": bought_category,
    "bought_product": bought_product,
    "viewed": did_with("VIEW"),
    "carted": did_with("CART"),
    "returned": lambda p, v, at: between(len(p.of("RETURN", at, v.get("days"))), v),
    "rated": rated,
    "last_seen": lambda p, v, at: days_since(p.row.last_seen_at, v, at),
    "source": lambda p, v, at: v["source"] in p.sources,
    "country": lambda p, v, at: place(p.row.locale)[1] in v["countries"],
    "language": lambda p, v, at: place(p.row.locale)[0] in v["languages"],
    "agreed": lambda p, v, at: v["purpose"] in p.agreed,
    "risk": risk,
    "band": lambda p, v, at: p.score is not None and p.score.churn_band in v["bands"],
    "value": lambda p, v, at: p.score is not None and between(p.score.predicted_clv, v),
    "rfm_name": rfm_name,
    "rfm": rfm,
    "likely_category": lambda p, v, at: p.chances.get(v["category"], 0.0) >= v["at_least"],
    "send_time": send_time,
    "segment": in_segment,
    "left_segment": left_segment,
    "coupon": lambda p, v, at: any(
        c.issued_at >= at - timedelta(days=v["days"]) for c in p.coupons
    ),
    "used_coupon": lambda p, v, at: any(
        not r.released_at and r.redeemed_at >= at - timedelta(days=v["days"]) for r in p.redemptions
    ),
}
