"""Events over HTTP: 202 is said when they are committed, and every one is accounted for."""

import json
from typing import Any

import pytest

from customers.models import Event
from tests.customers.sending import client, event_body
from tests.live import Crowd

pytestmark = pytest.mark.django_db
URL = "/api/v1/events/"


def post(body: Any, **headers: str) -> Any:
    """Whatever the body is; bytes and text go as they are."""
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    return client("events:write").post(URL, data, content_type="application/json", headers=headers)


def test_one_event_is_stored() -> None:
    answer = post(event_body())

    assert (answer.status_code, answer.json()) == (
        202,
        {"stored": 1, "duplicates": 0, "refused": []},
    )
    assert Event.objects.get().amount == 500


def test_a_batch_sent_twice_counts_once() -> None:
    batch = [event_body(message_id=f"m{n}") for n in range(1000)]

    first, again = post(batch).json(), post(batch).json()

    assert (first["stored"], again["stored"], again["duplicates"]) == (1000, 0, 1000)


def test_the_bad_are_refused_by_the_place_they_were_sent_at() -> None:
    batch = [
        event_body(message_id="a"),
        event_body(occurred_at="soon"),
        {"kind": "VIEW"},
        event_body(message_id="b"),
        event_body(order_id=""),
        "nonsense",
        event_body(message_id="c"),
    ]

    answer = post(batch)

    refused = [(one["index"], one["reason"]) for one in answer.json()["refused"]]
    assert (answer.status_code, answer.json()["stored"]) == (207, 3)
    assert refused == [
        (1, "bad_occurred_at"),
        (2, "missing_occurred_at"),
        (4, "missing_order_id"),
        (5, "unreadable"),
    ]


def test_a_batch_of_only_bad_events_is_a_problem_that_lists_them() -> None:
    answer = post([event_body(quantity=0), event_body(kind="")])

    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert [one["index"] for one in answer.json()["refused"]] == [0, 1]
    assert "(2 refused)" in answer.json()["detail"]


def test_duplicates_and_bad_ones_together_are_no_problem() -> None:
    post(event_body(message_id="m1"))

    answer = post([event_body(message_id="m1"), event_body(quantity=0)])

    assert (answer.status_code, answer.json()["duplicates"]) == (207, 1)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[", 400),
        (b'[{"kind": "VIEW"]', 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 100_000, 400),
        (b"\xff", 400),
        (b'[{"kind":"\xff"}]', 422),
        (b"null", 422),
        (b"[]", 422),
        (b"[null, 1]", 422),
        ([event_body(message_id=str(n)) for n in range(1001)], 413),
        (b" " * (6 * 1024 * 1024 + 1), 413),
    ],
)
def test_a_body_that_is_no_batch_is_refused_whole(body: Any, status: int) -> None:
    answer = post(body)

    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert not Event.objects.exists()


def test_another_content_type_is_415() -> None:
    answer = client().post(URL, b"kind=VIEW", content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 415


def test_a_key_for_events_may_do_nothing_else() -> None:
    shop = client("events:write")

    assert shop.post(URL, event_body()).status_code == 202
    assert shop.get("/api/v1/customers/").status_code == 403
    assert shop.post("/api/v1/customers/", {"external_id": "42"}).status_code == 403


def test_a_batch_repeated_by_its_key_gets_the_first_answer() -> None:
    shop = client()
    batch = [event_body(message_id="m1"), event_body(quantity=0)]

    first = shop.post(URL, batch, headers={"Idempotency-Key": "k1"})
    again = shop.post(URL, batch, headers={"Idempotency-Key": "k1"})

    assert (first.status_code, first.json()["stored"]) == (207, 1)
    assert (again.status_code, again.json()) == (207, first.json())
    assert Event.objects.count() == 1


def test_the_same_key_with_another_batch_is_422() -> None:
    shop = client()
    shop.post(URL, event_body(message_id="m1"), headers={"Idempotency-Key": "k1"})

    answer = shop.post(URL, event_body(message_id="m2"), headers={"Idempotency-Key": "k1"})

    assert answer.status_code == 422
    assert Event.objects.count() == 1


@pytest.mark.usefixtures("live_database")
def test_what_was_answered_202_is_there_however_many_send() -> None:
    shop = client()
    batches = [[event_body(message_id=f"{b}-{n}") for n in range(20)] for b in range(24)]

    with Crowd(8) as senders:
        answers = list(senders.map(lambda batch: shop.post(URL, batch), batches))

    assert {answer.status_code for answer in answers} == {202}
    assert Event.objects.count() == 24 * 20
