"""Segments by API: counted, made, changed, read; whatever is sent, nothing falls."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention.access.api.throttle import SLOW_A_MINUTE
from retention.insights.models import Segment, SegmentMembership
from retention.jobs.models import JobRun
from tests import make
from tests.customers.sending import client
from tests.customers.test_api_fuzz import VALUES
from tests.insights.conditions.rules import rules
from tests.make import NOW

pytestmark = pytest.mark.django_db
URL, COUNT = "/api/v1/segments/", "/api/v1/segments/count/"
RECENT = {"is": "orders", "at_least": 1, "days": 3650}
BROKEN: Any = st.recursive(
    VALUES | rules(),
    lambda inner: (
        st.dictionaries(
            st.sampled_from(["all", "any", "not", "is", "days", "at_least"]), inner, max_size=3
        )
        | st.lists(inner, max_size=3)
    ),
    max_leaves=8,
)


def buyers(number: int) -> None:
    for _ in range(number):
        make.event(customer=make.customer(), occurred_at=NOW - timedelta(days=1))


@pytest.mark.usefixtures("at_noon")
def test_who_may_read_customers_is_told_how_many_whoever_few() -> None:
    buyers(3)

    told = client("read").post(COUNT, {"rule": RECENT}, format="json").json()

    assert (told["count"], told["shown"]) == (3, "3")


@pytest.mark.usefixtures("at_noon")
def test_counting_is_throttled_and_reading_is_not() -> None:
    shop = client("read")
    answers = [shop.post(COUNT, {"rule": RECENT}, format="json") for _ in range(SLOW_A_MINUTE + 1)]

    assert [answer.status_code for answer in answers] == [200] * SLOW_A_MINUTE + [429]
    assert shop.get(URL).status_code == 200


def test_a_segment_is_made_and_its_customers_asked_for() -> None:
    body = {"name": "Recent", "rule": RECENT}

    made = client("segments:write").post(URL, body, format="json")

    assert made.status_code == 201
    job = JobRun.objects.get()
    assert (job.job, job.arguments) == ("insights.segment", {"segment_id": made.json()["id"]})


def test_what_a_change_leaves_out_stays() -> None:
    made = client().post(URL, {"name": "Recent", "rule": RECENT}, format="json").json()

    said = client().patch(f"{URL}{made['id']}/", {"description": "Lately."}, format="json").json()

    assert said == made | {"description": "Lately."}


def test_what_a_training_made_is_not_changed() -> None:
    learned = make.segment()

    answer = client().patch(f"{URL}{learned.pk}/", {"name": "Mine"}, format="json")

    assert (answer.status_code, Segment.objects.get().name) == (409, learned.name)


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [("post", "", "segments:write"), ("patch", "1/", "segments:write"), ("post", "count/", "read")],
)
def test_each_call_needs_its_scope(method: str, path: str, scope: str) -> None:
    others = {"read", "models:write", "segments:write"} - {scope}

    answer = getattr(client(*others), method)(URL + path, {}, format="json")

    assert answer.status_code == 403


def test_rules_about_segments_are_listed_in_few_queries(django_assert_num_queries: Any) -> None:
    learned = make.segment(kind="RFM", key="AT_RISK", name="At risk")
    rule = {"schema": 1, "is": "segment", "segment": "RFM/AT_RISK"}
    for _ in range(5):
        make.segment(kind="RULE", rule=rule)
    shop = client("read")
    shop.get(URL)

    with django_assert_num_queries(3):
        listed = shop.get(URL).json()["results"]

    told = [one["words"] for one in listed if one["id"] != learned.pk]
    assert told == [f"is in the segment {learned}"] * 5


def test_customers_of_a_segment_are_listed_in_few_queries(
    django_assert_num_queries: Any,
) -> None:
    segment, gone = make.segment(), make.customer(consents=())
    make.consent(customer=gone, purpose="ANALYTICS", granted=False)
    for who in (gone, *(make.customer() for _ in range(5))):
        SegmentMembership.objects.create(segment=segment, customer=who, entered_at=NOW)
    shop = client("read")
    shop.get(f"{URL}{segment.pk}/customers/")

    with django_assert_num_queries(3):
        listed = shop.get(f"{URL}{segment.pk}/customers/").json()["results"]

    assert [one["customer"] for one in listed] == ["c7", "c6", "c5", "c4", "c3"]


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(BROKEN)
def test_no_rule_makes_the_count_fall(rule: Any) -> None:
    body = json.dumps({"rule": rule})

    answer = client("read").post(COUNT, body, content_type="application/json")

    assert answer.status_code in {200, 400, 422, 429}


def test_a_segment_of_a_rule_is_deleted_unless_a_campaign_uses_it() -> None:
    used, free, learned = make.segment(rule=RECENT), make.segment(rule=RECENT), make.segment()
    make.campaign(name="Come back", segment=used)
    shop = client("segments:write")

    answers = [shop.delete(f"{URL}{one.pk}/") for one in (used, free, learned)]

    assert [answer.status_code for answer in answers] == [409, 204, 409]
    assert "used by the campaign Come back" in answers[0].json()["detail"]
    assert not Segment.objects.filter(pk=free.pk).exists()
