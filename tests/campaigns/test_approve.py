import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings

from campaigns.actors import Actor
from campaigns.models import Assignment, Campaign, Coupon
from campaigns.services.approve import NotYours, approve_campaign
from campaigns.services.cancel import cancel_campaign
from campaigns.services.finish import finish_campaign
from campaigns.services.launch import NobodyToTreat
from campaigns.services.pause import pause_campaign
from campaigns.services.reopen import reopen_campaign
from campaigns.services.resume import resume_campaign
from campaigns.services.submit import submit_campaign
from campaigns.services.transition import ChangedSince, WrongState
from retention.access.models import AuditEntry
from tests import make
from tests.campaigns.audiences import at_risk
from tests.make import NOW

pytestmark = pytest.mark.django_db


def test_within_the_limit_no_second_person_is_needed() -> None:
    at_risk(30)
    anne = Actor.of(make.user())

    with override_settings(APPROVAL_LIMIT=100_000):
        campaign = submit_campaign(make.campaign().pk, by=anne, at=NOW)

    assert campaign.state == Campaign.State.APPROVED
    assert campaign.approved_by is None


def test_above_the_limit_it_waits_for_a_second_person() -> None:
    at_risk(30)
    anne, bob = Actor.of(make.user()), Actor.of(make.user())

    with override_settings(APPROVAL_LIMIT=99_999):
        sent = submit_campaign(make.campaign().pk, by=anne, at=NOW)
    approved = approve_campaign(sent.pk, by=bob, at=NOW)

    assert sent.state == Campaign.State.PENDING_APPROVAL
    assert approved.state == Campaign.State.APPROVED
    assert approved.approved_by == bob.user


def test_in_another_currency_than_the_limit_it_waits_for_a_second_person() -> None:
    at_risk(30)

    with override_settings(APPROVAL_LIMIT=100_000, SHOP_CURRENCY="EUR"):
        sent = submit_campaign(make.campaign().pk, by=Actor("key"), at=NOW)

    assert sent.state == Campaign.State.PENDING_APPROVAL


def test_what_the_author_saw_is_kept() -> None:
    at_risk(30)

    campaign = submit_campaign(make.campaign().pk, by=Actor("key"), at=NOW)

    assert campaign.preview["chosen"] == campaign.preview["treated"] + campaign.preview["control"]


def test_no_customer_is_named_in_what_is_kept_for_ever() -> None:
    people = at_risk(30)

    campaign = submit_campaign(make.campaign().pk, by=Actor("key"), at=NOW)

    kept = json.dumps([campaign.preview, list(AuditEntry.objects.values())], default=str)
    assert [one.external_id for one in people if f'"{one.external_id}"' in kept] == []


@pytest.mark.parametrize("author", ["created_by", "submitted_by"])
def test_nobody_approves_their_own(author: str) -> None:
    anne = make.user()
    by_anne: dict[str, Any] = {author: anne}
    campaign = make.campaign(state="PENDING_APPROVAL", **by_anne)

    with pytest.raises(NotYours, match="Ask someone else"):
        approve_campaign(campaign.pk, by=Actor.of(anne), at=NOW)


def test_the_database_refuses_what_the_service_would() -> None:
    anne = make.user()

    with pytest.raises(IntegrityError, match="nobody_approves_their_own"), transaction.atomic():
        make.campaign(submitted_by=anne, approved_by=anne)


def test_a_machine_approves_nothing() -> None:
    campaign = make.campaign(state="PENDING_APPROVAL")

    with pytest.raises(NotYours, match="not a person"):
        approve_campaign(campaign.pk, by=Actor("API key till"), at=NOW)


def test_an_approver_decides_on_what_they_saw() -> None:
    campaign = make.campaign(state="PENDING_APPROVAL", revision=3)

    with pytest.raises(ChangedSince):
        approve_campaign(campaign.pk, by=Actor.of(make.user()), at=NOW, revision=2)


def test_a_campaign_for_nobody_is_not_sent_in() -> None:
    with pytest.raises(NobodyToTreat):
        submit_campaign(make.campaign().pk, by=Actor("anne"), at=NOW)


def test_taking_it_back_takes_the_approval_with_it() -> None:
    bob = make.user()
    campaign = make.campaign(state="APPROVED", approved_by=bob, approved_at=NOW)

    reopened = reopen_campaign(campaign.pk, by=Actor("anne"), at=NOW, reason="typo")

    assert reopened.state == Campaign.State.DRAFT
    assert reopened.approved_by is None
    assert AuditEntry.objects.get(action="campaign.reopen").after["reason"] == "typo"


def test_a_paused_campaign_resumes() -> None:
    campaign = make.campaign(state="RUNNING")

    paused = pause_campaign(campaign.pk, by=Actor("anne"), at=NOW)
    running = resume_campaign(campaign.pk, by=Actor("anne"), at=NOW)

    assert (paused.state, running.state) == ("PAUSED", "RUNNING")


def test_cancelling_leaves_coupons_good_unless_asked_otherwise() -> None:
    kept = make.coupon().campaign
    voided = make.coupon(campaign=make.campaign(state="RUNNING", committed_amount=1000)).campaign

    cancel_campaign(kept.pk, by=Actor("anne"), at=NOW)
    cancel_campaign(voided.pk, by=Actor("anne"), at=NOW, void_coupons=True)

    assert Coupon.objects.get(campaign=kept).void_at is None
    assert Coupon.objects.get(campaign=voided).void_at == NOW


def test_who_waited_for_a_coupon_of_a_cancelled_campaign_gets_none() -> None:
    campaign = make.campaign(state="RUNNING")
    make.assignment(campaign=campaign)

    cancel_campaign(campaign.pk, by=Actor("anne"), at=NOW)

    assert Assignment.objects.get().outcome == "STOPPED"


def test_what_has_ended_cannot_be_cancelled() -> None:
    campaign = make.campaign(state="COMPLETED")

    with pytest.raises(WrongState, match="is completed"):
        cancel_campaign(campaign.pk, by=Actor("anne"), at=NOW)


def test_a_campaign_completes_after_its_last_day_and_not_before() -> None:
    campaign = make.campaign(state="RUNNING", measure_days=60)

    with pytest.raises(WrongState, match="have not passed"):
        finish_campaign(campaign.pk, by=Actor("schedule"), at=NOW + timedelta(days=59))
    finished = finish_campaign(campaign.pk, by=Actor("schedule"), at=NOW + timedelta(days=60))

    assert finished.state == Campaign.State.COMPLETED


def test_only_those_past_their_last_day_are_due() -> None:
    due = make.campaign(state="PAUSED", measure_days=30)
    make.campaign(state="RUNNING", measure_days=31)

    assert Campaign.objects.to_finish(NOW + timedelta(days=30)) == [due]


def test_every_move_is_audited() -> None:
    anne = Actor.of(make.user())
    campaign = make.campaign(state="RUNNING")

    pause_campaign(campaign.pk, by=anne, at=NOW)
    resume_campaign(campaign.pk, by=anne, at=NOW)
    cancel_campaign(campaign.pk, by=anne, at=NOW)

    moves = AuditEntry.objects.order_by("pk").values_list("action", "user", "thing_id")
    assert list(moves) == [
        (f"campaign.{verb}", anne.user and anne.user.pk, str(campaign.pk))
        for verb in ("pause", "resume", "cancel")
    ]
