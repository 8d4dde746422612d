"""What was seen and clicked comes back with the id of its list."""

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Product
from customers.models import Customer
from customers.services.consent import record_consents
from retention.access.models import Scope
from retention.access.services.keys import make_key
from retention.insights.models import ModelVersion, RecommendationList, Shown
from retention.insights.recommendation_ids import UnknownRecommendation, read
from retention.insights.recommendations import Wanted, recommendations_for
from retention.insights.services.forget_shown import forget_shown
from retention.insights.services.report_shown import NotInTheList, Seen, report_shown
from retention.insights.shown import reception
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
URL = "/api/v1/recommendations/shown/"


def listed(customer: Customer | None, *products: Product, model: str = "taste") -> str:
    """A list as it is given out on the home page; returns its id."""
    version = ModelVersion.objects.first() or make.model_version(kind="FACTORIZATION")
    items = [{"product": each.pk, "score": 0.5, "model": model} for each in products]
    RecommendationList.objects.create(
        customer=customer, version=version, items=items, computed_at=NOW
    )
    return recommendations_for(customer, Wanted(10), at=NOW).recommendation_id


def ids(*products: Product) -> list[str]:
    return [product.external_id for product in products]


def test_what_was_seen_knows_its_list(tea: Product, mug: Product) -> None:
    ada = make.customer()
    given = listed(ada, tea, mug)

    report_shown(Seen(given, seen=ids(mug)), at=NOW)

    row = Shown.objects.get()
    assert (row.product, row.customer, row.place) == (mug, ada, 2)
    assert (row.model, row.context, row.clicked_at) == ("taste", "home", None)


def test_a_click_counts_once_however_often_it_is_sent(tea: Product) -> None:
    given = listed(None, tea)

    first = report_shown(Seen(given, clicked=ids(tea)), at=NOW)
    again = report_shown(Seen(given, seen=ids(tea), clicked=ids(tea)), at=NOW + timedelta(hours=1))

    assert (first, again) == (2, 0)
    assert Shown.objects.get().clicked_at == NOW


def test_a_popular_list_names_nobody_however_well_they_are_known(tea: Product) -> None:
    ada = make.customer()
    record_consents({(ada.pk, "RECOMMENDATION"): False}, source="test", at=NOW)
    listed(None, tea)

    given = recommendations_for(ada, Wanted(10), at=NOW).recommendation_id
    report_shown(Seen(given, seen=ids(tea)), at=NOW)

    assert Shown.objects.get().customer is None


def test_an_id_that_was_changed_is_refused(tea: Product) -> None:
    given = listed(None, tea)

    with pytest.raises(UnknownRecommendation, match="as it was"):
        read(given[:-1] + ("A" if given[-1] != "A" else "B"))


def test_what_the_list_does_not_hold_is_refused_and_nothing_is_stored(
    tea: Product, mug: Product
) -> None:
    given = listed(None, tea)

    with pytest.raises(NotInTheList, match=mug.external_id):
        report_shown(Seen(given, seen=ids(tea, mug)), at=NOW)

    assert not Shown.objects.exists()


def test_clicks_and_purchases_are_told_by_model_and_place(tea: Product, mug: Product) -> None:
    ada, bob = make.customer(), make.customer()
    for customer in (ada, bob):
        report_shown(Seen(listed(customer, tea, mug), seen=ids(tea, mug)), at=NOW)
    Shown.objects.filter(customer=ada, product=tea).update(clicked_at=NOW)
    make.event(customer=ada, product=tea, occurred_at=NOW + timedelta(days=6))
    make.event(customer=bob, product=tea, occurred_at=NOW + timedelta(days=8))

    (row,) = reception(since=NOW - timedelta(days=1))

    assert (row.model, row.where, row.shown, row.clicked, row.bought) == (
        "taste", "Home page", 4, 1, 1,
    )  # fmt: skip
    assert row.click_rate.value == 0.25
    assert row.click_rate.low < 0.25 < row.click_rate.high


def test_of_visitors_without_a_name_no_purchase_is_claimed(tea: Product) -> None:
    report_shown(Seen(listed(None, tea), seen=ids(tea)), at=NOW)

    (row,) = reception(since=NOW - timedelta(days=1))

    assert row.purchase_rate is None


@pytest.mark.parametrize(
    ("body", "status", "title"),
    [
        ({"recommendation_id": "nonsense", "seen": ["p1"]}, 422, "Unknown recommendation"),
        ({"recommendation_id": "given", "seen": ["other"]}, 422, "Not in the list"),
        ({"seen": ["p1"]}, 400, "Bad Request"),
    ],
)
def test_the_api_says_what_is_wrong_with_a_report(
    tea: Product, body: dict[str, Any], status: int, title: str
) -> None:
    given = listed(None, tea)
    sent = {key: given if value == "given" else value for key, value in body.items()}

    answer = shop().post(URL, sent, format="json")

    assert answer.status_code == status
    assert answer.json()["title"].startswith(title)


def test_the_api_records_what_was_seen(tea: Product) -> None:
    body = {"recommendation_id": listed(None, tea), "seen": ids(tea)}

    assert shop().post(URL, body, format="json").json() == {"recorded": 1}


def test_what_was_seen_long_ago_is_forgotten(tea: Product) -> None:
    given = listed(None, tea)
    report_shown(Seen(given, seen=ids(tea)), at=NOW)

    assert forget_shown(at=NOW + timedelta(days=400)) == 0
    assert forget_shown(at=NOW + timedelta(days=401)) == 1


def shop() -> APIClient:
    _, secret = make_key("Shop", scopes=list(Scope.values), at=NOW)
    return APIClient(headers={"Authorization": f"Bearer {secret}"})


@pytest.fixture
def tea() -> Product:
    return make.product()


@pytest.fixture
def mug() -> Product:
    return make.product()
