"""Random rules and a random shop to ask them of."""

from datetime import timedelta
from typing import Any

import numpy as np
from hypothesis import strategies as st

from campaigns.models import Redemption
from customers.models import CustomerIdentity, Event
from retention.insights.conditions.kinds import Kind, kinds
from retention.insights.models import SegmentMembership, SendTime
from tests import make
from tests.make import NOW

CATEGORIES = ("Tea", "Tea > Green", "Kitchen > Mugs")
LOCALES = ("en-GB", "fr-FR", "fr_CA", "de", "")
SEGMENTS = ("RFM/AT_RISK", "CLUSTER/cluster-1")


Said = st.SearchStrategy[dict[str, Any]]


def few(least: int, most: int) -> st.SearchStrategy[int]:
    return st.integers(least, most)


def bounded(**between: st.SearchStrategy[Any]) -> Said:
    """at_least, at_most or both, in order."""
    name = next(iter(between))
    pairs = st.tuples(between[name], between[name]).map(sorted)
    return pairs.flatmap(
        lambda pair: st.sampled_from(
            [
                {"at_least": pair[0]},
                {"at_most": pair[1]},
                {"at_least": pair[0], "at_most": pair[1]},
            ]
        )
    )


WHOLE_DAYS = (30, 60, 120)
"""Ages that much has to the second, so that a bound that is one off shows."""
AGES = st.one_of(st.sampled_from(WHOLE_DAYS), few(1, 250))
SAID_DAYS = AGES.map(lambda days: {"days": days})
DAYS: Said = st.one_of(st.just({}), SAID_DAYS)
SHARES = st.floats(0, 1).map(lambda share: round(share, 2))
CALENDAR = few(0, 300).map(lambda ago: str((NOW - timedelta(days=ago)).date()))
CATEGORY = st.sampled_from(CATEGORIES).map(lambda path: {"category": path})
SEGMENT = st.sampled_from(SEGMENTS).map(lambda name: {"segment": name})


def some(field: str, names: list[str]) -> Said:
    chosen = st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)
    return chosen.map(lambda those: {field: those})


def one(field: str, names: list[str]) -> Said:
    return st.sampled_from(names).map(lambda name: {field: name})


def either(*names: str, of: st.SearchStrategy[Any]) -> Said:
    return st.tuples(st.sampled_from(names), of).map(lambda pair: dict([pair]))


VALUES: dict[str, tuple[Said, ...]] = {
    "last_order": (bounded(of=AGES),),
    "first_order": (either("after", "before", of=CALENDAR),),
    "ordered_between": (
        st.one_of(
            either("after", "before", of=CALENDAR),
            st.lists(CALENDAR, min_size=2, max_size=2, unique=True).map(
                lambda days: dict(zip(("after", "before"), sorted(days), strict=True))
            ),
        ),
    ),
    "customer_for": (bounded(of=AGES),),
    "between_orders": (bounded(of=st.floats(1, 90).map(lambda days: round(days, 1))),),
    "orders": (bounded(of=few(0, 5)), DAYS),
    "spent": (bounded(of=few(0, 8_000)), DAYS),
    "bought_category": (CATEGORY, bounded(of=few(0, 3)), DAYS),
    "bought_product": (one("product", ["green", "mug"]), bounded(of=few(0, 3)), DAYS),
    "viewed": (st.one_of(st.just({}), CATEGORY), bounded(of=few(0, 4)), DAYS),
    "carted": (st.one_of(st.just({}), CATEGORY), bounded(of=few(0, 3)), DAYS),
    "returned": (bounded(of=few(0, 2)), DAYS),
    "rated": (bounded(of=few(1, 5).map(float)), DAYS),
    "last_seen": (bounded(of=AGES),),
    "source": (one("source", ["shop", "web"]),),
    "country": (some("countries", ["GB", "FR", "CA"]),),
    "language": (some("languages", ["en", "fr", "de"]),),
    "agreed": (one("purpose", ["ANALYTICS", "MARKETING"]),),
    "risk": (either("above", "below", of=SHARES),),
    "band": (some("bands", ["HIGH", "MEDIUM", "LOW"]),),
    "value": (bounded(of=few(0, 20_000)),),
    "rfm_name": (
        some("names", ["CHAMPIONS", "LOYAL", "NOT_YET", "LOST"]),
        st.one_of(st.just({}), few(0, 11).map(lambda months: {"months": months})),
    ),
    "rfm": (
        some("recency", ["1", "3", "5"]),
        st.one_of(st.just({}), some("frequency", ["1", "2", "5"])),
        st.one_of(st.just({}), bounded(of=few(2, 10).map(lambda both: both / 2))),
    ),
    "likely_category": (CATEGORY, few(1, 10).map(lambda tenths: {"at_least": tenths / 10})),
    "send_time": (
        some("parts", ["MORNING", "EVENING", "NIGHT"]),
        st.one_of(st.just({}), some("weekdays", ["MONDAY", "FRIDAY"])),
    ),
    "segment": (SEGMENT,),
    "left_segment": (SEGMENT, SAID_DAYS),
    "coupon": (SAID_DAYS,),
    "used_coupon": (SAID_DAYS,),
}


def condition(kind: Kind) -> Said:
    parts = st.tuples(*VALUES[kind.name])
    return parts.map(
        lambda said: {"is": kind.name} | {k: v for one in said for k, v in one.items()}
    )


