"""Segments with a rule: made, refreshed, changed, used, by whoever runs the shop."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import Q
from django.db.models.expressions import RawSQL

from customers.models import Customer
from customers.services.consent import record_consents
from retention.access.models import AuditEntry
from retention.insights.conditions import kinds as vocabulary
from retention.insights.conditions.kinds import kinds
from retention.insights.conditions.tree import NotSound
from retention.insights.models import Segment, SegmentChange, SegmentMembership
from retention.insights.publishing_segments import publish_members
from retention.insights.services.define_segment import NotARule, SegmentPlan, define_segment
from retention.insights.services.forget_changes import KEEP_DAYS, forget_changes
from retention.insights.services.merge import merge_customers
from retention.insights.services.refresh_segments import refresh_segments
from retention.insights.services.rename_segment import NotAName, rename_segment
from retention.insights.tasks import refresh_one_segment, refresh_rule_segments
from retention.jobs.registry import Running
from tests import make
from tests.insights.conditions.test_asking import ENDLESS
from tests.make import NOW

pytestmark = pytest.mark.django_db
RECENT = {"schema": 1, "is": "orders", "at_least": 1, "days": 30}
DAY = timedelta(days=1)


def segment(name: str = "Recent", rule: Any = RECENT) -> Segment:
    return define_segment(SegmentPlan(name, rule), by="ada", at=NOW)


def buyer(*, days_ago: int = 1) -> Customer:
    who = make.customer()
    make.event(customer=who, occurred_at=NOW - days_ago * DAY)
    return who


def refresh(*segments: Segment, at: datetime = NOW, seconds: float = 60) -> dict[str, int]:
    return refresh_segments(segments, as_of=at, at=at, seconds=seconds)


def _endless(*_: Any) -> Q:
    return Q(pk__in=RawSQL(ENDLESS, []))  # noqa: S611 - a constant


def members(of: Segment) -> list[str]:
    inside = SegmentMembership.objects.current().filter(segment=of)
    return sorted(inside.values_list("customer__external_id", flat=True))


def test_a_refresh_finds_who_fits_and_says_who_entered_and_left() -> None:
    recent, stays, leaves = segment(), buyer(days_ago=1), buyer(days_ago=25)
    refresh(recent)
    comes = make.customer()
    make.event(customer=comes, occurred_at=NOW + 9 * DAY)

    moved = refresh(recent, at=NOW + 10 * DAY)

    assert moved == {"segments": 1, "entered": 1, "left": 1, "not_refreshed": 0}
    assert members(recent) == sorted([stays.external_id, comes.external_id])
    changes = SegmentChange.objects.filter(segment=recent).order_by("at")
    assert [(one.entered, one.left, one.size) for one in changes] == [(2, 0, 2), (1, 1, 2)]
    left = recent.memberships.get(left_at=NOW + 10 * DAY)
    assert left.customer == leaves


def test_a_refresh_that_runs_twice_counts_once() -> None:
    recent, _ = segment(), buyer()

    refresh(recent)
    refresh(recent)

    assert [(one.entered, one.left) for one in SegmentChange.objects.all()] == [(1, 0)]
    assert recent.memberships.count() == 1


def test_who_objects_is_not_found_and_leaves() -> None:
    recent, who = segment(), buyer()
    refresh(recent)
    record_consents({(who.pk, "ANALYTICS"): False}, source="test", at=NOW)

    refresh(recent, at=NOW + DAY)

    assert members(recent) == []


def test_who_objected_since_they_were_found_does_not_enter() -> None:
    recent, who = segment(), buyer()
    record_consents({(who.pk, "ANALYTICS"): False}, source="test", at=NOW)

    publish_members(recent, [who.pk, 10**9], at=NOW)

    assert members(recent) == []


def test_a_rule_that_takes_too_long_keeps_its_customers_and_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recent, who = segment(), buyer()
    refresh(recent)
    endless = replace(kinds()["orders"], where=_endless)
    monkeypatch.setitem(vocabulary._kinds, "orders", endless)

    moved = refresh(recent, at=NOW + DAY, seconds=0.05)

    recent.refresh_from_db()
    assert moved["not_refreshed"] == 1
    assert "did not answer within 0.05 seconds" in recent.problem
    assert members(recent) == [who.external_id]


def test_a_rule_about_what_is_gone_does_not_keep_the_others_from_their_refresh() -> None:
    at_risk = make.segment(kind="RFM", key="AT_RISK")
    broken = segment("Broken", {"is": "segment", "segment": "RFM/AT_RISK"})
    recent, _ = segment(), buyer()
    at_risk.delete()

    moved = refresh(broken, recent)

    broken.refresh_from_db()
    assert (moved["not_refreshed"], len(members(recent))) == (1, 1)
    assert "'RFM/AT_RISK': expected one of nothing" in broken.problem


def test_who_was_merged_is_found_as_one_with_the_coupons_of_both() -> None:
    kept, absorbed = make.customer(), make.customer()
    make.coupon(customer=absorbed, issued_at=NOW - DAY)
    offered = segment("Offered", {"is": "coupon", "days": 30})
    refresh(offered)

    merge_customers(kept, absorbed, by="ada", reason="One person", at=NOW)
    refresh(offered, at=NOW + DAY)

    assert members(offered) == [kept.external_id]


def test_the_jobs_refresh_one_or_all_as_of_the_last_event() -> None:
    recent, other, _ = segment(), segment("Other"), buyer(days_ago=1)
    run = Running(at=NOW + 300 * DAY)

    assert refresh_one_segment(run, segment_id=recent.pk)["entered"] == 1
    assert refresh_rule_segments(run)["entered"] == 1
    other.refresh_from_db()
    assert (other.size, other.computed_at) == (1, NOW + 300 * DAY)


def test_a_new_rule_is_on_the_record_in_words_before_and_after() -> None:
    recent = segment()

    plan = SegmentPlan("Recent", {**RECENT, "days": 60})
    define_segment(plan, by="ben", at=NOW, segment=recent)

    entry = AuditEntry.objects.get(action="change segment")
    assert entry.actor == "ben"
    assert entry.before["rule"] == "ordered in the last 30 days"
    assert entry.after["rule"] == "ordered in the last 60 days"


def test_what_is_wrong_with_name_and_rule_is_told_together() -> None:
    segment("Recent")

    with pytest.raises(NotSound) as refused:
        segment("recent ", {"is": "tall"})

    assert [wrong.place for wrong in refused.value.wrongs] == ["name", "is"]


def test_keys_come_from_names_and_differ() -> None:
    keys = [segment(name).key for name in ("Tea & Co", "Tea, Co", "Tea Co", "茶")]

    assert keys == ["tea-co", "tea-co-2", "tea-co-3", "segment"]


def test_what_a_training_made_is_given_no_rule() -> None:
    with pytest.raises(NotARule, match="comes from a training"):
        define_segment(SegmentPlan("X", RECENT), by="ada", at=NOW, segment=make.segment())


def test_a_group_is_called_as_the_operator_says_and_as_no_other() -> None:
    one, other = (make.segment(kind="CLUSTER", name=name) for name in ("Frequent", "Rare"))

    rename_segment(one, " Our regulars ", by="ada", at=NOW)

    assert Segment.objects.get(pk=one.pk).name == "Our regulars"
    assert AuditEntry.objects.get().before == {"name": "Frequent"}
    with pytest.raises(NotAName, match="Another group"):
        rename_segment(other, "our regulars", by="ada", at=NOW)


def test_who_left_long_ago_is_forgotten_with_what_changed_then() -> None:
    recent, _ = segment(), buyer()
    refresh(recent)
    refresh(recent, at=NOW + 60 * DAY)

    assert forget_changes(at=NOW + (KEEP_DAYS + 50) * DAY) == 1
    assert forget_changes(at=NOW + (KEEP_DAYS + 61) * DAY) == 2
    assert not SegmentChange.objects.exists()
