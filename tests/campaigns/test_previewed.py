"""A preview of a large group is kept for some minutes, and for no longer than it holds."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from campaigns.models import Campaign
from campaigns.selectors import previewed as module
from campaigns.selectors.previewed import previewed
from customers.models import Consent, Customer
from retention.insights.models import ChurnScore
from tests import make
from tests.make import NOW

from .audiences import at_risk

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def every_group_is_large(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[None]:
    settings.GLOBAL_HOLDOUT_SHARE = 0.0
    monkeypatch.setattr(module, "LARGE", 1)
    module._kept.clear()
    yield
    module._kept.clear()


def seen_and_then_someone_objects() -> Campaign:
    customers = at_risk(30)
    campaign = make.campaign()
    previewed(campaign, at=NOW)
    Consent.objects.filter(customer=customers[0]).update(granted=False)
    return campaign


def test_it_is_kept_for_some_minutes_and_says_of_which_moment_it_is() -> None:
    campaign = seen_and_then_someone_objects()

    soon, of_soon = previewed(campaign, at=NOW + MINUTE)
    later, of_later = previewed(campaign, at=NOW + 5 * MINUTE)

    assert (soon.chosen, of_soon) == (30, NOW)
    assert (later.chosen, of_later) == (29, NOW + 5 * MINUTE)


def test_of_another_plan_new_scores_or_another_launch_it_is_computed_anew() -> None:
    campaign = seen_and_then_someone_objects()
    found = []

    for change in (
        lambda: Campaign.objects.update(revision=2),
        lambda: ChurnScore.objects.update(computed_at=NOW + MINUTE),
        lambda: make.campaign(state="RUNNING", launched_at=NOW),
    ):
        change()
        found.append(previewed(Campaign.objects.get(pk=campaign.pk), at=NOW + MINUTE)[1])
        module._kept.clear()
        previewed(Campaign.objects.get(pk=campaign.pk), at=NOW)

    assert found == [NOW + MINUTE] * 3


def test_of_a_small_group_it_is_always_of_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGE", 100)
    module._kept.clear()

    campaign = seen_and_then_someone_objects()

    assert previewed(campaign, at=NOW + MINUTE)[0].chosen == 29


def test_it_keeps_nobodys_name_and_who_is_gone_is_not_shown() -> None:
    campaign = seen_and_then_someone_objects()
    first = previewed(campaign, at=NOW)[0].first[0]
    ChurnScore.objects.filter(customer=first.id).delete()
    Consent.objects.filter(customer=first.id).delete()
    Customer.objects.filter(pk=first.id).delete()

    shown = previewed(campaign, at=NOW + MINUTE)[0].first

    assert first.id not in [one.id for one in shown]
    assert first.external_id not in repr(module._kept)
