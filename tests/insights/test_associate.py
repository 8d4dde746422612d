"""From the rules that serve to the rows that people read."""

from typing import Any

import numpy as np
import pytest

from catalog.models import Product
from customers.services.consent import record_consents
from retention.insights import artifacts
from retention.insights.half_pairs import count_half_buyers, half_buyers
from retention.insights.models import AssociationRule, Kind, ModelVersion, SegmentMembership
from retention.insights.services.associate import associate_products
from retention.insights.wording import rule_in_words
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("models")]


def serve(tea: Product, honey: Product, mug: Product) -> ModelVersion:
    """Two rules within a basket, the second of two products, and one from an order to a later."""
    arrays = {
        "basket.antecedent": np.array([[tea.pk, -1], [tea.pk, mug.pk]]),
        "basket.consequent": np.array([honey.pk, honey.pk]),
        "basket.both": np.array([31, 10]),
        "basket.of": np.array([120, 10]),
        "basket.having": np.array([40, 40]),
        "basket.expected": np.array([9.5, 2.0]),
        "basket.customers": np.array([28, 10]),
        "basket.q": np.array([1e-6, 0.04]),
        "later.first": np.array([tea.pk]),
        "later.then": np.array([mug.pk]),
        "later.both": np.array([96]),
        "later.of": np.array([412]),
        "later.expected": np.array([48.0]),
        "later.back": np.array([20]),
        "later.gap": np.array([[5.0, 12.2, 20.0]]),
        "later.q": np.array([0.001]),
    }
    parameters = {"baskets": 1000, "customers": 900, "within_days": 60}
    stored = artifacts.store("baskets", parameters=parameters, arrays=arrays)
    return make.model_version(
        kind=Kind.BASKETS, state="CHAMPION", path=stored.path, checksum=stored.checksum
    )


@pytest.fixture
def goods() -> list[Product]:
    return [make.product(title=title) for title in ("Green tea", "Honey", "Mug")]


def said() -> list[str]:
    return [rule_in_words(rule) for rule in AssociationRule.objects.whole().order_by("-pk")]


def test_rules_are_written_in_words_that_say_the_evidence(goods: list[Product]) -> None:
    serve(*goods)

    assert associate_products() == 3

    assert said() == [
        "31 of 120 baskets with Green tea also had Honey: 6.5 times as often as usual.",
        (
            "96 of 412 customers who bought Green tea bought Mug in a later order within 60 days:"
            " 2.0 times as often as usual, usually 12 days later."
        ),
        "10 of 10 baskets with Green tea and Mug also had Honey: 25 times as often as usual.",
    ]


def test_a_rule_that_never_failed_has_no_conviction(goods: list[Product]) -> None:
    serve(*goods)

    associate_products()

    never, sometimes = AssociationRule.objects.filter(kind="BASKET").order_by("pk")
    assert (never.confidence, never.conviction) == (1.0, None)
    assert sometimes.conviction == pytest.approx((1 - 0.04) / (1 - 31 / 120))


def test_written_again_the_rules_are_the_same_and_those_from_before_are_gone(
    goods: list[Product],
) -> None:
    serve(*goods)
    make.association_rule()
    associate_products()
    first = said()

    associate_products()

    assert said() == first


def test_what_is_withdrawn_is_in_no_rule(goods: list[Product]) -> None:
    serve(*goods)
    Product.objects.filter(title="Mug").update(sellable=False)

    assert associate_products() == 1


def test_without_a_version_that_serves_what_is_there_stays() -> None:
    make.association_rule(version=make.model_version(kind=Kind.BASKETS, state="ARCHIVED"))

    assert associate_products() == 0
    assert AssociationRule.objects.count() == 1


def test_a_version_whose_rules_are_shown_is_not_removed() -> None:
    rule = make.association_rule()
    ModelVersion.objects.update(state="ARCHIVED")

    assert not ModelVersion.objects.unused().filter(pk=rule.version_id).exists()


def buy(who: int, *products: Product) -> None:
    for product in products:
        make.event(customer_id=who, product=product)


def test_half_a_pair_is_the_antecedent_whole_and_the_consequent_never(
    goods: list[Product],
) -> None:
    tea, honey, mug = goods
    rule = make.association_rule(antecedent=(tea, mug), consequent=honey)
    both, one, all_three, looked, objects, till = (make.customer().pk for _ in range(6))
    buy(both, tea, mug, tea)
    buy(one, tea)
    buy(all_three, tea, mug, honey)
    buy(looked, tea)
    make.event(customer_id=looked, product=mug, kind="VIEW", order_id="")
    buy(objects, tea, mug)
    buy(till, tea, mug)
    make.data_cleaning(kind="EXCLUDE", customer_id=till)
    record_consents({(objects, "ANALYTICS"): False}, source="test", at=NOW)

    found = half_buyers(AssociationRule.objects.whole().get(pk=rule.pk))

    assert list(found.values_list("pk", flat=True)) == [both]


def test_no_small_group_of_half_buyers_follows_from_the_others(
    goods: list[Product], django_assert_num_queries: Any
) -> None:
    rule = make.association_rule(antecedent=(goods[0],), consequent=goods[1])
    for name, many in (("Loyal", 30), ("New", 20), ("Asleep", 2)):
        segment = make.segment(name=name, kind="RFM", key=name)
        for _ in range(many):
            who = make.customer()
            buy(who.pk, goods[0])
            SegmentMembership.objects.create(segment=segment, customer=who, entered_at=NOW)
    rule = AssociationRule.objects.whole().get(pk=rule.pk)

    with django_assert_num_queries(2):
        halves = count_half_buyers(rule)

    assert halves.count == 52
    assert [(group.segment.name, group.count) for group in halves.groups] == [("Loyal", 30)]


def test_few_are_not_counted_out(goods: list[Product]) -> None:
    rule = make.association_rule(antecedent=(goods[0],), consequent=goods[1])
    for _ in range(9):
        buy(make.customer().pk, goods[0])

    nine = count_half_buyers(rule)
    buy(make.customer().pk, goods[0])
    ten = count_half_buyers(rule)

    assert (nine.words, nine.is_small) == ("<10", True)
    assert (ten.words, ten.is_small) == ("10", False)
