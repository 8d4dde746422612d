"""What a request asks about is in no line of the log."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from campaigns.way_out import unsubscribe_url
from tests import make
from tests.customers.sending import client

pytestmark = pytest.mark.django_db
PERSON, CODE, KEY = "grace@example.com", "GRAC-E7K9-QWXM", "rk_0123456789ab_canary"


def unknown_customer() -> Any:
    return client("read").get(f"/api/v1/customers/{PERSON}/")


def unknown_code() -> Any:
    return client("coupons:read").get(f"/api/v1/coupons/{CODE}/")


def refused_order() -> Any:
    order = {"order_id": "1", "customer": PERSON, "amount": 1, "currency": "GBP"}
    till = client("coupons:redeem")
    return till.post(f"/api/v1/coupons/{CODE}/redeem/", order, content_type="application/json")


def wrong_method() -> Any:
    return client("read").put(f"/api/v1/customers/{PERSON}/")


def wrong_key() -> Any:
    said = {"Authorization": f"Bearer {KEY}"}
    return Client(headers=said).get(f"/api/v1/customers/{PERSON}/")


def no_page() -> Any:
    return Client().get(f"/api/v1/people/{PERSON}")


def forged_form() -> Any:
    return Client(enforce_csrf_checks=True).post(f"/admin/customers/customer/{PERSON}/erase/")


def broken_page(monkeypatch: pytest.MonkeyPatch) -> Any:
    def fail(*args: Any) -> None:
        raise RuntimeError("This is broken.")

    monkeypatch.setattr("customers.querysets.CustomerQuerySet.called", fail)
    browser = client("read")
    browser.raise_request_exception = False
    return browser.get(f"/api/v1/customers/{PERSON}/")


@pytest.mark.parametrize(
    ("ask", "status", "line"),
    [
        (unknown_customer, 404, "Not Found: api/v1/customers/<str:external_id>/"),
        (unknown_code, 404, "Not Found: api/v1/coupons/<str:code>/"),
        (refused_order, 409, "Conflict: api/v1/coupons/<str:code>/redeem/"),
        (wrong_method, 405, "Method Not Allowed: api/v1/customers/<str:external_id>/"),
        (wrong_key, 401, "Unauthorized: api/v1/customers/<str:external_id>/"),
        (no_page, 404, "Not Found: (no page)"),
        (forged_form, 403, "Forbidden (CSRF cookie not set.): admin/customers/customer/"),
    ],
)
def test_a_line_names_the_route_and_nobody(
    caplog: pytest.LogCaptureFixture, ask: Callable[[], Any], status: int, line: str
) -> None:
    answer = ask()

    assert answer.status_code == status
    assert line in caplog.text
    assert not any(secret in caplog.text for secret in (PERSON, CODE, KEY))


def test_an_error_names_the_route_and_nobody(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = broken_page(monkeypatch)

    assert answer.status_code == 500
    assert "Internal Server Error: api/v1/customers/<str:external_id>/" in caplog.text
    assert "This is broken." in caplog.text
    assert PERSON not in caplog.text


def test_a_link_to_unsubscribe_stays_whose_it_is(caplog: pytest.LogCaptureFixture) -> None:
    link = unsubscribe_url(make.message().key)

    answer = Client().get(f"{link}x/")

    assert answer.status_code == 404
    assert link.rpartition("/unsubscribe/")[2].strip("/") not in caplog.text
