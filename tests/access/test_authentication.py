import pytest
from rest_framework.test import APIClient

from retention.access.services.keys import make_key
from tests.make import NOW

pytestmark = pytest.mark.django_db


def client(*scopes: str) -> APIClient:
    _, secret = make_key("Shop", scopes=list(scopes), at=NOW)
    return APIClient(headers={"Authorization": f"Bearer {secret}"})


def test_without_a_key_the_answer_is_401_and_says_how() -> None:
    answer = APIClient().get("/api/v1/products/")

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_wrong_key_is_401_as_a_problem() -> None:
    answer = APIClient(headers={"Authorization": "Bearer rk_a_b"}).get("/api/v1/products/")

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_a_key_without_the_scope_is_403_and_names_it() -> None:
    answer = client("events:write").get("/api/v1/products/")

    assert answer.status_code == 403
    assert "'read'" in answer.json()["detail"]


def test_a_key_with_the_scope_may() -> None:
    assert client("read").get("/api/v1/products/").status_code == 200
