"""No input gives HTTP 500 (promise 19)."""

import json
import os
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.models import Customer
from tests import make
from tests.customers.sending import client

pytestmark = pytest.mark.django_db
fuzz = settings(
    deadline=None,
    max_examples=5000 if os.environ.get("FAULTS") == "whole" else 40,
    suppress_health_check=list(HealthCheck),
)
NASTY = st.sampled_from(["\x00", "\ud800", "\u202e", "NaN", "1e999", "' OR 1=1", "x" * 500])
LEAVES: Any = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**31, 2**63, 10**400, 0, -1, 0.5])
    | st.floats()
    | st.text(max_size=20)
    | NASTY
)
VALUES: Any = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
FIELDS = st.sampled_from(
    [
        "name",
        "bands",
        "segment",
        "budget_amount",
        "currency",
        "offers",
        "maximum_customers",
        "contact_gap_days",
        "control_share",
        "measure_days",
        "benefit",
        "percent",
        "amount",
        "maximum_discount",
        "minimum_spend",
        "valid_days",
        "share",
        "products",
        "revision",
        "void_coupons",
        "customer",
        "customer_source",
        "shipping",
        "lines",
        "order_id",
        "refund_id",
        "minutes",
    ]
)
ORDER = {"customer": "c1", "amount": 5000, "currency": "GBP", "order_id": "o1"}
OFFER = {"benefit": "PERCENT", "percent": 10, "maximum_discount": 1000}
PLAN = {"name": "n", "bands": ["HIGH"], "budget_amount": 5000, "currency": "GBP", "offers": [OFFER]}
MESSAGES: Any = st.dictionaries(FIELDS, VALUES, max_size=6)
BODIES: Any = st.one_of(
    VALUES.map(json.dumps).map(str.encode),
    MESSAGES.map(lambda odd: json.dumps(ORDER | odd).encode()),
    MESSAGES.map(lambda odd: json.dumps(PLAN | odd).encode()),
    MESSAGES.map(lambda odd: json.dumps(PLAN | {"offers": [OFFER | odd]}).encode()),
)


@fuzz
@given(BODIES)
@pytest.mark.parametrize("verb", ["", "submit/", "cancel/", "approve/"])
def test_no_body_makes_a_campaign_fall(verb: str, body: bytes) -> None:
    address = f"/api/v1/campaigns/{make.campaign().pk}/{verb}" if verb else "/api/v1/campaigns/"

    answer = client().post(address, body, content_type="application/json")

    assert answer.status_code < 500
    assert answer.json() is not None


@fuzz
@given(BODIES)
@pytest.mark.parametrize("verb", ["validate", "redeem", "release", "refund", "lock", "unlock"])
def test_no_body_makes_a_coupon_fall(verb: str, body: bytes) -> None:
    customer = Customer.objects.filter(external_id="c1").first() or make.customer(external_id="c1")
    coupon = make.coupon(customer=customer)

    answer = client().post(
        f"/api/v1/coupons/{coupon.code}/{verb}/", body, content_type="application/json"
    )

    assert answer.status_code < 500
    assert answer.json() is not None


@fuzz
@given(
    st.text(max_size=30) | NASTY.filter(lambda text: text != "\ud800"),
    st.sampled_from(["validate", "redeem", "release"]),
)
def test_no_code_makes_an_endpoint_fall(code: str, verb: str) -> None:
    make.coupon()
    body = {"order_id": "o1"} if verb == "release" else ORDER

    answer = client().post(f"/api/v1/coupons/{quote(code.replace('/', ''))}/{verb}/", body)

    assert answer.status_code in {200, 404, 409}


@fuzz
@given(
    st.sampled_from(["campaigns/", "coupons/"]),
    st.dictionaries(
        st.sampled_from(["state", "campaign", "customer", "issued_after", "cursor", "limit"]),
        st.text(max_size=20),
    ),
)
def test_no_query_makes_a_list_fall(url: str, query: dict[str, str]) -> None:
    assert client().get(f"/api/v1/{url}", query).status_code in {200, 400, 404}
