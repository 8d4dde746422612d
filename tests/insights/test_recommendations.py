"""What a customer is shown: the stored list against the catalogue of this moment."""

from datetime import timedelta
from typing import Any

import pytest

from catalog.models import Category, Product
from customers.models import Customer
from customers.services.consent import record_consents
from retention.insights.beside import goes_with, similar_to
from retention.insights.models import ModelVersion, ProductPair, RecommendationList
from retention.insights.recommendations import (
    Recommendations,
    Wanted,
    recommendations_for,
)
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def version() -> ModelVersion:
    return ModelVersion.objects.first() or make.model_version(kind="FACTORIZATION")


def item(product: Product, model: str = "taste", **evidence: Any) -> dict[str, Any]:
    return {"product": product.pk, "score": 0.5, "model": model} | evidence


def listed(customer: Customer | None, *items: dict[str, Any]) -> RecommendationList:
    return RecommendationList.objects.create(
        customer=customer, version=version(), items=list(items), computed_at=NOW
    )


def pair(product: Product, other: Product, **fields: Any) -> ProductPair:
    given = {"score": 0.4, "both": 31, "of": 120, "version": version()}
    return ProductPair.objects.create(product=product, other=other, **(given | fields))


def answered(customer: Customer | None, **asked: Any) -> Recommendations:
    return recommendations_for(customer, Wanted(**({"limit": 10} | asked)), at=NOW)


def shown(customer: Customer | None, **asked: Any) -> list[Product]:
    return [each.product for each in answered(customer, **asked).items]


def test_the_own_list_comes_first_and_is_filled_up_with_what_sells() -> None:
    ada, tea, mug, pot = make.customer(), make.product(), make.product(), make.product()
    listed(ada, item(tea))
    listed(None, item(tea, "popularity"), item(mug, "popularity"), item(pot, "popularity"))

    assert shown(ada, limit=2) == [tea, mug]
    assert answered(ada, limit=2).personalised


def test_without_consent_the_list_is_everybodys_and_says_so() -> None:
    ada, tea, mug = make.customer(), make.product(), make.product()
    listed(ada, item(tea))
    listed(None, item(mug, "popularity"))

    record_consents({(ada.pk, "RECOMMENDATION"): False}, source="test", at=NOW)

    assert shown(ada) == [mug]
    assert not answered(ada, limit=1).personalised


def test_a_stranger_is_shown_what_sells() -> None:
    mug = make.product()
    listed(None, item(mug, "popularity"))

    assert shown(None) == [mug]
    assert answered(None, limit=1).computed_at == NOW


def test_before_anything_was_computed_the_answer_is_empty() -> None:
    answer = answered(make.customer(), limit=5)

    assert (answer.items, answer.personalised, answer.computed_at) == ([], False, None)


def test_a_shop_without_a_model_shows_what_was_bought_lately() -> None:
    mug, pot, gone = make.product(), make.product(), make.product(sellable=False)
    for product in (pot, mug, pot, gone, gone, gone):
        make.event(product=product)

    answer = answered(make.customer(), limit=5)

    assert [(each.product, each.score, each.model) for each in answer.items] == [
        (pot, 2.0, "recent_popularity"),
        (mug, 1.0, "recent_popularity"),
    ]
    assert {each.because for each in answer.items} == {"Popular lately"}
    assert not answer.personalised


def test_purchases_say_more_than_visits_and_visits_more_than_nothing() -> None:
    mug, pot = make.product(), make.product()
    make.event(kind="VIEW", product=pot, order_id="", amount=None)
    assert shown(None) == [pot]

    make.event(product=mug)
    assert shown(None) == [mug]


def test_only_the_latest_events_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("retention.insights.lately.LATEST", 2)
    mug, pot = make.product(), make.product()
    for days in (9, 8, 7):
        make.event(product=mug, occurred_at=NOW - timedelta(days=days))
    make.event(product=pot)
    make.event(product=pot)

    assert shown(None) == [pot]


def test_who_objected_has_no_say_in_what_is_popular() -> None:
    ada, mug, pot = make.customer(), make.product(), make.product()
    make.event(product=mug, customer=ada)
    make.event(product=mug, customer=ada)
    make.event(product=pot, customer=make.customer())
    record_consents({(ada.pk, "RECOMMENDATION"): False}, source="test", at=NOW)

    assert shown(ada) == [pot]


