"""A customer with a changed fact must be one that could exist."""

from functools import cache
from itertools import pairwise
from math import isnan

import numpy as np
import pytest
from numpy.random import Generator

from retention.learning.churn.features import behaviour
from retention.learning.churn.following import ASKABLE, SPECS, Impossible, changed
from retention.learning.churn.one_customer import OneCustomer
from retention.learning.features import Unit
from retention.learning.panel import Kind, Panel
from tests.learning.churn.shops import DAY_0, fading_shop

Facts = dict[str, float]
NEAR = 1e-6


def a_busy_shop() -> Panel:
    """Orders of one line and more, returns, and visits before, between and after them."""
    orders, rng = fading_shop(n_customers=250), np.random.default_rng(3)
    n = len(orders.customer)
    who = np.concatenate([orders.customer, orders.customer[::2], rng.integers(250, size=4_000)])
    when = orders.second / 86_400
    return Panel.of(
        n_customers=250,
        customer=who,
        kind=np.repeat([Kind.PURCHASE, Kind.PURCHASE, Kind.VIEW, Kind.CART],
                       [n, len(who) - n - 4_000, 3_000, 1_000]),
        day=np.concatenate([when, when[::2], rng.uniform(DAY_0, DAY_0 + 420, 4_000)]),
        amount=rng.integers(500, 5_000, size=len(who)),
        product=rng.integers(50, size=len(who)),
        category=np.zeros(len(who)),
        order=np.concatenate([orders.order, orders.order[::2], np.full(4_000, -1)]),
    )  # fmt: skip


@cache
def customers() -> list[OneCustomer]:
    panel = a_busy_shop()
    table = behaviour(panel, cut_off=DAY_0 + 400)
    bought = np.flatnonzero(~np.isnan(table.column("days_since_last_order")))
    return [OneCustomer.of(panel, row, cut_off=DAY_0 + 400) for row in bought.tolist()]


def wrong_with(f: Facts) -> list[str]:
    """What no history of events could make of these facts, by the features' own definitions."""
    since, tenure, days = (
        f["days_since_last_order"],
        f["days_since_first_order"],
        f["order_days_total"],
    )
    n = f["orders_a_month"] * max(tenure, 30) / 30
    half = 2 * f["orders_90"] - f["orders_trend_90"]
    counts = [f["orders_30"], f["orders_90"], half, f["orders_365"], n]
    windows = list(zip([30, 90, 180, 365], counts, strict=False))
    views, visits = f["views_30"] + f["carts_30"], f["visit_days_30"]
    before = f["views_30"] - f["views_trend_30"]
    last = f["days_since_last_visit"]
    lines = f["lines_an_order"] * n
    rules = {
        "the first order is not after the last": tenure >= since >= 0,
        "orders are whole": all(abs(c - round(c)) < NEAR for c in counts) and n > 0.5,
        "a longer window has no fewer": all(a <= b + NEAR for a, b in pairwise(counts)),
        "the last order is in its window":
            all((since <= a) == (c > 0.5) for a, c in windows),
        "the first order is in its window":
            all((tenure <= a) == (c > n - 0.5) for a, c in windows),
        "one order is first and last": n > 1.5 or tenure == since,
        "days with orders": 1 <= days <= n + NEAR and days <= tenure - since + 2,
        "one day is one day": days > 1 or tenure - since < 1,
        "a rhythm from two days on": isnan(f["usual_gap_days"]) == (days < 2),
        "a spread from three days on": isnan(f["gap_spread"]) == (days < 3),
        "overdue": days < 2 or abs(f["overdue_ratio"] * f["usual_gap_days"] - since) < NEAR * 1000,
        "half of the gaps are usual or longer":
            days < 2 or f["usual_gap_days"] * ((days - 1) / 2) <= tenure - since + 1 + NEAR,
        "weeks":
            (f["order_weeks_12"] > 0) == (since <= 84) and f["order_weeks_12"] <= f["orders_90"],
        "money needs orders":
            all(f[f"spend_{w}"] == 0 or f[f"orders_{w}"] > 0 for w in (90, 365)),
        "a year spends no less": -NEAR <= f["spend_90"] <= f["spend_365"] + NEAR * 1e6,
        "nor all of the time": f["spend_365"] <= f["average_order"] * n + 0.01,
        "all money of a first year":
            tenure > 365 or abs(f["spend_365"] - f["average_order"] * n) < 0.01,
        "the last is one of them": f["last_order_ratio"] <= n + NEAR,
        "categories are of products": f["categories_365"] <= f["products_365"] <= lines + NEAR,
        "nothing bought, nothing chosen": f["orders_365"] > 0 or f["products_365"] == 0,
        "bought again": (1 - f["repeat_share"]) * lines >= f["products_365"] - NEAR * 1000,
        "a month has thirty days": 0 <= visits <= 30,
        "visited lately": isnan(last) or (last <= 30) == (visits > 0),
        "who looks has visited": views == 0 or visits > 0,
        "views of the month before": before >= 0,
        "views since the order": f["views_since_order"] >= f["views_30"] if since >= 30
            else f["views_since_order"] <= f["views_30"],
        "no visit since, no views since": not last > since or f["views_since_order"] == 0,
    }  # fmt: skip
    return [rule for rule, holds in rules.items() if not holds]


