"""What goes together: each group counts whom its rule finds, and chance is among equals."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from retention.insights.analysis.affinity import affinity_map
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
PAGE = reverse("admin:affinity")


def buyers(many: int, *paths: str) -> list[Customer]:
    """Customers who bought from these categories, all in one order."""
    made = [make.customer() for _ in range(many)]
    goods = [make.product(category=make.category(path)) for path in paths]
    for who in made:
        for product in goods:
            make.event(
                customer=who,
                product=product,
                order_id=f"o{who.pk}",
                occurred_at=NOW - timedelta(days=9),
            )
    return made


def test_each_group_counts_whom_its_rule_finds() -> None:
    open_shop(customers=90)
    objector()

    for level in (1, 2):
        told = affinity_map(at=NOW, days=365, level=level)

        groups = [(one.both, one.only_first, one.only_second, one.neither) for one in told.pairs]
        assert told.level == level
        assert differing([*told.buyers, *(found for four in groups for found in four)]) == []
        assert {sum(found.count for found in four) for four in groups} == {told.people}


def test_a_category_holds_those_inside_it_at_its_level() -> None:
    buyers(3, "Tea > Green", "Tea > Black > Loose", "Garden")
    buyers(1, "Garden > Pots")

    first, second = (affinity_map(at=NOW, days=30, level=level) for level in (1, 2))

    assert first.levels == [1, 2]
    assert [(p, n.count) for p, n in zip(first.categories, first.buyers, strict=True)] == [
        ("Garden", 4),
        ("Tea", 3),
    ]
    assert second.categories == ["Tea > Black", "Tea > Green", "Garden > Pots"]


def test_without_a_level_it_is_the_first_with_several_categories() -> None:
    buyers(2, "Shop > Tea", "Shop > Mugs")

    assert affinity_map(at=NOW, days=30).categories == ["Shop > Mugs", "Shop > Tea"]


def test_what_goes_together_is_beyond_chance(operator: Client) -> None:
    still_sending()
    buyers(30, "Tea", "Mugs")
    buyers(30, "Garden")
    buyers(12, "Tea", "Garden")

    garden_tea, garden_mugs, tea_mugs = affinity_map(at=NOW, days=30).pairs
    page = operator.get(PAGE, {"days": 30}).content.decode()

    assert [one.is_beyond_chance for one in (garden_tea, garden_mugs, tea_mugs)] == [True] * 3
    assert tea_mugs.lift
    assert tea_mugs.lift.value == pytest.approx(30 * 72 / (42 * 30))
    assert "1.71×" in page
    assert len(links_of(page)) == 9


def test_a_clicked_pair_is_shown_with_its_four_groups(
    operator: Client, django_assert_max_num_queries: Any
) -> None:
    still_sending()
    buyers(20, "Tea > Green")
    buyers(15, "Mugs & more", "Tea > Green")

    with django_assert_max_num_queries(10 + LIMITING):
        page = operator.get(PAGE, {"a": "Tea", "b": "Mugs & more"}).content.decode()

    pair = page.partition('id="pair"')[2]
    assert "<h2>Tea and Mugs &amp; more</h2>" in pair
    assert ["20" in pair, "15" in pair, "35" in pair] == [True] * 3


def test_who_may_not_see_customers_is_told_no_small_group(client: Client) -> None:
    still_sending()
    buyers(20, "Tea")
    buyers(20, "Mugs")
    buyers(4, "Tea", "Mugs")
    viewer = make.user(is_superuser=False)
    viewer.user_permissions.add(Permission.objects.get(codename="view_segment"))
    client.force_login(viewer)

    page = client.get(PAGE).content.decode()

    assert page.count("hidden") > 3
    assert "×" not in page.partition("<footer>1.50×")[0]
    assert not any(f"<b>{n}</b>" in page for n in range(1, 10))
    assert links_of(page) == []


@pytest.mark.parametrize("asked", [{}, {"level": "²"}, {"level": "9", "a": "x", "days": "0"}])
def test_where_there_are_no_two_categories_the_page_says_so(
    operator: Client, asked: dict[str, str]
) -> None:
    buyers(2, "Tea")

    assert "no two categories" in operator.get(PAGE, asked).content.decode()


def test_the_api_tells_the_same() -> None:
    still_sending()
    buyers(30, "Tea", "Mugs")
    buyers(30, "Garden")
    buyers(12, "Tea", "Garden")
    buyers(2, "Mugs", "Garden")

    told = api_client("read").get("/api/v1/analysis/affinity/?days=30&level=1").json()

    pairs = {(one["first"], one["second"]): one for one in told["pairs"]}
    assert pairs["Garden", "Tea"]["both"]["count"] == 12
    assert pairs["Garden", "Tea"]["lift"]["high"] < 1
    assert pairs["Garden", "Mugs"]["both"] == {
        "count": 2,
        "shown": "2",
        "rule": pairs["Garden", "Mugs"]["both"]["rule"],
    }
    assert [one["category"] for one in told["categories"]] == ["Garden", "Tea", "Mugs"]
