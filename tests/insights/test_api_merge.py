"""A client says that two are one, and from then on may go on speaking of either."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from customers.models import Consent, Customer, CustomerMerge, Event
from tests import make
from tests.customers.sending import client, event_body
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


@pytest.fixture
def shop() -> APIClient:
    for name in ("c-1", "c-2", "c-3"):
        make.customer(external_id=name, consents=("MARKETING",))
    return client()


def url(customer: str, page: str = "") -> str:
    return f"/api/v1/customers/{customer}/{page}"


def merge(shop: APIClient, kept: str, absorb: str) -> Any:
    return shop.post(url(kept, "merge/"), {"absorb": absorb, "reason": "Same person"})


def unmerge(shop: APIClient, kept: str, restore: str) -> Any:
    return shop.post(url(kept, "unmerge/"), {"restore": restore})


def test_whoever_asks_for_the_absorbed_is_answered_of_the_keeper(shop: APIClient) -> None:
    assert merge(shop, "c-1", "c-2").status_code == 201

    asked, own = shop.get(url("c-2")), shop.get(url("c-1"))

    assert (asked.json()["external_id"], asked.json()["merged_into"]) == ("c-1", "c-1")
    assert (own.json()["merged_into"], own.json()["merged_from"]) == (None, ["c-2"])
    assert (asked["Merged-Into"], "Merged-Into" in own) == ("c-1", False)


@pytest.mark.parametrize("page", ["consents/", "export/", "churn/", "recommendations/"])
def test_every_page_of_the_absorbed_says_whose_it_is_now(shop: APIClient, page: str) -> None:
    kept = Customer.objects.get(external_id="c-1")
    Customer.objects.filter(pk=kept.pk).update(external_id="c 1\n")
    make.churn_score(customer=kept)
    merge(shop, "c 1%0A", "c-2")

    answer = shop.get(url("c-2", page))

    assert (answer.status_code, answer["Merged-Into"]) == (200, "c%201%0A")
    assert answer.content == shop.get(url("c 1%0A", page)).content


def test_the_list_counts_them_once_and_finds_them_by_either_id(shop: APIClient) -> None:
    merge(shop, "c-1", "c-2")

    lists = [shop.get("/api/v1/customers/" + query).json() for query in ("", "?external_id=c-2")]

    assert [[one["external_id"] for one in each["results"]] for each in lists] == [
        ["c-3", "c-1"],
        ["c-1"],
    ]


def test_events_and_consents_sent_for_the_absorbed_are_the_keepers(shop: APIClient) -> None:
    merge(shop, "c-1", "c-2")

    shop.post("/api/v1/events/", event_body(customer="c-2"))
    shop.post(url("c-2", "consents/"), {"purpose": "MARKETING", "granted": False})

    assert str(Event.objects.get().customer) == "c-1"
    assert str(Consent.objects.get(granted=False).customer) == "c-1"


def test_what_cannot_be_is_refused_with_the_way_out(shop: APIClient) -> None:
    make.customer(external_id="guest")
    merge(shop, "c-1", "c-2")

    answers = {
        pair: merge(shop, *pair)
        for pair in [("c-3", "c-2"), ("c-3", "c-3"), ("c-3", "guest"), ("c-3", "c-9")]
    }

    assert [one.status_code for one in answers.values()] == [409, 409, 409, 404]
    assert "Choose c-1, or undo that merge first" in answers["c-3", "c-2"].json()["detail"]
    assert CustomerMerge.objects.count() == 1


def test_who_is_merged_into_the_absorbed_is_the_keepers(shop: APIClient) -> None:
    merge(shop, "c-1", "c-2")

    assert merge(shop, "c-2", "c-3").json()["kept"] == "c-1"


def test_undone_each_answers_for_themselves(shop: APIClient) -> None:
    merge(shop, "c-1", "c-2")

    assert unmerge(shop, "c-1", "c-2").json()["undone_at"] == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
    assert shop.get(url("c-2")).json()["merged_into"] is None
    assert unmerge(shop, "c-1", "c-2").status_code == 404


def test_of_several_the_last_is_undone_first(shop: APIClient) -> None:
    merge(shop, "c-2", "c-3")
    merge(shop, "c-1", "c-2")

    refused = unmerge(shop, "c-1", "c-3")

    assert refused.status_code == 409
    assert "c-2 was merged into c-1 later" in refused.json()["detail"]


def test_a_repeat_with_its_key_merges_once(shop: APIClient) -> None:
    key = {"Idempotency-Key": "m-1"}
    body = {"absorb": "c-2"}

    answers = [shop.post(url("c-1", "merge/"), body, headers=key) for _ in range(2)]

    assert [one.status_code for one in answers] == [201, 201]


def test_a_key_that_may_only_read_merges_nobody(shop: APIClient) -> None:
    assert merge(client("read"), "c-1", "c-2").status_code == 403