@pytest.mark.parametrize("change", [{"sellable": False}, {"stock": 0}, {"stock": -2}])
def test_what_may_not_be_sold_is_gone_with_the_commit(change: dict[str, Any]) -> None:
    ada, tea, mug = make.customer(), make.product(), make.product(stock=1)
    listed(ada, item(tea), item(mug))

    Product.objects.filter(pk=tea.pk).update(**change)

    assert shown(ada) == [mug]


def test_a_category_holds_its_own_products_and_those_of_the_categories_below() -> None:
    kitchen, mugs = make.category("Kitchen"), make.category("Kitchen > Mugs")
    kit = make.category("Kitchenware")
    pan, mug, other = (make.product(category=c) for c in (kitchen, mugs, kit))
    listed(None, item(other), item(mug), item(pan))

    assert shown(None, category="Kitchen") == [mug, pan]


def of_category(category: Category, *items: dict[str, Any]) -> None:
    RecommendationList.objects.create(
        category=category, version=version(), items=list(items), computed_at=NOW
    )


def test_a_category_that_a_list_hardly_knows_is_filled_from_its_own_best_sellers() -> None:
    ada, mugs = make.customer(), make.category("Kitchen > Mugs")
    mine, sold, gone, other = (make.product(category=mugs) for _ in range(4))
    Product.objects.filter(pk=gone.pk).update(stock=0)
    listed(ada, item(make.product()), item(mine))
    of_category(mugs, *(item(one, "popularity") for one in (gone, sold, mine)))
    listed(None, item(make.product(), "popularity"), item(other, "popularity"))

    items = answered(ada, category="Kitchen > Mugs").items

    assert [(each.product, each.fill) for each in items] == [
        (mine, False),
        (sold, True),
        (other, True),
    ]
    assert [each.because for each in items[1:]] == [
        "Popular lately in Kitchen > Mugs",
        "Popular lately",
    ]


def test_a_strangers_category_is_led_by_its_own_best_sellers() -> None:
    mugs = make.category("Kitchen > Mugs")
    first, second = make.product(category=mugs), make.product(category=mugs)
    of_category(mugs, item(first, "popularity"))
    listed(None, item(second, "popularity"))

    answer = answered(None, category="Kitchen > Mugs")

    assert [(each.product, each.fill) for each in answer.items] == [(first, True), (second, True)]


def test_where_nothing_is_similar_what_is_popular_says_that_it_fills() -> None:
    mug, jug = make.product(), make.product()
    listed(None, item(jug, "popularity"))

    (found,) = similar_to(mug, limit=5, at=NOW)

    assert (found.product, found.because, found.fill) == (jug, "Popular lately", True)


def test_what_is_popular_in_a_customers_own_list_is_said_to_be_found_for_nobody() -> None:
    ada, mug, jug = make.customer(), make.product(), make.product()
    listed(ada, item(mug, "popularity"), item(jug))

    assert [(one.product, one.fill) for one in answered(ada).items] == [(mug, True), (jug, False)]


def test_a_shop_without_a_model_counts_a_categorys_own_events(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("retention.insights.lately.LATEST", 2)
    mug = make.product(category=make.category("Kitchen > Mugs"))
    make.event(product=mug, occurred_at=NOW - timedelta(days=9))
    for _ in range(3):
        make.event(product=make.product())

    assert shown(None, category="Kitchen") == [mug]


@pytest.mark.parametrize(("days_ago", "is_shown"), [(0, False), (2, False), (3, True), (20, True)])
def test_what_was_bought_just_now_rests_for_a_tenth_of_its_usual_gap(
    days_ago: int, is_shown: bool
) -> None:
    ada, tea, mug = make.customer(), make.product(), make.product()
    bought = {"times": 3, "days_ago": days_ago, "gap_days": 28}
    listed(ada, item(tea, "buy_again", bought=bought), item(mug))
    # Nor does it come back as what everyone buys.
    listed(None, item(tea, "popularity"))

    assert shown(ada) == ([tea, mug] if is_shown else [mug])


def test_a_list_of_some_days_ago_counts_the_days_since() -> None:
    ada, tea = make.customer(), make.product()
    bought = {"times": 3, "days_ago": 1, "gap_days": 28}
    listed(ada, item(tea, "buy_again", bought=bought))

    (only,) = recommendations_for(ada, Wanted(1), at=NOW + timedelta(days=4)).items

    assert only.because.startswith("Bought 3 times, last 5 days ago")


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        ({"model": "popularity"}, "Popular lately"),
        ({"model": "taste"}, "Fits their taste"),
        (
            {"model": "buy_again", "bought": {"times": 3, "days_ago": 20, "gap_days": 28}},
            "Bought 3 times, last 20 days ago, usually again after about 28 days",
        ),
        (
            {"model": "taste", "bought": {"times": 1, "days_ago": 9, "gap_days": 30}},
            "Bought once, 9 days ago, usually again after about 30 days, so not due yet",
        ),
    ],
)
def test_each_product_says_why_in_words(evidence: dict[str, Any], words: str) -> None:
    listed(None, item(make.product(), **evidence))

    assert answered(None, limit=1).items[0].because == words


