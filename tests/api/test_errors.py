"""Whatever goes wrong under /api/ is said as a problem, wherever it goes wrong."""

import re

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from retention.access.api.moments import SAID
from tests import make
from tests.customers.sending import client

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    "address", ["/api/v1/nothing/", "/api/", "/api/v2/products/", "/api/v1/models/1.5/promote/"]
)
def test_an_address_that_is_none_is_404(address: str) -> None:
    answer = APIClient().get(address)

    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
    assert answer.json()["detail"].startswith("There is nothing at this address.")


def test_a_post_without_the_slash_is_told_so_for_a_redirect_would_lose_it() -> None:
    answer = client().post("/api/v1/products", {"external_id": "mug"})

    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
    assert "slash" in answer.json()["detail"]


def test_a_reader_without_the_slash_is_sent_on() -> None:
    assert client().get("/api/v1/products")["Location"] == "/api/v1/products/"


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_method_that_is_none_is_405_whatever_the_key_may(method: str) -> None:
    answer = getattr(client("read"), method)("/api/v1/products/")

    assert (answer.status_code, answer["Content-Type"]) == (405, PROBLEM)
    assert "GET, POST" in answer["Allow"]


def test_whoever_may_post_may_ask_for_the_methods() -> None:
    assert "POST" in client("events:write").options("/api/v1/events/")["Allow"]


def test_a_bug_is_a_500_that_tells_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.api.products.ProductList.serializer_class", None)
    shop = client()
    shop.raise_request_exception = False

    answer = shop.get("/api/v1/products/")

    assert (answer.status_code, answer["Content-Type"]) == (500, PROBLEM)
    assert "serializer_class" not in answer.content.decode()


@pytest.mark.parametrize("address", ["/api/v1/products/?category=%00", "/api/v1/nothing/?a=b%00c"])
def test_nul_in_a_parameter_is_400(address: str) -> None:
    answer = client().get(address)

    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)


@pytest.mark.parametrize(
    ("address", "detail"),
    [
        ("/api/v1/products/?pagesize=5", "There is no parameter 'pagesize'. There are: available,"),
        ("/api/v1/segments/?kind=RFM&serach=x", "no parameter 'serach'. There are: cursor, kind,"),
        ("/api/v1/segments/rfm/?days=3", "There is no parameter 'days'. There are none here."),
        ("/api/v1/products/mug/similar/?top=3", "'top'. There are: limit."),
    ],
)
def test_a_mistyped_parameter_is_refused_by_its_name(address: str, detail: str) -> None:
    answer = client().get(address)

    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert detail in answer.json()["detail"]


def test_every_operation_of_the_schema_refuses_a_parameter_that_it_does_not_know() -> None:
    schema = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    asked = [
        (method, re.sub(r"{[^}]*}", "1", path))
        for path, methods in schema["paths"].items()
        for method in methods
    ]

    answers = {
        (method, path): getattr(client(), method)(f"{path}?no_such=1") for method, path in asked
    }

    assert len(answers) > 60
    assert {name for name, answer in answers.items() if answer.status_code != 400} == set()


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "nonsense"])
def test_who_accepts_no_json_is_told_so_in_json(accept: str) -> None:
    answer = client().get("/api/v1/products/", headers={"Accept": accept})

    assert (answer.status_code, answer["Content-Type"]) == (406, PROBLEM)


def test_a_refusal_of_the_schema_is_json_although_the_schema_is_yaml() -> None:
    assert APIClient().get("/api/v1/schema/").json()["status"] == 401


def test_an_unknown_host_is_a_problem_that_names_no_setting() -> None:
    answer = APIClient().get("/api/v1/products/", headers={"Host": "evil.example"})

    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    assert "ALLOWED_HOSTS" not in answer.content.decode()


@pytest.mark.parametrize("limit", ["0", "-1", "501", "1e3", "many", "٣", "9" * 30, ""])
def test_a_limit_that_is_none_is_refused(limit: str) -> None:
    answer = client().get("/api/v1/products/", {"limit": limit})

    assert answer.status_code == 400
    assert "from 1 to 500" in answer.json()["detail"]


def test_a_filter_that_is_sent_empty_is_refused() -> None:
    assert client().get("/api/v1/segments/?kind=").status_code == 400


