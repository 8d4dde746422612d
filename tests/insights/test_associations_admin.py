"""Bought together: the list, the evidence of a rule, and the way to an offer."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from retention.insights.models import AssociationRule, SegmentMembership
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]
RULES = reverse("admin:insights_associationrule_changelist")
CUSTOMERS = reverse("admin:customers_customer_changelist")


def a_rule(**fields: Any) -> AssociationRule:
    tea = make.product(title="Green tea", category=make.category("Pantry > Tea"))
    honey = make.product(external_id="honey-1", title="Honey", category=make.category("Pantry"))
    return make.association_rule(antecedent=(tea,), consequent=honey, **fields)


def page_of(operator: Client, rule: AssociationRule) -> str:
    url = reverse("admin:insights_associationrule_change", args=[rule.pk])
    return " ".join(operator.get(url).content.decode().split())


def listed(operator: Client, **query: str) -> list[int]:
    return [rule.pk for rule in operator.get(RULES, query).context["cl"].result_list]


def half_buyers(rule: AssociationRule, count: int) -> list[str]:
    """So many who bought the one and not the other; their ids."""
    (tea,) = rule.antecedent.all()
    people = [make.customer() for _ in range(count)]
    for who in people:
        make.event(customer=who, product=tea)
    return [who.external_id for who in people]


def test_the_list_says_it_in_words(operator: Client) -> None:
    a_rule()

    seen = operator.get(RULES).content.decode()

    assert "31 of 120 baskets with Green tea also had Honey: 4.2 times as often as usual." in seen


def test_the_list_costs_the_same_whatever_its_length(
    operator: Client, django_assert_max_num_queries: Any
) -> None:
    for _ in range(20):
        make.association_rule()

    with django_assert_max_num_queries(9):
        operator.get(RULES)


def test_rules_are_found_by_product_category_and_kind(operator: Client) -> None:
    tea, mug = a_rule(), make.association_rule(kind="LATER", consequent=make.product(title="Mug"))

    assert listed(operator, q="green") == listed(operator, q="honey-1") == [tea.pk]
    assert listed(operator, category="Pantry") == [tea.pk]
    assert listed(operator, kind__exact="LATER") == [mug.pk]
    assert listed(operator) == [mug.pk, tea.pk]


def test_an_empty_list_says_what_is_needed(operator: Client) -> None:
    assert "a hundred with two products" in operator.get(RULES).content.decode()


def test_a_rules_page_shows_its_evidence(operator: Client) -> None:
    seen = page_of(operator, a_rule())

    assert "18.8% to 34.3%" in seen
    assert "Conviction" in seen
    assert "Baskets as large" in seen
    assert "below 0.0001" in seen


def test_a_later_order_says_how_much_later(operator: Client) -> None:
    seen = page_of(operator, a_rule(kind="LATER"))

    assert "usually 12 days later" in seen
    assert "Three quarters within</dt><dd>20 days" in seen
    assert "The other way round</dt><dd>14 customers" in seen


def test_those_with_one_half_are_counted_and_open_where_they_are_not_few(
    operator: Client,
) -> None:
    rule = a_rule()
    ids = half_buyers(rule, 11)

    seen = page_of(operator, rule)
    found = operator.get(CUSTOMERS, {"rule": rule.pk}).context["cl"].result_list

    assert "<b>11</b> customers bought Green tea and never Honey." in seen
    assert f'href="{CUSTOMERS}?rule={rule.pk}"' in seen
    assert {who.external_id for who in found} == set(ids)


def test_fewer_than_ten_are_neither_counted_nor_named(operator: Client) -> None:
    rule = a_rule()
    half_buyers(rule, 9)

    seen = page_of(operator, rule)
    found = operator.get(CUSTOMERS, {"rule": rule.pk}).context["cl"].result_list

    assert "<b>&lt;10</b> customers" in seen
    assert "?rule=" not in seen.replace(f"campaign/add/?rule={rule.pk}", "")
    assert list(found) == []


@pytest.mark.parametrize("key", ["99", "nonsense", "9" * 40, "-1"])
def test_a_pair_that_is_gone_narrows_nothing(operator: Client, key: str) -> None:
    make.customer()

    assert len(operator.get(CUSTOMERS, {"rule": key}, follow=True).context["cl"].result_list) == 1


def test_the_offer_of_a_pair_is_for_what_follows_and_says_whom_it_suits(operator: Client) -> None:
    rule = a_rule(kind="LATER")
    half_buyers(rule, 12)
    loyal = make.segment(name="Loyal", size=12)
    SegmentMembership.objects.bulk_create(
        SegmentMembership(segment=loyal, customer=who, entered_at=NOW)
        for who in Customer.objects.all()
    )
    draft = reverse("admin:campaigns_campaign_add")

    assert f'href="{draft}?rule={rule.pk}&amp;segment={loyal.pk}"' in page_of(operator, rule)
    seen = operator.get(draft, {"rule": rule.pk, "segment": loyal.pk})

    words = " ".join(seen.content.decode().split())
    form = seen.context["form"]
    assert "12 customers who bought Green tea and never Honey" in words
    assert "most of them are in: Loyal (12)" in words
    assert form.initial["name"] == "Honey for buyers of Green tea"
    assert form.initial["segment"] == str(loyal.pk)
    assert seen.context["offers"].forms[0].initial == {"products": "honey-1", "valid_days": 60}


def test_a_pair_that_is_gone_is_an_empty_form(operator: Client) -> None:
    seen = operator.get(reverse("admin:campaigns_campaign_add"), {"rule": "99"})

    assert (seen.status_code, seen.context["hint"]) == (200, "")
