"""How far customers come: each step and each loss counts whom its rule finds."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from retention.insights.analysis.funnel import PERIODS, STEPS, funnel
from tests import make
from tests.customers.sending import client as api_client
from tests.insights.analysis.shop import (
    LIMITING,
    differing,
    links_of,
    objector,
    open_shop,
    still_sending,
)
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
PAGE = reverse("admin:funnel")
A_DAY = timedelta(days=1)


def visitor(*kinds: str, ago: int = 5) -> Customer:
    """Somebody who did these things, so many days ago."""
    moment = NOW - ago * A_DAY
    who = make.customer(first_seen_at=moment, last_seen_at=moment)
    for kind in kinds:
        order = {} if kind == "PURCHASE" else {"order_id": ""}
        make.event(customer=who, kind=kind, occurred_at=moment, **order)
    return who


def counts(days: int = 30) -> dict[str, int]:
    return {step.name: step.reached.count for step in funnel(at=NOW, days=days).steps}


def test_each_step_and_each_loss_counts_whom_its_rule_finds() -> None:
    open_shop(customers=90, days=500)
    objector()

    for days in PERIODS:
        told = funnel(at=NOW, days=days)

        figures = [found for one in told.steps for found in (one.reached, one.lost) if found]
        assert [one.name for one in told.steps] == list(STEPS)
        assert told.past_it
        assert differing([*figures, told.past_it]) == []


def test_a_step_counts_who_took_all_before_it() -> None:
    visitor("VIEW", "CART", "PURCHASE", "PURCHASE")
    visitor("VIEW", "CART", "PURCHASE")
    visitor("VIEW", "CART")
    visitor("VIEW")
    visitor()
    visitor("PURCHASE")
    visitor("VIEW", "CART", "PURCHASE", ago=31)

    told = funnel(at=NOW, days=30)

    assert counts() == {"seen": 6, "viewed": 4, "carted": 3, "ordered": 2, "ordered_again": 1}
    assert told.past_it
    assert told.past_it.count == 1


def test_what_a_shop_does_not_send_is_left_out(operator: Client) -> None:
    still_sending()
    visitor("PURCHASE")

    told = funnel(at=NOW, days=30)
    page = operator.get(PAGE).content.decode()

    assert (told.missing, told.past_it) == (["viewed", "carted"], None)
    assert counts() == {"seen": 1, "ordered": 1, "ordered_again": 0}
    assert "No views and carts came in these days" in page


def test_the_page_asks_few_questions_and_says_where_the_most_are_lost(
    operator: Client, django_assert_max_num_queries: Any
) -> None:
    still_sending()
    for _ in range(3):
        visitor("VIEW", "CART", "PURCHASE")
    for _ in range(9):
        visitor("VIEW", "CART")

    with django_assert_max_num_queries(9 + LIMITING):
        page = operator.get(PAGE, {"days": 90}).content.decode()

    assert "between “Ordered” and “Ordered again”: 100%" in page
    assert len(links_of(page)) == 6


def test_who_may_not_see_customers_is_told_no_small_group(client: Client) -> None:
    still_sending()
    for kinds, many in ((["VIEW"], 20), (["VIEW", "CART"], 3), (["VIEW", "CART", "PURCHASE"], 12)):
        for _ in range(many):
            visitor(*kinds)
    viewer = make.user(is_superuser=False)
    viewer.user_permissions.add(Permission.objects.get(codename="view_segment"))
    client.force_login(viewer)

    page = client.get(PAGE).content.decode()

    # 35 looked, 15 filled a cart, 12 ordered: the 3 between the last two are nobody's business.
    assert "hidden" in page
    assert ">35<" in page
    assert ">15<" not in page
    assert ">3<" not in page
    assert links_of(page) == []


def test_where_nobody_was_seen_the_page_says_so(operator: Client) -> None:
    assert "Nobody was seen in these days" in operator.get(PAGE).content.decode()


def test_the_api_tells_the_same() -> None:
    still_sending()
    for _ in range(11):
        visitor("VIEW", "CART")

    told = api_client("read").get("/api/v1/analysis/funnel/?days=365").json()

    steps = {one["step"]: one for one in told["steps"]}
    assert steps["carted"]["reached"]["count"] == 11
    assert steps["ordered"]["lost"]["count"] == 11
    assert told["past_it"]["count"] == 0