def rules() -> Said:
    leaves = st.one_of(*(condition(kind) for kind in kinds().values()))
    return st.recursive(leaves, _joined, max_leaves=6)


def _joined(inner: st.SearchStrategy[Any]) -> Said:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        several.map(lambda those: {"all": those}),
        several.map(lambda those: {"any": those}),
        inner.map(lambda that: {"not": that}),
    )


def open_shop(seed: int, *, customers: int = 40) -> None:
    """Customers of whom anything may be true."""
    rng = np.random.default_rng(seed)
    goods = [
        make.product(external_id=name, category=make.category(path))
        for name, path in zip(("tea", "green", "mug"), CATEGORIES, strict=True)
    ]
    groups = [
        make.segment(kind=kind, key=key) for kind, key in (name.split("/") for name in SEGMENTS)
    ]
    campaign = make.campaign(state="RUNNING")
    everyone = []
    for _ in range(customers):
        seen = NOW - _age(rng) if rng.random() < 0.9 else None
        who = make.customer(
            consents=(), locale=str(rng.choice(LOCALES)), first_seen_at=seen, last_seen_at=seen
        )
        _know(who, rng)
        _do(who, goods, rng)
        _learn(who, groups, rng)
        _promise(who, campaign, rng)
        everyone.append(who)
    for who in everyone:
        if rng.random() < 0.8:
            _rank(who, rng)


def _know(who: Any, rng: np.random.Generator) -> None:
    for purpose in ("ANALYTICS", "MARKETING"):
        if rng.random() < 0.6:
            make.consent(customer=who, purpose=purpose, granted=rng.random() < 0.7)
    if rng.random() < 0.5:
        CustomerIdentity.objects.create(customer=who, source="web", external_id=f"w{who.pk}")


def _do(who: Any, goods: list[Any], rng: np.random.Generator) -> None:
    happened = []
    for n in range(int(rng.poisson(9))):
        kind = str(rng.choice(["PURCHASE", "PURCHASE", "VIEW", "CART", "RETURN", "RATING"]))
        happened.append(
            Event(
                message_id=f"{who.pk}-{n}",
                kind=kind,
                customer=who if rng.random() < 0.9 else None,
                product=goods[int(rng.integers(3))] if rng.random() < 0.9 else None,
                order_id=f"{who.pk}-{int(rng.integers(5))}" if kind == "PURCHASE" else "",
                amount=int(rng.integers(0, 4_000)) if rng.random() < 0.9 else None,
                currency="GBP",
                rating=float(rng.integers(1, 6)) if kind == "RATING" else None,
                occurred_at=NOW - _age(rng),
                received_at=NOW,
            )
        )
    Event.objects.bulk_create(happened)


def _learn(who: Any, groups: list[Any], rng: np.random.Generator) -> None:
    if rng.random() < 0.7:
        make.churn_score(
            customer=who,
            churn_probability=round(float(rng.random()), 2),
            churn_band=str(rng.choice(["HIGH", "MEDIUM", "LOW"])),
            predicted_clv=int(rng.integers(0, 20_000)),
        )
    for path in CATEGORIES:
        if rng.random() < 0.6:
            chance = int(rng.integers(1, 11)) / 10
            make.category_chance(customer=who, category=make.category(path), probability=chance)
    if rng.random() < 0.7:
        make.send_time(
            customer=who,
            hour=int(rng.integers(24)) if rng.random() < 0.9 else None,
            hour_is_own=False,
            weekday=int(rng.choice([0, 2, 4])),
            weekday_is_own=rng.random() < 0.7,
        )
        timed = SendTime.objects.filter(customer=who).exclude(hour=None)
        timed.update(hour_is_own=rng.random() < 0.7)
    for group in groups:
        entered = NOW - timedelta(days=300)
        stays = [None] if rng.random() < 0.4 else []
        for left in [NOW - _age(rng) for _ in range(int(rng.integers(2)))] + stays:
            SegmentMembership.objects.create(
                segment=group, customer=who, entered_at=entered, left_at=left
            )


def _rank(who: Any, rng: np.random.Generator) -> None:
    r, f, m = rng.integers(1, 6, size=3).tolist()
    history = "".join(rng.choice(list("-ABK"), size=12))
    make.rfm_score(customer=who, recency=r, frequency=f, money=m, history=history)


def _age(rng: np.random.Generator) -> timedelta:
    """How long ago something was; a little of it is after the moment that is asked about."""
    whole = rng.random() < 0.4
    return timedelta(days=float(rng.choice(WHOLE_DAYS) if whole else rng.uniform(-10, 250)))


def _promise(who: Any, campaign: Any, rng: np.random.Generator) -> None:
    if rng.random() < 0.5:
        issued = NOW - timedelta(days=float(rng.uniform(0, 200)))
        coupon = make.coupon(
            campaign=campaign, customer=who, issued_at=issued, expires_at=NOW + timedelta(days=1)
        )
        if rng.random() < 0.6:
            Redemption.objects.create(
                coupon=coupon,
                order_id=f"r{who.pk}",
                order_amount=1000,
                discount_amount=100,
                currency="GBP",
                redeemed_at=issued + timedelta(hours=1),
                released_at=NOW if rng.random() < 0.3 else None,
            )
