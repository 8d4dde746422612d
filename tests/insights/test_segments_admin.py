"""The page of a segment: its rule in words, what changed, refresh and rename."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from retention.insights.models import Segment, SegmentChange, SegmentMembership
from retention.jobs.models import JobRun
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
RECENT = {"schema": 1, "is": "orders", "at_least": 1, "days": 30}


def page(segment: Segment, operator: Client) -> str:
    answer = operator.get(reverse("admin:insights_segment_change", args=[segment.pk]))
    return " ".join(answer.content.decode().split())


def test_a_rule_is_said_in_words_with_what_changed_and_what_failed(operator: Client) -> None:
    recent = make.segment(rule=RECENT, problem="Too slow.")
    SegmentChange.objects.create(segment=recent, at=NOW, entered=31, left=4, size=1234)

    seen = page(recent, operator)

    assert "Everyone who ordered in the last 30 days." in seen
    assert "Too slow." in seen
    assert '<td class="number">31</td>' in seen


def test_refresh_now_asks_for_its_customers(operator: Client) -> None:
    recent = make.segment(rule=RECENT)

    operator.post(reverse("admin:segment_refresh", args=[recent.pk]))

    assert JobRun.objects.get().arguments == {"segment_id": recent.pk}


def test_a_group_is_renamed_and_a_name_that_is_taken_refused(operator: Client) -> None:
    one, other = (make.segment(kind="CLUSTER", name=name) for name in ("Frequent", "Rare"))
    operator.post(reverse("admin:segment_rename", args=[one.pk]), {"name": "Regulars"})
    operator.post(reverse("admin:segment_rename", args=[other.pk]), {"name": "Regulars"})

    names = Segment.objects.order_by("pk").values_list("name", flat=True)
    assert list(names) == ["Regulars", "Rare"]


def test_whoever_may_not_see_customers_sees_neither_their_names_nor_how_few_they_are(
    client: Client,
) -> None:
    pair = make.segment(name="A pair", size=2, computed_at=NOW)
    for left_at in (None, NOW):
        ada = make.customer(external_id=f"ada-{left_at}")
        SegmentMembership.objects.create(
            segment=pair, customer=ada, entered_at=NOW, left_at=left_at
        )
    colleague = make.user(is_superuser=False)
    colleague.user_permissions.set(Permission.objects.filter(codename="view_segment"))
    client.force_login(colleague)

    seen = page(pair, client)

    assert "ada-" not in seen
    assert "New campaign for these &lt;10" in seen
    assert "<span>&lt;10 customers</span>" in seen


@pytest.mark.parametrize("does", ["refresh", "rename"])
def test_whoever_may_only_look_changes_nothing(client: Client, does: str) -> None:
    client.force_login(make.user(is_superuser=False))

    url = reverse(f"admin:segment_{does}", args=[make.segment().pk])

    assert client.post(url).status_code == 403
