"""What the schema says of every endpoint."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from tests import make
from tests.customers.sending import client

SAFE = {
    "post /api/v1/campaigns/{id}/preview/",
    "post /api/v1/campaigns/{id}/what-if/",
    "post /api/v1/customers/{external_id}/churn/explain/",
    "post /api/v1/coupons/{code}/validate/",
    "post /api/v1/recommendations/anonymous/",
    "post /api/v1/segments/count/",
}
"""They change nothing, so that nothing can happen twice."""


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    served: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return served


@pytest.fixture(scope="module")
def operations(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{verb} {path}": operation
        for path, verbs in schema["paths"].items()
        for verb, operation in verbs.items()
    }


def test_it_is_valid_and_nothing_is_guessed() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_it_is_openapi_3_1_and_says_how_a_key_is_sent(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1")
    assert schema["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"


def test_every_refusal_is_a_problem(
    schema: dict[str, Any], operations: dict[str, dict[str, Any]]
) -> None:
    shared = schema["components"]["responses"]
    refusals = {
        (name, status): shared[answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
        for name, operation in operations.items()
        for status, answer in operation["responses"].items()
        if status.startswith("4")
    }

    assert {tuple(answer["content"]) for answer in refusals.values()} == {
        ("application/problem+json",)
    }


@pytest.mark.parametrize("status", ["400", "401", "403", "406", "429"])
def test_what_may_happen_anywhere_is_said_everywhere(
    status: str, operations: dict[str, dict[str, Any]]
) -> None:
    silent = [name for name, one in operations.items() if status not in one["responses"]]

    assert silent == []


def test_every_post_with_an_effect_takes_an_idempotency_key(
    operations: dict[str, dict[str, Any]],
) -> None:
    without = {
        name
        for name, operation in operations.items()
        if name.startswith("post")
        if not any(each["name"] == "Idempotency-Key" for each in operation.get("parameters", []))
    }

    assert without == SAFE


def test_every_endpoint_has_a_name_for_people(operations: dict[str, dict[str, Any]]) -> None:
    assert [name for name, operation in operations.items() if not operation.get("summary")] == []


@pytest.mark.django_db
def test_it_is_served_to_any_key_and_to_nobody_else() -> None:
    assert client("events:write").get("/api/v1/schema/").status_code == 200
    assert APIClient().get("/api/v1/schema/").status_code == 401


@pytest.mark.django_db
def test_the_reference_is_for_operators_and_sends_others_to_sign_in(client: Client) -> None:
    outside = client.get("/api/v1/docs/")
    client.force_login(make.user(is_superuser=False))
    inside = client.get("/api/v1/docs/")

    assert outside["Location"].startswith("/admin/login/")
    assert b'data-schema="/api/v1/schema/"' in inside.content


@pytest.mark.django_db
def test_the_reference_holds_nothing_that_the_policy_forbids(client: Client) -> None:
    client.force_login(make.user())

    page = client.get("/api/v1/docs/").content.decode()

    assert "<style" not in page
    assert "style=" not in page
    assert page.count("<script") == page.count('<script src="/static/')
    assert "http" not in page.replace("http-equiv", "")
