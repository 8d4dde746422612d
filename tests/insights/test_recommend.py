from typing import Any

import pytest

from catalog.models import Category, Product
from customers.models import Customer, Event
from customers.services.consent import record_consents
from retention.insights.models import ModelVersion, ProductPair, RecommendationList
from retention.insights.recommendations import Wanted, recommendations_for
from retention.insights.services.recommend import NothingServes, recommend_to_everyone
from retention.insights.tastes import KEPT
from tests import make
from tests.insights import world

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("learned"),
]


def own() -> Any:
    return RecommendationList.objects.exclude(customer=None)


def stored() -> list[Any]:
    rows = RecommendationList.objects.order_by("customer", "category")
    return list(rows.values_list("customer", "items", "computed_at"))


def test_everyone_who_bought_and_may_be_profiled_has_a_list_and_nobody_else() -> None:
    buyers = Customer.objects.consenting("RECOMMENDATION").filter(
        pk__in=Event.objects.filter(kind="PURCHASE").values("customer")
    )

    assert set(own().values_list("customer", flat=True)) == set(buyers.values_list("pk", flat=True))


def test_there_is_one_common_list_of_what_sells_and_one_of_each_category() -> None:
    common = RecommendationList.objects.get(customer=None, category=None)

    assert {item["model"] for item in common.items} == {"popularity"}
    assert len(common.items) == Product.objects.count() == 60
    filled = Category.objects.filter(pk__in=Product.objects.values("category"))
    assert set(of_categories().values_list("category", flat=True)) >= set(
        filled.values_list("pk", flat=True)
    )


def of_categories() -> Any:
    return RecommendationList.objects.exclude(category=None)


def test_a_categorys_list_holds_what_sells_there_and_below() -> None:
    order = RecommendationList.objects.get(customer=None, category=None).items

    for row in of_categories().select_related("category"):
        inside = set(Product.objects.below(row.category.path).values_list("pk", flat=True))
        sells = [item for item in order if item["product"] in inside]
        assert [item["product"] for item in row.items] == [item["product"] for item in sells]
        assert row.items[0]["score"] == pytest.approx(sells[0]["score"], rel=1e-4)


def test_lists_are_longer_than_what_is_shown_and_name_nothing_twice() -> None:
    lists = [[item["product"] for item in row.items] for row in own()]

    assert {len(items) for items in lists} == {KEPT}
    assert all(len(set(items)) == len(items) for items in lists)


def test_several_models_have_their_say_and_give_their_evidence() -> None:
    items = [item for row in own() for item in row.items]

    assert {item["model"] for item in items} >= {"buy_again", "neighbours"}
    assert all(item["bought"]["times"] >= 1 for item in items if item["model"] == "buy_again")


def test_what_was_bought_is_told_as_it_was() -> None:
    row = own().order_by("pk")[0]
    told = next(item for item in row.items if "bought" in item)

    days = Event.objects.filter(
        customer=row.customer, product=told["product"], kind="PURCHASE"
    ).dates("occurred_at", "day")

    assert told["bought"]["times"] == len(days)


def test_computed_twice_the_lists_are_the_same() -> None:
    before = stored()

    recommend_to_everyone(at=world.END)

    assert stored() == before


def test_who_objects_loses_the_list_also_as_of_the_same_moment() -> None:
    who = own()[0].customer_id
    record_consents({(who, "RECOMMENDATION"): False}, source="test", at=world.END)

    recommend_to_everyone(at=world.END)

    assert not own().filter(customer=who).exists()


def test_a_withdrawn_product_makes_room_in_every_list() -> None:
    gone = own()[0].items[0]["product"]
    Product.objects.filter(pk=gone).update(sellable=False)

    recommend_to_everyone(at=world.END)

    assert not [row for row in own() if gone in {item["product"] for item in row.items}]
    assert {len(row.items) for row in own()} == {KEPT}


def test_pairs_say_how_many_customers_had_both() -> None:
    pair = ProductPair.objects.order_by("-score", "pk")[0]
    allowed = Customer.objects.consenting("RECOMMENDATION")
    bought = Event.objects.filter(kind="PURCHASE", customer__in=allowed)
    first, second = (
        set(bought.filter(product=product).values_list("customer", flat=True))
        for product in (pair.product, pair.other)
    )

    assert (pair.both, pair.of) == (len(first & second), len(first))


def test_no_product_is_a_pair_with_itself() -> None:
    pairs = ProductPair.objects.values_list("product", "other")

    assert len(pairs) > 100
    assert not [1 for one, other in pairs if one == other]


def test_a_customer_without_a_past_is_shown_what_sells_and_told_so() -> None:
    shown = recommendations_for(make.customer(), Wanted(5), at=world.END)

    assert (shown.personalised, len(shown.items)) == (False, 5)
    assert {item.because for item in shown.items} == {"Popular lately"}


def test_without_a_model_it_says_what_to_do() -> None:
    ModelVersion.objects.update(state="ARCHIVED")

    with pytest.raises(NothingServes, match="Train one first"):
        recommend_to_everyone(at=world.END)
