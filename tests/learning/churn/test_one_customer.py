"""An order at another time: every fact is what a slow reading of the events with it says."""

from math import isnan

import numpy as np
import pytest

from retention.learning.churn.following import changed
from retention.learning.churn.one_customer import OneCustomer
from retention.learning.panel import Kind
from tests.learning.churn.shops import DAY_0, Columns, columns, orders_on, panel_of
from tests.learning.churn.slow_features import features_of

CUT_OFF = DAY_0 + 390.25
Facts = dict[str, float]
PLAIN: Facts = {"quantity": 1, "amount": 0, "discount": 0, "product": -1, "category": -1}


def with_an_order(given: Columns, customer: int, was: Facts, *, day: float) -> Columns:
    """The events with one order more: as many lines as usual, all of its money on the first."""
    share, paid = was["discount_share"], round(was["average_order"])
    off = 0 if isnan(share) else round(paid * share / (1 - share))
    who = PLAIN | {"customer": customer, "day": day, "rating": np.nan, "order": 9_999}
    lines = [who | {"kind": Kind.PURCHASE} for _ in range(max(round(was["lines_an_order"]), 1))]
    lines[0] |= {"amount": paid, "discount": off}
    seen = [] if isnan(was["days_since_last_visit"]) else [who | {"kind": Kind.OTHER, "order": -1}]
    return {
        name: np.append(old, [row[name] for row in [*lines, *seen]]) for name, old in given.items()
    }


@pytest.mark.parametrize("ago", [0.5, 1, 5, 20])
def test_had_they_ordered_lately_every_fact_is_that_of_the_events_with_one_order_more(
    ago: float,
) -> None:
    given, told = columns(), 0

    for customer in range(30):
        was = features_of(given, customer, CUT_OFF)
        if not was["days_since_last_order"] > ago:
            continue
        who = OneCustomer.of(panel_of(given), customer, cut_off=CUT_OFF)
        now = changed(who, {"days_since_last_order": ago})
        slow = features_of(
            with_an_order(given, customer, was, day=CUT_OFF - ago), customer, CUT_OFF
        )
        assert now == pytest.approx({name: slow[name] for name in now}, nan_ok=True, rel=1e-9)
        told += 1

    assert told > 5


def test_a_longer_silence_is_the_same_customer_some_days_later() -> None:
    given, told = columns(), 0

    for customer in range(30):
        was = features_of(given, customer, CUT_OFF)
        if isnan(was["days_since_last_order"]):
            continue
        past = {name: values[given["day"] < CUT_OFF] for name, values in given.items()}
        who = OneCustomer.of(panel_of(given), customer, cut_off=CUT_OFF)
        now = changed(who, {"days_since_last_order": was["days_since_last_order"] + 30})
        slow = features_of(past, customer, CUT_OFF + 30)
        assert now == pytest.approx({name: slow[name] for name in now}, nan_ok=True, rel=1e-9)
        told += 1

    assert told > 20


def test_an_order_five_days_ago_is_added_and_nothing_of_the_past_is_moved() -> None:
    who = OneCustomer.of(orders_on({0: [0, 30, 60, 100]}), 0, cut_off=DAY_0 + 190)

    now = changed(who, {"days_since_last_order": 5.0})

    told = ("days_since_first_order", "order_days_total", "orders_90", "orders_365", "spend_365")
    assert [who.facts[name] for name in told] == [190, 4, 1, 4, 4_000]
    assert [now[name] for name in told] == [190, 5, 2, 5, 5_000]
    assert (who.facts["usual_gap_days"], now["usual_gap_days"]) == (30, 35)
    assert now["average_order"] == who.facts["average_order"] == 1_000
