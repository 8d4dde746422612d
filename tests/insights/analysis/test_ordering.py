"""Cohorts and lifecycle: every figure counts exactly those whom its rule finds."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from customers.models import Customer, Event
from retention.insights.analysis.ordering import Histories
from retention.insights.months import whole_months
from tests import make
from tests.customers.sending import client as api_client
from tests.insights.analysis.shop import LIMITING, differing, links_of, objector, open_shop
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
PAGE = reverse("admin:analysis")


def months_ordered() -> dict[int, set[tuple[int, int]]]:
    """Of each customer the months with an order, found one event after the other."""
    found: dict[int, set[tuple[int, int]]] = {}
    for one in Event.objects.purchases().exclude(customer=None):
        local = one.occurred_at.astimezone(whole_months(NOW, 1)[0].tzinfo)
        found.setdefault(one.customer_id or 0, set()).add((local.year, local.month))
    return found


def test_each_crossing_and_each_bar_counts_whom_its_rule_finds() -> None:
    open_shop()
    objector()
    histories = Histories(at=NOW, months=13)

    cohorts = histories.cohorts().cohorts
    lives = [one for quiet in (1, 3) for one in histories.lifecycle(quiet=quiet)]

    assert differing(found for one in cohorts for found in one.ordered) == []
    bars = [(one.new, one.returning, one.resurrected, one.dormant) for one in lives]
    assert differing(found for bar in bars for found in bar if found) == []


def test_cohorts_are_what_looking_at_one_customer_after_the_other_says() -> None:
    open_shop()
    histories = Histories(at=NOW, months=13)
    slowly = Counter(
        (min(months), month) for months in months_ordered().values() for month in months
    )

    told = histories.cohorts()

    shown = [(one.month.year, one.month.month) for one in told.cohorts]
    for i, one in enumerate(told.cohorts):
        assert [found.count for found in one.ordered] == [
            slowly[shown[i], month] for month in shown[i:]
        ]
    for before, month in zip(told.before, shown, strict=True):
        assert before == sum(
            n for (first, then), n in slowly.items() if first < shown[0] and then == month
        )


def test_who_orders_in_a_month_is_new_or_returning_or_resurrected() -> None:
    open_shop()
    ordered = Counter(month for months in months_ordered().values() for month in months)

    for quiet in (1, 2, 12):
        for one in Histories(at=NOW, months=13).lifecycle(quiet=quiet):
            active = one.new.count + one.returning.count + one.resurrected.count
            assert active == ordered[one.month.year, one.month.month]


def test_with_a_month_of_quiet_who_ordered_is_next_month_returning_or_dormant() -> None:
    open_shop()

    life = Histories(at=NOW, months=13).lifecycle(quiet=1)

    for before, one in pairwise(life[:-1]):
        active = before.new.count + before.returning.count + before.resurrected.count
        assert one.dormant
        assert one.returning.count + one.dormant.count == active
    assert life[-1].dormant is None


def test_months_before_anybody_ordered_are_not_shown() -> None:
    make.event(customer=make.customer(), occurred_at=NOW - timedelta(days=40))

    histories = Histories(at=NOW, months=13)

    assert [f"{one.month:%B}" for one in histories.cohorts().cohorts] == ["April", "May", "June"]
    assert [one.new.count for one in histories.lifecycle(quiet=1)] == [1, 0, 0]


def test_months_begin_on_the_shops_own_clock(settings: Any) -> None:
    settings.TIME_ZONE = "Europe/London"
    make.event(
        customer=make.customer(), occurred_at=datetime.fromisoformat("2026-04-30T23:30+00:00")
    )

    cohorts = Histories(at=NOW, months=13).cohorts().cohorts

    assert [f"{one.month:%B}" for one in cohorts if one.size] == ["May"]


def test_the_page_asks_few_questions_and_links_every_figure(
    operator: Client, django_assert_max_num_queries: Any
) -> None:
    open_shop()

    with django_assert_max_num_queries(8 + LIMITING):
        page = operator.get(PAGE, {"quiet": 1}).content.decode()

    assert len(links_of(page)) > 30
    assert "ordered, after 1 month or more without" in page


@pytest.mark.parametrize("asked", [{"months": "7"}, {"quiet": "x"}, {"months": "²"}])
def test_what_is_no_choice_is_the_usual(operator: Client, asked: dict[str, str]) -> None:
    open_shop(customers=5)

    assert "<option selected>12</option>" in operator.get(PAGE, asked).content.decode()


def test_who_may_not_see_customers_is_told_no_small_group_and_opens_none(client: Client) -> None:
    open_shop()
    viewer = make.user(is_superuser=False)
    viewer.user_permissions.add(Permission.objects.get(codename="view_segment"))
    client.force_login(viewer)

    page = client.get(PAGE).content.decode()

    assert "hidden" in page
    assert links_of(page) == []
    assert not any(f"<b>{n}</b>" in page or f": {n} of" in page for n in range(1, 10))
    assert client.get(reverse("admin:behind")).status_code == 403


def test_a_shop_without_orders_is_told_so(operator: Client) -> None:
    assert "Nobody has ordered yet" in operator.get(PAGE).content.decode()


def test_the_api_tells_the_same_with_the_rules() -> None:
    for _ in range(12):
        make.event(customer=make.customer(), occurred_at=NOW - timedelta(days=40))
    make.event(customer=Customer.objects.earliest("pk"), occurred_at=NOW - timedelta(days=1))

    told = api_client("read").get("/api/v1/analysis/cohorts/").json()
    life = api_client("read").get("/api/v1/analysis/lifecycle/?quiet=1").json()

    cohort = next(one for one in told["cohorts"] if one["size"])
    assert [one["shown"] for one in cohort["ordered"]] == ["12", "1", "0"]
    assert cohort["ordered"][0]["rule"]["is"] == "first_order"
    assert life["months"][-1]["dormant"] is None
    assert api_client("read").get("/api/v1/analysis/cohorts/?months=7").status_code == 400
