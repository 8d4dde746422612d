"""The operator's rules: they count from the next answer on."""

from datetime import timedelta
from typing import Any

import pytest

from catalog.models import Product
from customers.models import Customer
from retention.insights.models import (
    ModelVersion,
    RecommendationList,
    RecommendationRule,
    SegmentMembership,
)
from retention.insights.recommendations import Recommendations, Wanted, recommendations_for
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db


def listed(customer: Customer | None, *products: Product) -> None:
    """A list in which each product scores half of the one before."""
    version = ModelVersion.objects.first() or make.model_version(kind="FACTORIZATION")
    items = [
        {"product": product.pk, "score": 2.0**-place, "model": "taste"}
        for place, product in enumerate(products)
    ]
    RecommendationList.objects.create(
        customer=customer, version=version, items=items, computed_at=NOW
    )


def rule(action: str, *products: Product, **fields: Any) -> RecommendationRule:
    made = RecommendationRule.objects.create(
        **({"name": action, "action": action, "created_at": NOW} | fields)
    )
    made.products.set(products)
    return made


def answer(customer: Customer | None = None, *, context: str = "home") -> Recommendations:
    return recommendations_for(customer, Wanted(20, context=context), at=NOW)


def shown(customer: Customer | None = None, *, context: str = "home") -> list[Product]:
    return [each.product for each in answer(customer, context=context).items]


@pytest.fixture
def tea() -> Product:
    return make.product(category=make.category("Food > Tea"), brand="Leaf")


@pytest.fixture
def mug() -> Product:
    return make.product(category=make.category("Kitchen > Mugs"), brand="Clay")


@pytest.fixture
def pot() -> Product:
    return make.product(category=make.category("Kitchen > Pots"), brand="Clay")


def test_a_pinned_product_comes_first_though_no_model_found_it(tea: Product, mug: Product) -> None:
    listed(None, tea)
    rule("PIN", mug)

    first = answer().items[0]

    assert (first.product, first.model, first.because) == (mug, "rule", "Chosen by the shop")


def test_a_pinned_product_that_is_sold_out_is_not_shown(tea: Product, mug: Product) -> None:
    listed(None, tea)
    rule("PIN", mug)
    Product.objects.filter(pk=mug.pk).update(stock=0)

    assert shown() == [tea]


def test_a_hidden_category_is_never_shown_not_even_pinned(
    tea: Product, mug: Product, pot: Product
) -> None:
    listed(None, mug, tea, pot)
    rule("HIDE", category=make.category("Kitchen"))
    rule("PIN", mug)

    assert shown() == [tea]


def test_a_boost_moves_a_brand_by_its_percentage(tea: Product, mug: Product, pot: Product) -> None:
    listed(None, tea, mug, pot)
    rule("BOOST", brand="clay", percent=150)

    assert shown() == [mug, tea, pot]


def test_what_fills_a_list_up_is_never_moved_before_their_own(tea: Product, mug: Product) -> None:
    ada = make.customer()
    listed(ada, tea)
    listed(None, mug)
    rule("BOOST", brand="Leaf", percent=-40)

    assert shown(ada) == [tea, mug]


def test_what_was_bought_lately_is_not_shown_again(tea: Product, mug: Product) -> None:
    ada = make.customer()
    listed(ada, tea, mug)
    make.event(customer=ada, product=tea, occurred_at=NOW - timedelta(days=29))
    make.event(customer=ada, product=mug, occurred_at=NOW - timedelta(days=31))
    rule("NOT_AGAIN", days=30)

    assert shown(ada) == [mug]


def test_a_cap_spreads_the_first_ten_over_categories(tea: Product, mug: Product) -> None:
    cups = [make.product(category=mug.category) for _ in range(3)]
    listed(None, mug, *cups, tea)
    rule("CAP", count=2)

    assert shown() == [mug, cups[0], tea, cups[1], cups[2]]


def test_after_the_first_ten_a_cap_leaves_the_order_as_it_was(tea: Product, mug: Product) -> None:
    cups = [make.product(category=mug.category) for _ in range(2)]
    teas = [make.product() for _ in range(12)]
    listed(None, mug, *cups, *teas)
    rule("CAP", count=2)

    assert shown() == [mug, cups[0], *teas[:8], cups[1], *teas[8:]]


@pytest.mark.parametrize("percent", [-90, 900])
def test_however_far_a_rule_moves_what_fills_up_stays_behind(
    percent: int, tea: Product, mug: Product
) -> None:
    ada = make.customer()
    listed(ada, tea)
    listed(None, mug)
    rule("BOOST", tea if percent < 0 else mug, percent=percent)

    assert shown(ada) == [tea, mug]


def test_a_rule_for_a_segment_is_for_its_customers_alone(tea: Product, mug: Product) -> None:
    ada, bob, loyal = make.customer(), make.customer(), make.segment()
    SegmentMembership.objects.create(segment=loyal, customer=ada, entered_at=NOW)
    listed(None, tea, mug)
    for customer in (ada, bob):
        listed(customer, tea, mug)
    rule("HIDE", tea, segment=loyal)

    assert (shown(ada), shown(bob), shown()) == ([mug], [tea, mug], [tea, mug])


def test_a_rule_for_a_place_counts_there_alone(tea: Product, mug: Product) -> None:
    listed(None, tea, mug)
    rule("HIDE", tea, context="email")

    assert shown(context="email") == [mug]
    assert shown(context="basket") == [tea, mug]


@pytest.mark.parametrize(
    "when",
    [{"enabled": False}, {"starts_at": NOW + timedelta(days=1)}, {"ends_at": NOW}],
)
def test_a_rule_outside_its_days_or_switched_off_does_nothing(
    tea: Product, when: dict[str, Any]
) -> None:
    listed(None, tea)
    rule("HIDE", tea, **when)

    assert shown() == [tea]


def test_rules_cost_the_same_however_many(
    tea: Product, mug: Product, django_assert_max_num_queries: Any
) -> None:
    listed(None, tea)
    for _ in range(30):
        rule("BOOST", tea, mug, percent=10)

    with django_assert_max_num_queries(6):
        assert shown() == [tea]
