"""The list of customers: what is expected of each stands beside them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Consent, CustomerContact, CustomerIdentity
from retention.insights.models import SegmentMembership
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
CUSTOMERS = reverse("admin:customers_customer_changelist")
AT_RISK = reverse("admin:insights_churnscore_changelist")


def seen(operator: Client) -> str:
    return " ".join(operator.get(CUSTOMERS).content.decode().split())


def found(operator: Client, **query: str) -> list[Any]:
    rows = operator.get(CUSTOMERS, query).context["cl"].result_list
    return [customer.external_id for customer in rows]


def at_risk(operator: Client, term: str) -> list[Any]:
    rows = operator.get(AT_RISK, {"q": term}).context["cl"].result_list
    return [score.customer.external_id for score in rows]


def test_a_customer_has_name_risk_segment_and_worth_beside_the_id(operator: Client) -> None:
    bounds = {"predicted_clv_low": 4_000, "predicted_clv_high": 26_000}
    ada = make.churn_score(predicted_clv=12_300, **bounds).customer
    CustomerContact.objects.create(customer=ada, name="Ada Byron")
    loyal = make.segment(name="Loyal")
    SegmentMembership.objects.create(segment=loyal, customer=ada, entered_at=NOW)

    page = seen(operator)

    for words in (ada.external_id, "Ada Byron", "80% High risk", "Loyal", "£123.00", "£40 to £260"):
        assert words in page


def test_whoever_objected_to_analytics_has_no_risk_here_either(operator: Client) -> None:
    ada = make.churn_score().customer
    Consent.objects.filter(customer=ada, purpose="ANALYTICS").update(granted=False)

    assert "High risk</span>" not in seen(operator)
    assert found(operator, band="HIGH") == []


def test_the_list_narrows_to_a_band_and_to_a_segment(operator: Client) -> None:
    high = make.churn_score().customer
    low = make.churn_score(churn_band="LOW", churn_probability=0.1).customer
    loyal = make.segment(name="Loyal", key="loyal")
    SegmentMembership.objects.create(segment=loyal, customer=low, entered_at=NOW)

    assert found(operator, band="HIGH") == [high.external_id]
    assert found(operator, segment="loyal") == [low.external_id]
    assert found(operator, band="nonsense") == [low.external_id, high.external_id]


@pytest.mark.parametrize("term", ["ada b", "Byron", "byr"])
def test_a_customer_is_found_by_the_beginning_of_each_name(operator: Client, term: str) -> None:
    ada, bob = make.customer(), make.customer()
    CustomerContact.objects.create(customer=ada, name="Ada Byron")
    CustomerContact.objects.create(customer=bob, name="Bob Abyron")

    assert found(operator, q=term) == [ada.external_id]


@pytest.mark.parametrize("term", ["ada", "Byron", "k-7", "d41d8", "countess", "Countess@ex"])
def test_both_lists_take_what_a_customer_is_shown_by(operator: Client, term: str) -> None:
    ada = make.customer(external_id="k-7")
    CustomerContact.objects.create(customer=ada, name="Ada Byron", email="countess@example.com")
    CustomerIdentity.objects.create(customer=ada, source="web", external_id="d41d8cd9")
    make.churn_score(customer=ada)
    make.churn_score()

    assert at_risk(operator, term) == found(operator, q=term) == ["k-7"]


@pytest.mark.parametrize("url", [CUSTOMERS, AT_RISK])
def test_the_box_says_what_it_takes(operator: Client, url: str) -> None:
    make.churn_score()

    page = operator.get(url).content.decode()

    assert '<label for="searchbar">Find in this list</label>' in page
    assert 'id="searchbar" placeholder="Name, id or e-mail"' in page


@pytest.mark.parametrize("term", ["d41d", "d41d8cd9", "web:d41d8cd9", "web:d4"])
def test_a_customer_is_found_by_an_id_of_another_source(operator: Client, term: str) -> None:
    ada, _ = make.customer(), make.customer()
    CustomerIdentity.objects.create(customer=ada, source="web", external_id="d41d8cd9")

    assert found(operator, q=term) == [ada.external_id]


@pytest.mark.parametrize(
    ("contact", "called"),
    [
        ({"name": "Ada Byron", "email": "ada@example.com"}, "Ada Byron"),
        ({"email": "countess.ada@example.com"}, "countess.ada"),
        ({"phone": "0123"}, "Customer k-7"),
    ],
)
def test_a_customer_is_called_by_what_is_known(contact: dict[str, str], called: str) -> None:
    ada = make.customer(external_id="k-7")
    CustomerContact.objects.create(customer=ada, **contact)

    assert ada.called == called


def test_lists_name_customers_in_as_many_queries_as_before(
    operator: Client, django_assert_max_num_queries: Any
) -> None:
    people = [make.churn_score().customer for _ in range(12)]
    for n, one in enumerate(people):
        CustomerContact.objects.create(customer=one, name=f"Ada the {n}.")

    with django_assert_max_num_queries(11):
        at_risk = operator.get("/admin/insights/churnscore/").content.decode()

    assert at_risk.count(">Ada the ") == 12
    assert f'<small class="id">{people[0].external_id}</small>' in at_risk


def test_at_risk_says_why_not_every_customer_stands_there(operator: Client) -> None:
    make.churn_score()
    make.customer()

    page = operator.get("/admin/insights/churnscore/").content.decode()

    assert "1 of 2 customers are here: who ordered, last in the 180 days before" in page
