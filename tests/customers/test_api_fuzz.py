"""No input gives HTTP 500, and no batch leaves a message unaccounted for (promises 19 and 21)."""

import json
import os
from base64 import b64encode
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from catalog.messages import ProductMessage
from customers.messages import CustomerMessage, EventMessage
from customers.models import Event
from tests.customers.sending import client, event_body

pytestmark = pytest.mark.django_db
fuzz = settings(
    deadline=None,
    max_examples=5000 if os.environ.get("FAULTS") == "whole" else 60,
    suppress_health_check=list(HealthCheck),
)
NASTY = st.sampled_from(
    [
        "\x00",
        "\\u0000",
        "\\ud800",
        "\u202e",
        "𐍈",
        "NaN",
        "1e999",
        "-0",
        "' OR 1=1",
        "%00",
        "x" * 500,
    ]
)
LEAVES: Any = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([2**31, 2**63, -(2**63), 10**400, 0, -1])
    | st.floats()
    | st.text(max_size=20)
    | NASTY
    | st.sampled_from(["2026-05-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:60Z"])
)
VALUES: Any = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
FIELDS = st.sampled_from(
    [
        *EventMessage.__struct_fields__,
        *ProductMessage.__struct_fields__,
        *CustomerMessage.__struct_fields__,
    ]
)
MESSAGES: Any = st.dictionaries(FIELDS | st.text(max_size=5), VALUES, max_size=8)
BODIES: Any = st.one_of(
    VALUES.map(json.dumps).map(str.encode),
    MESSAGES.map(lambda odd: json.dumps(event_body() | odd).encode()),
    st.lists(MESSAGES, max_size=6).map(
        lambda odd: json.dumps([event_body() | o for o in odd]).encode()
    ),
    # Words in another encoding than UTF-8, in fields of any type.
    MESSAGES.map(lambda odd: json.dumps([odd], ensure_ascii=False).encode("latin-1", "replace")),
    st.binary(max_size=60),
    st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")),
)
CURSORS = st.text(max_size=8).map(lambda text: b64encode(f"p={text}".encode()).decode())
URLS = ["/api/v1/events/", "/api/v1/products/", "/api/v1/customers/"]


@fuzz
@given(BODIES)
@pytest.mark.parametrize("url", URLS)
def test_no_body_makes_an_endpoint_fall(url: str, body: bytes) -> None:
    answer = client().post(url, body, content_type="application/json")

    assert answer.status_code in {202, 207, 400, 413, 422}
    assert answer.json() is not None


@fuzz
@given(st.text(max_size=30) | NASTY, st.sampled_from(["", "export/", "consents/"]))
def test_no_address_makes_an_endpoint_fall(name: str, page: str) -> None:
    answer = client().get(f"/api/v1/customers/{quote(name, safe='')}/{page}")

    assert answer.status_code in {200, 404}


@fuzz
@given(
    st.sampled_from(URLS),
    st.dictionaries(
        st.sampled_from(["external_id", "category", "available", "seen_after", "cursor", "limit"]),
        st.text(max_size=20) | NASTY | CURSORS,
    ),
)
def test_no_query_makes_a_list_fall(url: str, query: dict[str, str]) -> None:
    assert client().get(url, query).status_code in {200, 400, 404, 405}


@fuzz
@given(st.lists(MESSAGES, min_size=1, max_size=20))
def test_every_message_of_a_batch_is_accounted_for(odd: list[dict[str, Any]]) -> None:
    Event.objects.all().delete()
    batch = [event_body(message_id=f"m{n}") | one for n, one in enumerate(odd)]

    answer = client().post("/api/v1/events/", json.dumps(batch), content_type="application/json")

    assume(answer.status_code != 400)  # NaN and Infinity are not JSON: no message can be told.
    said = answer.json()
    taken = said.get("stored", 0) + said.get("duplicates", 0)
    assert taken + len(said["refused"]) == len(batch)
    assert Event.objects.count() == said.get("stored", 0)