def test_because_of_another_product_comes_with_its_numbers() -> None:
    ada, tea, mug = make.customer(), make.product(title="Green tea"), make.product()
    pair(tea, mug)
    listed(ada, item(mug, "neighbours", because=tea.pk))

    (only,) = answered(ada, limit=1).items

    assert only.because == "Goes with Green tea: 31 of 120 who bought it bought this too"


def test_a_list_costs_the_same_however_long(django_assert_num_queries: Any) -> None:
    ada, tea = make.customer(), make.product()
    goods = [make.product() for _ in range(20)]
    listed(ada, *(item(product, "neighbours", because=tea.pk) for product in goods))
    listed(None, *(item(product, "popularity") for product in goods))

    with django_assert_num_queries(8):
        assert len(shown(ada, limit=20)) == 20


def test_similar_products_are_the_nearest_that_can_be_sold() -> None:
    tea = make.product(title="Green tea")
    near, far, gone, sold_out = make.product(), make.product(), make.product(), make.product()
    Product.objects.filter(pk=gone.pk).update(sellable=False)
    Product.objects.filter(pk=sold_out.pk).update(stock=0)
    pair(tea, far, score=0.1)
    pair(tea, near, score=0.9)
    pair(tea, gone, score=1.0)
    pair(tea, sold_out, score=1.0)

    similar = similar_to(tea, limit=10, at=NOW)

    assert [each.product for each in similar] == [near, far]
    assert similar[0].because == "31 of 120 who bought Green tea bought this too"


def test_similar_products_cost_four_queries(django_assert_num_queries: Any) -> None:
    tea = make.product()
    for _ in range(5):
        pair(tea, make.product())

    with django_assert_num_queries(4):
        assert len(similar_to(tea, limit=4, at=NOW)) == 4


def test_what_goes_with_a_product_is_counted_in_baskets() -> None:
    tea, pot, mug = make.product(title="Green tea"), make.product(), make.product()
    pair(tea, mug)
    pair(tea, pot, kind="TOGETHER")

    (only,) = goes_with(tea, limit=1, at=NOW)

    assert (only.product, only.model) == (pot, "baskets")
    assert only.because == "Often bought with Green tea: 31 of 120 baskets"


def test_what_goes_with_a_product_is_filled_with_what_is_like_it_and_says_so() -> None:
    mugs = make.category("Kitchen > Mugs")
    mug, cup, jug = (make.product(category=mugs) for _ in range(3))
    tea, pot = make.product(), make.product(category=make.category("Kitchen > Pots"))
    pair(mug, tea, kind="TOGETHER", score=0.01)
    pair(mug, cup)
    # Of another category: neither like it nor bought with it.
    pair(mug, pot)
    of_category(mugs, item(mug, "popularity"), item(jug, "popularity"))

    found = goes_with(mug, limit=5, at=NOW)

    assert [(each.product, each.model, each.fill) for each in found] == [
        (tea, "baskets", False),
        (cup, "neighbours", True),
        (jug, "popularity", True),
    ]


def test_similar_products_are_filled_with_the_best_sellers_of_the_category() -> None:
    mugs = make.category("Kitchen > Mugs")
    mug, cup, jug = (make.product(category=mugs) for _ in range(3))
    pair(mug, cup)
    of_category(mugs, *(item(one, "popularity") for one in (mug, cup, jug)))

    found = similar_to(mug, limit=5, at=NOW)

    assert [(each.product, each.fill) for each in found] == [(cup, False), (jug, True)]
    assert [each.product for each in similar_to(mug, limit=1, at=NOW)] == [cup]


def test_where_baskets_say_nothing_what_is_alike_goes_with_it() -> None:
    tea, mug = make.product(), make.product()
    pair(tea, mug)

    assert [each.product for each in goes_with(tea, limit=5, at=NOW)] == [mug]
