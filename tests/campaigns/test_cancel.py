from datetime import timedelta

import pytest

from campaigns.actors import Actor
from campaigns.services.cancel import cancel_campaign
from tests import make
from tests.make import NOW

pytestmark = pytest.mark.django_db
ANNE = Actor("anne")


def test_withdrawing_coupons_frees_what_they_could_still_have_cost_and_no_more() -> None:
    campaign = make.campaign(state="RUNNING", committed_amount=4_000)
    make.coupon(campaign=campaign, redeemed_count=1)
    make.coupon(campaign=campaign)
    make.coupon(campaign=campaign)
    gone = make.coupon(campaign=campaign, void_at=NOW)

    cancel_campaign(campaign.pk, by=ANNE, at=NOW + timedelta(days=1), void_coupons=True)

    campaign.refresh_from_db()
    assert campaign.committed_amount == 2_000
    assert campaign.coupons.filter(void_at=NOW + timedelta(days=1)).count() == 2
    gone.refresh_from_db()
    assert gone.void_at == NOW
