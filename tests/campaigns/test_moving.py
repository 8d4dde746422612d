"""What a page offers to do, and what becomes of it where somebody else was there first."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from campaigns.models import Campaign
from retention.jobs.models import JobRun
from tests import make
from tests.make import NOW

from .audiences import at_risk
from .test_admin import URL, operator, text

LATER = timezone.now() + timedelta(days=30)

pytestmark = pytest.mark.django_db


def drafted(state: str, **fields: Any) -> Campaign:
    at_risk(30)
    given = {"launched_at": NOW} if state in {"RUNNING", "PAUSED"} else {}
    return make.campaign(state=state, **(given | fields))


def test_what_is_being_launched_is_no_draft_any_more_and_can_only_be_cancelled() -> None:
    campaign = drafted("APPROVED")
    signed_in = operator()
    signed_in.post(f"{URL}{campaign.pk}/launch/")

    page = text(signed_in.get(f"{URL}{campaign.pk}/change/"))
    told = text(signed_in.post(f"{URL}{campaign.pk}/reopen/", follow=True))

    offered = [verb for verb in ("launch", "reopen", "what-if", "cancel") if f"/{verb}/" in page]
    assert offered == ["cancel"]
    assert "is being launched already" in told
    assert Campaign.objects.get().state == "APPROVED"


@pytest.mark.parametrize(
    ("verb", "then", "now"),
    [
        ("cancel", "APPROVED", "RUNNING"),
        ("cancel", "RUNNING", "PAUSED"),
        ("reopen", "PENDING_APPROVAL", "APPROVED"),
        ("pause", "RUNNING", "PAUSED"),
        ("launch", "APPROVED", "DRAFT"),
    ],
)
def test_who_confirms_what_the_page_said_of_another_state_is_told_and_nothing_is_done(
    verb: str, then: str, now: str
) -> None:
    campaign = drafted(now)

    told = text(operator().post(f"{URL}{campaign.pk}/{verb}/", {"state": then}, follow=True))

    assert f"is {Campaign.State(now).label.lower()} by now" in told
    assert Campaign.objects.get().state == now
    assert not JobRun.objects.exists()


def test_a_launch_of_what_was_edited_and_approved_again_meanwhile_is_not_asked_for() -> None:
    campaign = drafted("APPROVED", revision=2)

    seen = {"state": "APPROVED", "revision": "1"}
    told = text(operator().post(f"{URL}{campaign.pk}/launch/", seen, follow=True))

    assert "was edited since you opened it" in told
    assert not JobRun.objects.exists()


def test_the_page_that_asks_says_of_which_state_it_speaks() -> None:
    campaign = drafted("RUNNING")

    page = text(operator().get(f"{URL}{campaign.pk}/cancel/"))

    assert '<input type="hidden" name="state" value="RUNNING">' in page


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "a worker freezes the groups"),
        ({"code_uses": 3, "uses_per_customer": 1, "bands": []}, "a worker puts out the code."),
        ({"trigger": "WAVES", "trigger_value": 7, "admits_until": LATER}, "the first wave"),
        ({"trigger": "RISK", "trigger_value": 0.5, "admits_until": LATER}, "as it happens"),
    ],
)
def test_a_launch_says_what_a_worker_does_next(fields: dict[str, Any], said: str) -> None:
    campaign = drafted("APPROVED", **fields)

    told = text(operator().post(f"{URL}{campaign.pk}/launch/", follow=True))

    assert said in told


def test_who_may_see_no_coupons_is_led_to_none() -> None:
    campaign = drafted("RUNNING")
    looker = make.user(is_superuser=False)
    looker.user_permissions.set(Permission.objects.filter(codename="view_campaign"))
    signed_in = Client()
    signed_in.force_login(looker)

    page = text(signed_in.get(f"{URL}{campaign.pk}/change/"))

    assert "/admin/campaigns/coupon/" not in page
    assert "/admin/campaigns/coupon/" in text(operator().get(f"{URL}{campaign.pk}/change/"))


def test_who_may_only_look_is_not_told_that_a_draft_was_sent_in() -> None:
    campaign = drafted("DRAFT")
    looker = make.user(is_superuser=False)
    looker.user_permissions.set(Permission.objects.filter(codename="view_campaign"))
    signed_in = Client()
    signed_in.force_login(looker)

    page = text(signed_in.get(f"{URL}{campaign.pk}/message/"))

    assert "was sent in" not in page
