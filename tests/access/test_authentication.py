import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from retention.access.api.authentication import RIGHTS
from retention.access.models import Scope
from retention.access.services.keys import make_key
from tests import make
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


def person(*rights: str) -> APIClient:
    user = make.user(username="ben", is_superuser=False)
    for right in rights:
        app, _, codename = right.partition(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    browser = APIClient()
    browser.force_login(user)
    return browser


PRIVATE = ("customers/c1/", "customers/c1/export/", "customers/c1/recommendations/", "coupons/")


@pytest.mark.parametrize("path", PRIVATE)
def test_who_may_not_see_customers_in_the_admin_may_not_read_them_here(path: str) -> None:
    make.customer(external_id="c1")

    assert person("catalog.view_product").get(f"/api/v1/{path}").status_code == 403


@pytest.mark.parametrize("path", PRIVATE)
def test_who_may_see_them_in_the_admin_may_read_them_here(path: str) -> None:
    make.customer(external_id="c1")
    rights = [right for some in RIGHTS.values() for right in some]

    assert person(*rights).get(f"/api/v1/{path}").status_code == 200


def test_a_person_who_may_see_everything_changes_nothing_here() -> None:
    make.customer(external_id="c1")

    assert person(*RIGHTS[Scope.READ]).delete("/api/v1/customers/c1/").status_code == 403
