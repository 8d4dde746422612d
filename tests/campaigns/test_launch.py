import pytest
from django.test import override_settings

from campaigns.actors import Actor
from campaigns.models import Assignment, Campaign, Coupon, Holdout
from campaigns.selectors.preview import preview
from campaigns.services.hold_out import hold_out_customers
from campaigns.services.issue import issue_coupons
from campaigns.services.launch import NobodyToTreat, launch_campaign
from campaigns.services.transition import WrongState
from customers.models import Consent
from retention.access.models import AuditEntry
from tests import make
from tests.campaigns.audiences import at_risk
from tests.make import NOW

pytestmark = pytest.mark.django_db
ANNE = Actor("anne")


def quietly(done: int, total: int, message: str) -> None:
    """Nobody watches."""


def launch(campaign: Campaign) -> Campaign:
    return launch_campaign(campaign.pk, by=ANNE, at=NOW, progress=quietly)


def test_what_the_preview_shows_is_what_the_launch_does() -> None:
    at_risk(200)
    campaign = make.campaign(state="APPROVED", budget_amount=90_000)
    seen = preview(campaign, at=NOW)

    launch(campaign)
    issue_coupons(campaign.pk, at=NOW, progress=quietly)

    assert Assignment.objects.filter(arm="TREATMENT").count() == seen.treated
    assert Assignment.objects.filter(arm="CONTROL").count() == seen.control
    assert Coupon.objects.count() == seen.treated
    assert Campaign.objects.get().committed_amount == seen.worst_case


def test_a_held_out_customer_never_gets_a_coupon() -> None:
    at_risk(200)
    campaign = make.campaign(state="APPROVED", budget_amount=10**7)

    with override_settings(GLOBAL_HOLDOUT_SHARE=0.3):
        launch(campaign)
        issue_coupons(campaign.pk, at=NOW, progress=quietly)

    held_out = Holdout.objects.values("customer")
    assert held_out.count() > 30
    assert not Coupon.objects.filter(customer__in=held_out).exists()


def test_the_control_gets_nothing() -> None:
    at_risk(50)
    campaign = make.campaign(state="APPROVED", control_share=0.5)

    launch(campaign)
    issue_coupons(campaign.pk, at=NOW, progress=quietly)

    control = Assignment.objects.filter(arm="CONTROL").values("customer")
    assert control.exists()
    assert not Coupon.objects.filter(customer__in=control).exists()


def test_an_assignment_keeps_the_score_that_earned_it() -> None:
    at_risk(20)

    launch(make.campaign(state="APPROVED"))

    first = Assignment.objects.get(rank=1)
    assert first.churn_probability == 0.8
    assert first.groups == {"BAND": "High risk"}
    assert first.predicted_clv == 10_019
    assert first.reasons[0]["label"] == "days since last order"
    assert first.model_version.startswith("Churn v")


def test_a_launch_without_anyone_to_treat_changes_nothing() -> None:
    campaign = make.campaign(state="APPROVED")

    with pytest.raises(NobodyToTreat, match="would treat 0 customers"):
        launch(campaign)

    assert Campaign.objects.get().state == "APPROVED"
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("state", ["DRAFT", "PENDING_APPROVAL", "RUNNING", "CANCELLED"])
def test_only_an_approved_campaign_is_launched(state: str) -> None:
    at_risk(20)

    with pytest.raises(WrongState, match="must be approved"):
        launch(make.campaign(state=state))


def test_a_launch_is_written_down_with_its_numbers() -> None:
    at_risk(50)
    campaign = make.campaign(state="APPROVED")
    seen = preview(campaign, at=NOW)

    launch(campaign)

    entry = AuditEntry.objects.get(action="campaign.launch")
    assert entry.actor == "anne"
    assert (entry.before["state"], entry.after["state"]) == ("APPROVED", "RUNNING")
    assert entry.after["treated"] == seen.treated


def test_consent_taken_back_after_the_launch_is_respected() -> None:
    at_risk(30)
    campaign = make.campaign(state="APPROVED", control_share=0.1)
    launch(campaign)
    gone = Assignment.objects.filter(arm="TREATMENT").first()
    assert gone is not None
    Consent.objects.filter(customer=gone.customer).update(granted=False)

    issue_coupons(campaign.pk, at=NOW, progress=quietly)

    gone.refresh_from_db()
    assert gone.outcome == "WITHDRAWN"
    assert not Coupon.objects.filter(customer=gone.customer).exists()


def test_a_customer_forgotten_after_the_launch_gets_no_coupon() -> None:
    at_risk(30)
    campaign = make.campaign(state="APPROVED", control_share=0.1)
    launch(campaign)
    Assignment.objects.filter(arm="TREATMENT", rank__lte=5).update(customer=None)

    issue_coupons(campaign.pk, at=NOW, progress=quietly)

    assert set(Assignment.objects.filter(customer=None).values_list("outcome", flat=True)) <= {
        "WITHDRAWN"
    }


def test_drawing_the_holdout_again_adds_nobody() -> None:
    at_risk(300)

    with override_settings(GLOBAL_HOLDOUT_SHARE=0.1):
        first = hold_out_customers(at=NOW, progress=quietly)
        again = hold_out_customers(at=NOW, progress=quietly)

    assert first == Holdout.objects.count() > 10
    assert again == 0
