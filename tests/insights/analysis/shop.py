"""A shop with a past, and what every figure of behaviour must hold to."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlparse

import numpy as np
from django.db import connection

from customers.models import Customer, Event
from retention.insights.conditions.asking import customers_of
from retention.insights.conditions.tree import read_rule
from tests import make
from tests.make import NOW

LIMITING = 5 if connection.vendor == "postgresql" else 0
"""Queries that only say how long another may take."""
CATEGORIES = ("Tea > Green", "Tea > Black", "Kitchen > Mugs", "Garden")


def open_shop(*, customers: int = 60, seed: int = 7, days: int = 800) -> None:
    """Customers of whom each may have looked, put in the cart, ordered once or often; some who
    objected, and facts that are nobody's."""
    rng = np.random.default_rng(seed)
    goods = [make.product(category=make.category(path)) for path in CATEGORIES]
    for path in {path.split(" > ")[0] for path in CATEGORIES} - set(CATEGORIES):
        make.category(path)
    happened = []
    for n in range(customers):
        who = make.customer(consents=("ANALYTICS",))
        if rng.random() < 0.1:
            make.consent(customer=who, purpose="RECOMMENDATION", granted=False)
        began = rng.uniform(0, days)
        for kind, often in (("VIEW", 3), ("CART", 1), ("PURCHASE", 3)):
            for i in range(int(rng.poisson(often))):
                at = NOW - timedelta(days=began * (1 if i == 0 else rng.random()))
                order = f"{n}-{i}" if kind == "PURCHASE" else ""
                for line in range(int(rng.integers(1, 3))):
                    product = goods[int(rng.integers(len(goods)))]
                    happened.append(
                        event(who, kind, at, f"{n}{kind}{i}{line}", product=product, order_id=order)
                    )
    lately = NOW - timedelta(days=9)
    happened.append(event(None, "PURCHASE", lately, "nobody's", order_id="o", product=goods[0]))
    Event.objects.bulk_create(happened)
    for who in Customer.objects.all():
        moments = [one.occurred_at for one in happened if one.customer_id == who.pk]
        Customer.objects.filter(pk=who.pk).update(
            first_seen_at=min(moments, default=None), last_seen_at=max(moments, default=None)
        )


def event(who: Customer | None, kind: str, at: datetime, name: str, **told: Any) -> Event:
    return Event(
        message_id=name,
        kind=kind,
        customer=who,
        **told,
        amount=1000,
        currency="GBP",
        occurred_at=at,
        received_at=NOW,
    )


def still_sending() -> None:
    """An event of nobody's just now: so that the data is known until NOW."""
    make.event(customer=None, occurred_at=NOW - timedelta(hours=1))


def objector() -> Customer:
    """Somebody who ordered often and objected to being counted."""
    who = make.customer(consents=())
    make.consent(customer=who, purpose="ANALYTICS", granted=False)
    for ago in (400, 40, 4):
        make.event(customer=who, occurred_at=NOW - timedelta(days=ago))
    return who


def differing(found: Iterable[Any]) -> list[Any]:
    """The figures whose rule does not find as many as they say; there must be some to say."""
    figures = list(found)
    assert sum(bool(one.count) for one in figures) > 3
    return [
        one for one in figures if customers_of(read_rule(one.rule), at=NOW).count() != one.count
    ]


def links_of(page: str) -> list[str]:
    """The rules that a page's links open."""
    urls = (link.partition('"')[0] for link in page.split('href="')[1:])
    return [parse_qs(urlparse(unescape(url)).query)["rule"][0] for url in urls if "/behind/" in url]
