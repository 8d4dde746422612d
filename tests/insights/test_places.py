"""A list fits its place: the page of a product, a basket, an e-mail."""

from datetime import timedelta
from typing import Any

import pytest

from catalog.models import Product
from customers.models import Customer
from customers.services.consent import record_consents
from retention.insights.models import RecommendationRule, Shown
from retention.insights.recommendations import Recommendations, Wanted, recommendations_for
from tests import make
from tests.insights.test_recommendations import item, listed, pair
from tests.make import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> Customer:
    return make.customer()


@pytest.fixture
def tea() -> Product:
    return make.product(title="Green tea")


def asked(customer: Customer | None, context: str, *beside: Product) -> Recommendations:
    wanted = Wanted(10, context=context, beside=beside)
    return recommendations_for(customer, wanted, at=NOW)


def shown(customer: Customer | None, context: str, *beside: Product) -> list[Product]:
    return [each.product for each in asked(customer, context, *beside).items]


def test_a_basket_is_joined_with_what_goes_with_it_and_never_shown(
    ada: Customer, tea: Product
) -> None:
    """Ada takes the jug by two chances in ten; honey stands in half of the baskets with tea."""
    jug, honey, mug = make.product(), make.product(), make.product()
    listed(ada, item(tea) | {"score": 0.9}, item(jug) | {"score": 0.2}, item(mug) | {"score": 0.1})
    pair(tea, honey, kind="TOGETHER", both=50, of=95)
    pair(tea, mug, kind="TOGETHER", both=20, of=95)
    # What is alike is for another page.
    pair(tea, make.product(), both=90, of=95)

    answer = asked(ada, "basket", tea)

    assert [each.product for each in answer.items] == [honey, mug, jug]
    assert [each.score for each in answer.items] == pytest.approx([0.5, 0.28, 0.2])
    assert [each.because for each in answer.items[:2]] == [
        "Often bought with Green tea: 50 of 95 baskets",
        "Often bought with Green tea: 20 of 95 baskets",
    ]
    assert answer.personalised


def test_each_thing_in_the_basket_has_its_say(ada: Customer, tea: Product) -> None:
    mug, honey, cup = make.product(), make.product(), make.product()
    listed(ada, item(cup) | {"score": 0.01})
    pair(tea, honey, kind="TOGETHER", both=40, of=95)
    for thing in (tea, mug):
        pair(thing, cup, kind="TOGETHER", both=30, of=95)

    assert shown(ada, "basket", tea, mug) == [cup, honey]


def test_a_few_baskets_do_not_outweigh_many(ada: Customer, tea: Product) -> None:
    rare, usual = make.product(), make.product()
    listed(ada, item(make.product()) | {"score": 0.01})
    pair(tea, rare, kind="TOGETHER", both=1, of=1)
    pair(tea, usual, kind="TOGETHER", both=40, of=100)

    assert shown(ada, "basket", tea)[:2] == [usual, rare]


def test_a_products_page_is_joined_with_what_its_customers_took(
    ada: Customer, tea: Product
) -> None:
    mug, pot = make.product(), make.product()
    listed(ada, item(tea), item(mug) | {"score": 0.1})
    pair(tea, pot, both=60, of=95)

    answer = asked(ada, "product", tea)

    assert [each.product for each in answer.items] == [pot, mug]
    assert answer.items[0].reasons[0].name == "similar"


def test_the_home_page_knows_of_no_basket(ada: Customer, tea: Product) -> None:
    mug = make.product()
    listed(ada, item(mug))
    pair(tea, make.product(), kind="TOGETHER")

    assert shown(ada, "home") == [mug]


def test_who_objects_gets_what_everybody_gets_also_with_a_basket(
    ada: Customer, tea: Product
) -> None:
    mug = make.product()
    listed(None, item(tea, "popularity"), item(mug, "popularity"))
    pair(tea, make.product(), kind="TOGETHER")
    record_consents({(ada.pk, "RECOMMENDATION"): False}, source="test", at=NOW)

    assert shown(ada, "basket", tea) == [mug]


def test_a_stranger_with_a_basket_is_shown_what_goes_with_it(tea: Product) -> None:
    honey, mug = make.product(), make.product()
    listed(None, item(tea, "popularity"), item(mug, "popularity"))
    pair(tea, honey, kind="TOGETHER")

    answer = asked(None, "basket", tea)

    assert [each.product for each in answer.items] == [honey, mug]
    assert not answer.personalised


def test_a_pinned_product_is_not_offered_to_who_has_it_in_the_basket(tea: Product) -> None:
    rule = RecommendationRule.objects.create(name="Tea", action="PIN", created_at=NOW)
    rule.products.add(tea)

    assert shown(None, "home") == [tea]
    assert shown(None, "basket", tea) == []


def mailed(customer: Customer, product: Product, **fields: Any) -> None:
    given = {"recommendation_id": f"{product.pk}", "place": 1, "model": "taste"}
    given |= {"context": "email", "answered_at": NOW, "seen_at": NOW - timedelta(days=3)}
    Shown.objects.create(customer=customer, product=product, **(given | fields))


def test_an_email_begins_with_what_the_last_ones_did_not_show(ada: Customer, tea: Product) -> None:
    mug, pot, cup = make.product(), make.product(), make.product()
    listed(ada, *map(item, (tea, mug, pot, cup)))
    mailed(ada, tea)
    mailed(ada, mug, seen_at=NOW - timedelta(days=15))
    mailed(ada, pot, context="home")
    mailed(make.customer(), cup)

    assert shown(ada, "email") == [mug, pot, cup, tea]
    assert shown(ada, "home") == [tea, mug, pot, cup]


def test_a_place_costs_two_queries_more_at_most(
    ada: Customer, tea: Product, django_assert_max_num_queries: Any
) -> None:
    listed(ada, *(item(make.product()) for _ in range(10)))
    for _ in range(10):
        pair(tea, make.product(), kind="TOGETHER")

    with django_assert_max_num_queries(9):
        assert len(shown(ada, "basket", tea)) == 10