VISITS = {"days_since_last_order", "days_since_last_visit", "visit_days_30"}


def no_visit_before_the_order(facts: Facts) -> bool:
    """Who orders is there, where visits are known at all. Tills order without, in real data."""
    return not facts["days_since_last_visit"] > facts["days_since_last_order"]


def a_value(name: str, rng: Generator) -> float:
    match SPECS[name].unit:
        case Unit.DAYS:
            return float(rng.integers(0, 500))
        case Unit.SHARE:
            return float(rng.integers(0, 5)) / 4
        case Unit.MONEY:
            return float(rng.integers(0, 200_000))
        case Unit.TIMES:
            return round(float(rng.uniform(0, 4)), 1)
        case Unit.STARS:
            return float(rng.integers(1, 6))
        case _:
            return float(rng.integers(0, 12))


def test_real_customers_break_none_of_the_rules() -> None:
    assert [wrong for who in customers() if (wrong := wrong_with(who.facts))] == []


def test_a_changed_customer_could_exist_and_is_as_asked() -> None:
    rng = np.random.default_rng(11)
    answered = 0

    for who in customers():
        facts = who.facts
        for count in (1, 1, 1, 1, 2, 2, 3):
            names = rng.choice(ASKABLE, size=count, replace=False).tolist()
            asked = {name: a_value(name, rng) for name in names}
            try:
                now = changed(who, asked)
            except Impossible:
                continue
            answered += 1
            assert wrong_with(now) == [], (asked, facts, now)
            moved = {name for name in asked if asked[name] != facts[name]}
            seen_before = no_visit_before_the_order(facts)
            assert moved.isdisjoint(VISITS) or no_visit_before_the_order(now) >= seen_before
            assert {name: now[name] for name in asked} == pytest.approx(asked, abs=0.006)

    assert answered > 0.85 * 7 * len(customers())


def test_two_orders_this_month_the_last_five_days_ago_are_possible_for_everybody() -> None:
    for who in customers():
        asked = {"orders_30": 2.0, "days_since_last_order": 5.0}

        now = changed(who, asked)

        assert wrong_with(now) == []
        assert now["days_since_first_order"] > 5 or who.facts["order_days_total"] > 1


def test_asking_for_what_is_so_changes_nothing() -> None:
    for who in customers()[:50]:
        facts = who.facts
        known = {name: facts[name] for name in ASKABLE if not isnan(facts[name])}
        assert changed(who, known) == pytest.approx(facts, rel=0, abs=0, nan_ok=True)


def test_an_order_yesterday_is_a_visit_and_an_order_of_the_quarter() -> None:
    for who in customers():
        facts, now = who.facts, changed(who, {"days_since_last_order": 1.0})

        assert now["orders_30"] >= 1
        assert now["orders_90"] >= now["orders_30"]
        if facts["days_since_last_order"] > 1 and not isnan(facts["days_since_last_visit"]):
            assert now["days_since_last_visit"] <= 1
            assert now["visit_days_30"] >= 1


def test_no_visit_for_200_days_means_no_order_for_as_long() -> None:
    for who in customers()[:50]:
        now = changed(who, {"days_since_last_visit": 200.0})

        assert now["days_since_last_order"] >= 200
        assert now["orders_90"] == now["visit_days_30"] == 0


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"last_rating": 9.0}, "last_rating cannot be 9. It goes from 1 to 5."),
        ({"visit_days_30": 31.0}, "visit_days_30 cannot be 31. It goes from 0 to 30."),
        ({"returned_share": 1.5}, "returned_share cannot be 1.5. It goes from 0 to 1."),
        ({"orders_30": -1.0}, "orders_30 cannot be -1. It goes from 0 on."),
        ({"orders_30": 1.5}, "orders_30 cannot be 1.5. It counts something and is whole."),
        (
            {"days_since_last_order": 31.0, "days_since_last_visit": 200.0},
            (
                "days_since_last_visit cannot be 200. With days_since_last_order 31 and what else"
                " is known of the customer it can be 0 to 31."
            ),
        ),
        (
            {"orders_30": 5.0, "orders_90": 2.0},
            (
                "orders_90 cannot be 2. With orders_30 5 and what else is known of the customer"
                " it can be 5 or more."
            ),
        ),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(asked: Facts, words: str) -> None:
    ordered = next(who for who in customers() if who.facts["order_days_total"] > 5)

    with pytest.raises(Impossible) as refused:
        changed(ordered, asked)

    assert str(refused.value) == words
