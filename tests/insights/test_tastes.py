"""A list is folded in from what happened until now: no training is waited for."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from catalog.models import Product
from customers.models import Customer, Event
from customers.services.consent import record_consents
from retention.access.models import Scope
from retention.access.services.keys import make_key
from retention.insights.models import ModelVersion, RecommendationList
from retention.insights.recommendations import Wanted, recommendations_for, recommendations_from
from retention.insights.tastes import serving
from tests import make
from tests.insights import world

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("learned")]
LATER = world.END + timedelta(hours=1)


def regular() -> Customer:
    """Somebody with a list of their own."""
    customer = RecommendationList.objects.exclude(customer=None).order_by("pk")[0].customer
    assert customer is not None
    return customer


def bought_by(customer: Customer) -> list[int]:
    rows = Event.objects.filter(customer=customer, kind="PURCHASE").order_by("-occurred_at")
    return [pk for pk in rows.values_list("product", flat=True) if pk]


def did(customer: Customer, *products: int) -> None:
    """They bought these just now."""
    for pk in products:
        make.event(customer=customer, product_id=pk, occurred_at=world.END)
    Customer.objects.filter(pk=customer.pk).update(last_seen_at=LATER)
    customer.refresh_from_db()


def test_what_is_folded_in_from_the_same_history_is_the_list_of_the_night() -> None:
    ada, model = regular(), serving()
    assert model is not None

    folded = model.list_of(ada, at=world.END)

    of_the_night = RecommendationList.objects.get(customer=ada).items
    assert [item["product"] for item in folded[:10]] == [
        item["product"] for item in of_the_night[:10]
    ]


def test_a_new_customer_is_known_from_the_first_purchase_on() -> None:
    template, newcomer = regular(), make.customer()
    before = recommendations_for(newcomer, Wanted(10), at=LATER)

    did(newcomer, *bought_by(template)[:3])
    after = recommendations_for(newcomer, Wanted(10), at=LATER)

    assert (before.personalised, after.personalised) == (False, True)
    assert [i.product for i in before.items] != [i.product for i in after.items]
    assert any(
        item.because.startswith(("Because of", "Bought", "Goes with")) for item in after.items
    )


def test_a_purchase_changes_the_list_at_once() -> None:
    ada = regular()
    before = recommendations_for(ada, Wanted(10), at=LATER)

    did(ada, *Product.objects.exclude(pk__in=bought_by(ada)).values_list("pk", flat=True)[:3])
    after = recommendations_for(ada, Wanted(10), at=LATER)

    assert after.computed_at == LATER
    assert [i.product for i in before.items] != [i.product for i in after.items]


def test_whoever_objects_is_not_folded_in() -> None:
    ada = regular()
    did(ada, bought_by(ada)[0])

    record_consents({(ada.pk, "RECOMMENDATION"): False}, source="test", at=LATER)

    assert not recommendations_for(ada, Wanted(10), at=LATER).personalised


def test_a_visit_gets_what_fits_it_and_not_what_was_looked_at() -> None:
    looked_at = list(Product.objects.filter(pk__in=bought_by(regular())[:3]))

    shown = recommendations_from(looked_at, Wanted(10), at=LATER)

    assert shown.personalised
    assert len(shown.items) == 10
    assert not {item.product for item in shown.items[:5]} & set(looked_at)


def test_what_was_looked_at_last_says_most_of_a_visit() -> None:
    often = Product.objects.order_by("pk").values_list("pk", flat=True)
    first, second = list(often[:6]), list(often[6:12])

    def leans_to_second(*looks: int) -> int:
        """How many more of a list come up after the second looks alone than after the first."""
        seen = visit(*looks)
        return len(seen & visit(*second)) - len(seen & visit(*first))

    assert leans_to_second(*first, *second) > leans_to_second(*second, *first)


def visit(*products: int) -> set[int]:
    found = Product.objects.in_bulk(products)
    told = recommendations_from([found[pk] for pk in products], Wanted(10), at=LATER)
    return {item.product.pk for item in told.items}


def test_the_model_is_read_once_in_a_process(django_assert_num_queries: Any) -> None:
    first = serving()

    with django_assert_num_queries(1):
        assert serving() is first


def test_the_api_answers_a_visit_and_passes_over_unknown_ids() -> None:
    _, secret = make_key("Shop", scopes=[Scope.RECOMMEND], at=world.END)
    client = APIClient(headers={"Authorization": f"Bearer {secret}"})
    product = Product.objects.get(pk=bought_by(regular())[0])
    body = {"products": [product.external_id, "unheard-of"], "limit": 4, "context": "product"}

    answer = client.post("/api/v1/recommendations/anonymous/", body, format="json")

    assert answer.status_code == 200
    assert len(answer.json()["items"]) == 4


def test_a_list_is_shown_by_the_version_that_serves_and_by_another(client: Client) -> None:
    champion, ada = ModelVersion.objects.get(kind="FACTORIZATION", state="CHAMPION"), regular()
    other = make.model_version(
        kind="FACTORIZATION",
        number=77,
        path=champion.path,
        checksum=champion.checksum,
        state="REFUSED",
    )
    client.force_login(make.user())

    page = client.get(reverse("admin:insights_lists", args=[other.pk]), {"customer": str(ada)})

    versions = [column.version for column in page.context["columns"]]
    assert versions == [champion, other]
    assert [one.product for one, _ in page.context["rows"]] == [
        two.product for _, two in page.context["rows"]
    ]
    assert len(page.context["rows"]) == 10


def test_whose_list_is_only_what_is_popular_is_said_to_have_no_other(client: Client) -> None:
    champion, ada = ModelVersion.objects.get(kind="FACTORIZATION", state="CHAMPION"), regular()
    client.force_login(make.user())
    url = reverse("admin:insights_lists", args=[champion.pk])
    words = f"{champion} shows what is popular: they objected"
    assert words not in client.get(url, {"customer": str(ada)}).content.decode()

    record_consents({(ada.pk, "RECOMMENDATION"): False}, source="test", at=world.END)

    assert words in client.get(url, {"customer": str(ada)}).content.decode()


def test_a_version_that_cannot_be_read_says_so_beside_the_one_that_can(client: Client) -> None:
    broken = make.model_version(kind="FACTORIZATION", number=78, path="nowhere", state="REFUSED")
    client.force_login(make.user())

    url = reverse("admin:insights_lists", args=[broken.pk])
    page = client.get(url, {"customer": str(regular())}).content.decode()

    assert "there is no manifest.json" in page
    assert "No such customer" in client.get(url, {"customer": "nobody"}).content.decode()
