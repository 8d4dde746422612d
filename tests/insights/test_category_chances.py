"""What customers are likely to buy next: learned at night, told on the page, by API, in rules."""

import pytest
from django.urls import reverse

from retention.insights.conditions.asking import customers_of
from retention.insights.conditions.tree import NotSound, read_rule
from retention.insights.conditions.wording import in_words
from retention.insights.foreseeing import LEAST
from retention.insights.models import CategoryChance
from retention.insights.services.merge import merge_customers
from retention.insights.services.time_contacts import time_contacts
from tests import make
from tests.campaigns.test_admin import operator
from tests.customers.sending import client
from tests.insights import world
from tests.make import NOW

pytestmark = pytest.mark.django_db


def test_a_night_tells_the_chances_of_the_shops_categories_and_how_good_they_are() -> None:
    world.open_shop()

    said = time_contacts(at=world.END)

    assert said["category_chances"] == CategoryChance.objects.count() > 100
    assert (
        "nearer to what they bought than everyone’s share (log loss −" in said["category_verdict"]
    )
    assert all(LEAST <= one.probability <= 1 for one in CategoryChance.objects.all())


def test_the_api_and_the_page_tell_the_likeliest_first() -> None:
    time = make.send_time()
    make.category_chance(customer=time.customer, category=make.category("Tea"), probability=0.2)
    make.category_chance(customer=time.customer, probability=0.62, usual=0.21)

    told = client().get(f"/api/v1/customers/{time.customer}/timing/").json()["categories"]
    page = operator().get(reverse("admin:customer", args=[time.customer.pk])).content.decode()

    assert told[0] == {
        "category": "Kitchen > Mugs",
        "probability": 0.62,
        "usual": 0.21,
        "days": 30,
    }
    assert "<dt>Kitchen &gt; Mugs</dt><dd>62% (usually 21%)</dd><dt>Tea</dt>" in page


def test_a_rule_finds_the_likely_and_says_of_which_categories_it_knows() -> None:
    likely = make.category_chance(probability=0.6)
    make.category_chance(probability=0.3)
    make.category("Tea")
    rule = {"is": "likely_category", "category": "Kitchen > Mugs", "at_least": 0.5}

    read = read_rule(rule)

    assert [*customers_of(read, at=NOW)] == [likely.customer]
    assert in_words(read) == "is likely to buy from Kitchen > Mugs within 30 days (50% or more)"
    with pytest.raises(NotSound, match=r"No chances are told of Tea. They are of Kitchen > Mugs."):
        read_rule(rule | {"category": "Tea"})


def test_two_made_one_keep_no_chance_of_the_other() -> None:
    kept, other = make.customer(), make.category_chance().customer

    merge_customers(kept, other, by="ada", reason="", at=NOW)

    assert not CategoryChance.objects.exists()