@pytest.mark.parametrize(
    ("address", "field", "there"),
    [
        ("campaigns/?state=FOO", "state", "DRAFT, "),
        ("segments/?kind=FOO", "kind", "RFM, "),
        ("models/?kind=FOO", "kind", "CHURN, "),
        ("training-runs/?state=FOO", "state", "DONE"),
        ("analysis/cohorts/?months=FOO", "months", "12, "),
        ("analysis/funnel/?days=FOO", "days", "30, "),
        ("association-rules/?kind=FOO", "kind", ""),
    ],
)
def test_a_choice_that_is_none_names_those_that_there_are(
    address: str, field: str, there: str
) -> None:
    errors = client().get(f"/api/v1/{address}").json()["errors"]

    assert errors[field][0].startswith("There is no 'FOO'. Choose from ")
    assert there in errors[field][0]
    assert "[" not in errors[field][0]


@pytest.mark.parametrize("field", ["bands", "assigning"])
def test_a_choice_in_a_body_names_those_that_there_are(field: str) -> None:
    said = ["FOO"] if field == "bands" else "FOO"

    errors = client().post("/api/v1/campaigns/", {field: said}).json()["errors"][field]

    assert "There is no 'FOO'. Choose from " in str(errors)


@pytest.mark.parametrize(
    ("method", "address", "detail"),
    [
        ("get", "campaigns/99/", "There is no campaign 99."),
        ("get", "campaigns/99/results/", "There is no campaign 99."),
        ("get", "campaigns/99/admissions/", "There is no campaign 99."),
        ("get", "campaigns/99/messages/", "There is no campaign 99."),
        ("post", "campaigns/99/preview/", "There is no campaign 99."),
        ("post", "campaigns/99/launch/", "There is no campaign 99."),
        ("get", "models/99/", "There is no model version 99."),
        ("post", "models/99/promote/", "There is no model version 99."),
        ("get", "training-runs/99/", "There is no training run 99."),
        ("get", "segments/99/", "There is no segment 99."),
        ("get", "segments/99/customers/", "There is no segment 99."),
        ("get", "segments/99/joining/", "There is no segment 99."),
    ],
)
def test_what_is_not_there_is_named(method: str, address: str, detail: str) -> None:
    answer = getattr(client(), method)(f"/api/v1/{address}")

    assert (answer.status_code, answer.json()["detail"]) == (404, detail)


@pytest.mark.parametrize(
    "address", ["models/compare/", "models/{}/promote/", "campaigns/{}/preview/"]
)
def test_a_field_is_refused_where_none_is_taken(address: str) -> None:
    answer = client().post("/api/v1/" + address.format(1), {"x": 1})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["x"])


@pytest.mark.parametrize("verb", ["launch", "pause", "resume"])
def test_a_move_takes_no_field_that_it_does_not_know(verb: str) -> None:
    campaign = make.campaign(state="RUNNING")

    answer = client().post(f"/api/v1/campaigns/{campaign.pk}/{verb}/", {"x": 1})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["x"])


def test_text_is_no_number_in_a_fact_either() -> None:
    customer = make.customer()

    answer = client().post(
        f"/api/v1/customers/{customer.external_id}/churn/explain/",
        {"facts": {"days_since_last_order": "1"}},
    )

    assert (answer.status_code, answer.json()["errors"]) == (
        400,
        {"facts": ["Expected a number."]},
    )


@pytest.mark.parametrize("moment", ["2027-03-01T00:00:00", "2027-03-01", "yesterday"])
@pytest.mark.parametrize(
    "address",
    [
        "customers/?seen_after",
        "customers/?seen_before",
        "coupons/?issued_after",
        "campaigns/{}/admissions/?admitted_after",
    ],
)
def test_a_moment_without_its_zone_is_refused(address: str, moment: str) -> None:
    asked = "/api/v1/" + address.format(make.campaign(state="RUNNING").pk)

    answer = client().get(f"{asked}={moment}")

    assert answer.status_code == 400
    assert list(answer.json()["errors"].values()) == [[SAID]]
    assert client().get(f"{asked}=2027-03-01T00:00:00Z").status_code == 200
    assert client().get(f"{asked}=2027-03-01T00:00:00%2B01:00").status_code == 200


def test_a_last_moment_without_its_zone_is_refused() -> None:
    answer = client().post("/api/v1/campaigns/", {"admits_until": "2027-03-01T00:00:00"})

    assert answer.json()["errors"]["admits_until"] == [SAID]


@pytest.mark.parametrize("huge", [2**31, 2**63, 10**40])
def test_a_huge_number_is_nobodys(huge: int) -> None:
    assert client().get(f"/api/v1/campaigns/{huge}/").status_code == 404


def test_a_mistyped_field_is_refused_by_its_name() -> None:
    campaign = make.campaign(state="RUNNING")

    answer = client().post(f"/api/v1/campaigns/{campaign.pk}/cancel/", {"void_coupon": True})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["void_coupon"]


def test_people_get_a_page(client: Client) -> None:
    answer = client.get("/nothing/")

    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")
