"""After how long customers order again: counted one by one, and opened by rules."""

import math
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from customers.models import Event
from retention.insights.analysis.repurchase import DAYS, repurchase
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
PAGE = reverse("admin:repurchase")
A_DAY = timedelta(days=1)


def waits() -> list[tuple[int, int | None, int]]:
    """(after which order, days until the next or None, days watched), one after the other."""
    orders: dict[int, dict[str, Any]] = {}
    for one in Event.objects.purchases().exclude(customer=None).order_by("occurred_at"):
        orders.setdefault(one.customer_id or 0, {})[one.order_id] = one.occurred_at
    found = []
    for placed in orders.values():
        moments = [*sorted(placed.values()), None]
        for n, (this, later) in enumerate(pairwise(moments), start=1):
            came = math.ceil((later - this) / A_DAY) if later else None
            found.append((min(n, 3), came, (NOW - this) // A_DAY))
    return found


def test_each_day_counts_whom_its_rule_finds() -> None:
    open_shop()
    objector()

    bands = repurchase(at=NOW)

    assert differing(found for band in bands for found in band.waiting.values()) == []


def test_the_curve_is_what_following_each_wait_day_by_day_says() -> None:
    open_shop()
    slowly = waits()

    for band in repurchase(at=NOW):
        surviving = 1.0
        for day in range(366):
            ours = [(came, watched) for after, came, watched in slowly if after == band.after]
            risk = [one for one in ours if day <= (one[1] if one[0] is None else one[0])]
            surviving *= 1 - sum(came == day for came, _ in risk) / len(risk) if risk else 1
            assert band.survival.at_risk[day] == len(risk)
            assert band.survival.surviving[day] == pytest.approx(surviving)
        assert band.waits == sum(after == band.after for after, _, _ in slowly)


def test_lines_of_an_order_are_one_order() -> None:
    who = make.customer()
    for _ in range(3):
        make.event(customer=who, order_id="one", occurred_at=NOW - 20 * A_DAY)

    first, *_ = repurchase(at=NOW)

    assert (first.waits, first.ended) == (1, 0)


def test_an_order_after_years_ends_the_wait_all_the_same() -> None:
    who = make.customer()
    for ago in (1_000, 10):
        make.event(customer=who, occurred_at=NOW - ago * A_DAY)

    first, second, _ = repurchase(at=NOW)

    assert (first.ended, first.waiting[365].count, second.waiting[7].count) == (1, 0, 1)


def test_the_page_says_by_when_half_ordered_and_opens_each_day(
    operator: Client, django_assert_max_num_queries: Any
) -> None:
    still_sending()
    for n in range(20):
        who = make.customer()
        make.event(customer=who, occurred_at=NOW - 90 * A_DAY)
        if n < 11:
            make.event(customer=who, occurred_at=NOW - (90 - 12) * A_DAY)

    with django_assert_max_num_queries(8 + LIMITING):
        page = operator.get(PAGE).content.decode()

    assert "Half have ordered again within 12 days" in page
    assert "Not known yet" not in page
    assert len(links_of(page)) > len(DAYS)


def test_who_may_not_see_customers_is_told_no_small_group(client: Client) -> None:
    still_sending()
    for ago in (400, *[200] * 30, *[100] * 4, *[50] * 12):
        make.event(customer=make.customer(), occurred_at=NOW - ago * A_DAY)
    viewer = make.user(is_superuser=False)
    viewer.user_permissions.add(Permission.objects.get(codename="view_segment"))
    client.force_login(viewer)

    page = client.get(PAGE).content.decode()
    waiting = [cell.partition("</td>")[0] for cell in page.split('<td class="number">')[2::2]]

    # 1 past a year, 31 past half a year, 4 more past 90 days, 12 more past 30 days and less.
    assert waiting == ["47", "47", "47", "hidden", "hidden", "31", "31", "hidden", "hidden"]
    assert links_of(page) == []


def test_a_shop_without_orders_is_told_so(operator: Client) -> None:
    assert "Nobody has ordered yet" in operator.get(PAGE).content.decode()


def test_the_api_tells_the_same() -> None:
    still_sending()
    for _ in range(12):
        make.event(customer=make.customer(), occurred_at=NOW - 40 * A_DAY)

    told = api_client("read").get("/api/v1/analysis/repurchase/").json()

    days = {one["day"]: one for one in told["bands"][0]["days"]}
    assert (days[30]["waiting"]["count"], days[60]["waiting"]["count"]) == (12, 0)
    assert days[30]["ordered_again"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    assert days[60]["ordered_again"] is None
    assert told["bands"][0]["median_days"]["value"] is None
