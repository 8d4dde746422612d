"""Names of customers are for those who may see customers; for others an id has to do."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from customers.models import Customer, CustomerContact
from tests import make
from tests.make import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def grace() -> Customer:
    customer = make.customer(external_id="c-1906")
    CustomerContact.objects.create(customer=customer, name="Grace Hopper")
    make.churn_score(customer=customer)
    return customer


def plan() -> str:
    grace()
    campaign = make.campaign(bands=["HIGH"], send_at_a_loss=True)
    return f"/admin/campaigns/campaign/{campaign.pk}/change/"


def running() -> str:
    campaign = make.campaign(
        state="RUNNING", launched_at=NOW, trigger="RISK", trigger_value=0.5, admits_until=NOW
    )
    make.assignment(campaign=campaign, customer=grace(), assigned_at=NOW)
    return f"/admin/campaigns/campaign/{campaign.pk}/change/"


def coupons() -> str:
    make.coupon(customer=grace())
    return "/admin/campaigns/coupon/"


def one_coupon() -> str:
    return f"/admin/campaigns/coupon/{make.coupon(customer=grace()).pk}/change/"


@pytest.mark.parametrize("page", [plan, running, coupons, one_coupon])
@pytest.mark.parametrize("sees_customers", [True, False])
def test_a_name_is_for_who_may_see_customers(page: Callable[[], str], sees_customers: bool) -> None:
    rights = ["view_campaign", "view_coupon", *(["view_customer"] if sees_customers else [])]
    user = make.user(username="viewer", is_superuser=False)
    user.user_permissions.set(Permission.objects.filter(codename__in=rights))
    browser = Client()
    browser.force_login(user)

    shown = browser.get(page()).content.decode()

    assert ("Grace Hopper" in shown) == sees_customers
    assert "c-1906" in shown
