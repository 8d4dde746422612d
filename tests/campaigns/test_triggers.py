"""Whom a trigger chooses, against the same said slowly."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from campaigns.selectors.baskets import TAKEN_OUT, baskets_left
from campaigns.selectors.firing import Window
from campaigns.selectors.overdue import overdue
from campaigns.selectors.risen import risen
from customers.models import Event
from retention.insights.models import ChurnScore
from tests import make
from tests.campaigns.audiences import at_risk
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


def test_a_risk_rises_where_it_was_below_before_or_was_not_known() -> None:
    given: dict[str, dict[str, Any]] = {
        "rose": {"churn_probability": 0.66, "former_probability": 0.48},
        "new": {"churn_probability": 0.7},
        "was above": {"churn_probability": 0.66, "former_probability": 0.61},
        "is below": {"churn_probability": 0.59, "former_probability": 0.48},
        "earlier": {"former_probability": 0.1, "computed_at": NOW - timedelta(days=3)},
        "another model": {"former_probability": 0.48, "risk_by_week": "6180"},
    }
    names = {}
    for customer, (name, score) in zip(at_risk(6), given.items(), strict=True):
        ChurnScore.objects.filter(customer=customer).update(**score)
        names[customer.pk] = name

    def chosen(*, already: bool) -> dict[str, str]:
        window = Window(NOW - timedelta(days=2), NOW + HOUR, as_it_stands=True, already=already)
        return {names[one.customer]: one.words for one in risen(0.6, window)}

    rose = {"rose": "Risk rose from 48% to 66%", "new": "Risk is 70% at the first score"}
    assert chosen(already=False) == rose
    assert set(chosen(already=True)) == set(given) - {"is below"}


def test_before_a_launch_a_risk_rises_from_one_week_to_the_next() -> None:
    weeks = ["--205961", "--61", "8061", "61--5070", "206150", "2020"]
    for customer, written in zip(at_risk(6), weeks, strict=True):
        ChurnScore.objects.filter(customer=customer).update(risk_by_week=written)
    window = Window(NOW - timedelta(days=14), NOW, as_it_stands=False)

    assert sorted(((NOW - one.at).days, one.words) for one in risen(0.6, window)) == [
        (0, "Risk is 61% at the first score"),
        (0, "Risk rose from 50% to 70%"),
        (0, "Risk rose from 59% to 61%"),
        (7, "Risk rose from 20% to 61%"),
    ]


@pytest.mark.parametrize("as_it_stands", [True, False])
def test_an_order_is_overdue_when_so_many_usual_gaps_have_passed(as_it_stands: bool) -> None:
    rng = np.random.default_rng(2)
    gaps = {one.pk: int(rng.integers(5, 20)) for one in at_risk(30)}
    for customer, gap in gaps.items():
        ChurnScore.objects.filter(customer=customer).update(average_days_between_orders=gap)
        for day in rng.integers(1, 100, size=4).tolist():
            make.event(customer_id=customer, occurred_at=NOW - timedelta(days=day, hours=3))
    make.event(customer=make.customer(), occurred_at=NOW - timedelta(days=20))
    window = Window(NOW - timedelta(days=30), NOW, as_it_stands=as_it_stands)

    slowly = []
    for customer, gap in gaps.items():
        orders = sorted(
            Event.objects.filter(customer=customer).values_list("occurred_at", flat=True)
        )
        for order in orders:
            due, later = order + timedelta(days=1.5 * gap), [one for one in orders if one > order]
            still = not later if as_it_stands else not any(one <= due for one in later)
            if window.after < due <= window.until and still:
                slowly.append(
                    (customer, due, f"No order for {int(1.5 * gap)} days, usually every {gap}")
                )

    found = [(one.customer, one.at, one.words) for one in overdue(1.5, window)]
    assert sorted(found) == sorted(slowly)
    assert len(found) > 5
