"""The page of a segment: its rule in words, what changed, refresh and rename."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from retention.insights.models import Segment, SegmentChange, SegmentMembership
from retention.jobs.models import JobRun
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
RECENT = {"schema": 1, "is": "orders", "at_least": 1, "days": 30}
WORTH = {
    "CHAMPIONS": {"frequency": 5, "money": 5},
    "LOYAL": {"frequency": 4, "money": 4},
    "AT_RISK": {"frequency": 3, "money": 3},
}


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


@pytest.mark.parametrize(
    ("right", "size", "names_them"), [("", "&lt;10", False), ("view_customer", "4", True)]
)
def test_who_may_view_customers_is_told_how_many_and_who(
    client: Client, right: str, size: str, names_them: bool
) -> None:
    few = make.segment(rule=RECENT, size=4)
    SegmentChange.objects.create(segment=few, at=NOW, entered=3, left=0, size=4)
    ada = make.customer(external_id="ada-1")
    SegmentMembership.objects.create(segment=few, customer=ada, entered_at=NOW)
    client.force_login(viewer(right))

    seen = page(few, client)
    listed = client.get(reverse("admin:insights_segment_changelist")).content.decode()

    assert f"<span>{size} customers</span>" in seen
    assert ("ada-1" in seen, "Entered and left" in seen) == (names_them, names_them)
    assert f'<td class="field-customers">{size}</td>' in listed


def test_a_segment_of_a_training_is_told_no_more_than_the_page_of_rfm_tells(
    client: Client,
) -> None:
    for letter, name, many in (("A", "CHAMPIONS", 40), ("B", "LOYAL", 30), ("H", "AT_RISK", 4)):
        make.segment(kind="RFM", key=name, size=many)
        for _ in range(many):
            scores = {"recency": {"A": 5, "B": 3, "H": 2}[letter]}
            make.rfm_score(name=name, history=letter * 12, **scores, **WORTH[name])
    client.force_login(viewer())

    listed = client.get(reverse("admin:insights_segment_changelist")).content.decode()

    sizes = re.findall('<td class="field-customers">(.*?)</td>', listed)
    assert sorted(sizes) == ["40", "hidden", "hidden"]
    assert "sortable column-customers" not in listed


def test_where_a_segment_stands_tells_its_size_to_nobody_who_is_not_told_it(
    operator: Client,
) -> None:
    for name, size in (("B", 3), ("A", 2), ("C", 9)):
        make.segment(name=name, size=size)
    colleague = Client()
    colleague.force_login(viewer())
    url = reverse("admin:insights_segment_changelist")

    told = [one.name for one in operator.get(url).context["cl"].result_list]
    not_told = [one.name for one in colleague.get(url + "?o=3").context["cl"].result_list]

    assert (told, not_told) == (["C", "B", "A"], ["A", "B", "C"])


def viewer(*rights: str) -> User:
    user = make.user(is_superuser=False)
    codenames = ["view_segment", *rights]
    user.user_permissions.add(*Permission.objects.filter(codename__in=codenames))
    return user


def test_the_list_asks_once_for_the_segments_that_rules_name(
    operator: Client, django_assert_num_queries: Any
) -> None:
    make.segment(kind="RFM", key="AT_RISK", name="At risk")
    for _ in range(5):
        make.segment(rule={"schema": 1, "is": "segment", "segment": "RFM/AT_RISK"})

    with django_assert_num_queries(6):
        page = operator.get(reverse("admin:insights_segment_changelist"))

    assert page.content.decode().count("Everyone who is in the segment At risk") == 5


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
    rights = ["view_segment", "add_campaign"]
    colleague.user_permissions.set(Permission.objects.filter(codename__in=rights))
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


def test_whoever_may_only_look_is_told_so_where_they_ask_who_joins(client: Client) -> None:
    colleague = make.user(is_superuser=False)
    colleague.user_permissions.set(Permission.objects.filter(codename="view_segment"))
    client.force_login(colleague)

    asked = client.post(reverse("admin:segment_joining", args=[make.segment().pk]), {"days": "30"})

    assert asked.status_code == 403
    assert "This is not open to you" in asked.content.decode()
