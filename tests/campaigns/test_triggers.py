"""Whom a trigger chooses, against the same said slowly."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from campaigns.selectors.baskets import TAKEN_OUT, baskets_left
from campaigns.selectors.firing import Window
from customers.models import Event
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
GONE = TAKEN_OUT[0]


def shopping(rng: np.random.Generator) -> None:
    """Ten customers who put four products in, take some out and order, at random whole hours."""
    customers = [make.customer() for _ in range(10)]
    products = [make.product() for _ in range(4)]
    Event.objects.bulk_create(
        Event(
            message_id=f"random{n}",
            kind=(
                kind := str(rng.choice(["CART", "PURCHASE", GONE, "VIEW"], p=[0.6, 0.1, 0.2, 0.1]))
            ),
            order_id=f"o{n}" if kind == "PURCHASE" else "",
            customer=customers[rng.integers(10)],
            product=products[rng.integers(4)],
            occurred_at=NOW - int(rng.integers(1, 200)) * HOUR,
            received_at=NOW,
        )
        for n in range(150)
    )


def slowly(wait: timedelta, window: Window) -> list[tuple[int, datetime, int]]:
    """Customer, when, products: each product put in, looked at on its own."""
    start = window.after - wait - timedelta(days=7)
    events = [one for one in Event.objects.all() if start <= one.occurred_at < window.until]
    found = []
    for one in events:
        due = one.occurred_at + wait
        theirs = sorted(
            (e for e in events if e.customer_id == one.customer_id and e.kind != "VIEW"),
            key=lambda e: (e.occurred_at, e.kind == "PURCHASE", e.pk),
        )
        stayed = [
            e for n, e in enumerate(theirs) if e.kind != GONE and not _out(e, theirs[n + 1 :])
        ]
        if one not in stayed or one.kind != "CART" or not window.after < due <= window.until:
            continue
        before, later = stayed[: stayed.index(one) + 1], stayed[stayed.index(one) + 1 :]
        if any(e.occurred_at <= due for e in later) or (window.as_it_stands and later):
            continue
        basket: set[int | None] = set()
        for e in before:
            basket = set() if e.kind == "PURCHASE" else basket | {e.product_id}
        found.append((one.customer_id or 0, due, len(basket)))
    return sorted(found)


def _out(put_in: Event, later: list[Event]) -> bool:
    after = [e.kind for e in later if e.product_id == put_in.product_id]
    return put_in.kind == "CART" and after[:1] == [GONE]


@pytest.mark.parametrize("as_it_stands", [True, False])
def test_a_basket_is_left_when_neither_a_product_nor_an_order_came(as_it_stands: bool) -> None:
    shopping(np.random.default_rng(1))
    window = Window(NOW - timedelta(days=4), NOW, as_it_stands=as_it_stands)

    found = list(baskets_left(4, window))

    told = sorted((one.customer, one.at, int(one.words.split()[2])) for one in found)
    assert told == slowly(4 * HOUR, window)
    assert len(told) > (3 if as_it_stands else 20)
