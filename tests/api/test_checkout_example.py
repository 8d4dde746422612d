"""The plug-in of docs/api/checkout.py does a whole checkout against a real server."""

import subprocess
import sys

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from campaigns.models import Coupon, Redemption
from retention.access.models import Scope
from retention.access.services.keys import make_key
from retention.env import PROJECT_DIR
from tests import make
from tests.make import NOW


@pytest.mark.django_db(transaction=True)
def test_the_plug_in_validates_locks_redeems_refunds_and_releases(live_server: LiveServer) -> None:
    coupon = make.coupon(issued_at=timezone.now(), expires_at=timezone.now().replace(year=2099))
    assert coupon.customer is not None
    _, key = make_key("Shop", scopes=[Scope.COUPONS_READ, Scope.COUPONS_REDEEM], at=NOW)
    script = PROJECT_DIR / "docs" / "api" / "checkout.py"
    words = [str(live_server), key, coupon.code, coupon.customer.external_id]

    done = subprocess.run(
        [sys.executable, script, *words], capture_output=True, text=True, timeout=60, check=False
    )

    assert done.stderr == ""
    assert "500 off, by line [167, 333]" in done.stdout
    assert "pay back 1500" in done.stdout
    assert Redemption.objects.get().refunded_discount == 167
    assert list(Coupon.objects.values_list("redeemed_count", "locked_count")) == [(0, 0)]
