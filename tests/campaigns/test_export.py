"""Coupons as a file that a newsletter can take."""

import csv
import io

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from campaigns.models import Coupon, Message
from campaigns.services.hand_over import hand_over
from customers.models import CustomerContact
from retention.access.models import AuditEntry
from tests import make
from tests.make import NOW

from .test_admin import URL, operator, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


def exported(signed_in: Client, coupon: Coupon) -> list[dict[str, str]]:
    answer = signed_in.post(f"{URL}{coupon.campaign_id}/coupons.csv")
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode())))


def test_an_export_cannot_run_in_a_spreadsheet() -> None:
    customer = make.customer(external_id="=cmd|' /C calc'!A0")
    coupon = make.coupon(customer=customer)

    rows = exported(operator(), coupon)

    assert rows[0]["customer"] == "'=cmd|' /C calc'!A0"
    assert rows[0]["code"] == coupon.code


def test_an_export_says_how_to_reach_whoever_still_agrees_to_marketing() -> None:
    anne, ben = make.customer(), make.customer(consents=("ANALYTICS",))
    for one in (anne, ben):
        CustomerContact.objects.create(customer=one, name="A B", email=f"{one}@example.com")
    first = make.coupon(customer=anne)
    make.coupon(customer=ben, campaign=first.campaign)

    rows = exported(operator(), first)

    assert [(row["name"], row["email"]) for row in rows] == [
        ("A B", f"{anne}@example.com"),
        ("", ""),
    ]


def test_taking_the_file_hands_over_the_messages_of_who_still_agrees() -> None:
    anne, ben = make.customer(), make.customer(consents=("ANALYTICS",))
    first = make.message(customer=anne, channel="HANDOFF")
    make.message(customer=ben, campaign=first.campaign, channel="HANDOFF")

    exported(operator(), first.coupon)

    settled = Message.objects.order_by("pk").values_list("state", "reason")
    assert list(settled) == [("SENT", ""), ("SKIPPED", "CONSENT")]


def test_what_cannot_be_used_is_not_handed_over() -> None:
    used, good = make.message(channel="HANDOFF"), make.message(channel="HANDOFF")
    Coupon.objects.filter(pk=used.coupon_id).update(redeemed_count=1)
    paused = make.message(channel="HANDOFF", campaign=make.campaign(state="PAUSED"))

    emails = [exported(operator(), one.coupon)[0]["email"] for one in (used, good, paused)]

    assert [bool(email) for email in emails] == [False, True, False]
    settled = Message.objects.order_by("pk").values_list("state", "reason")
    assert list(settled) == [("SKIPPED", "COUPON"), ("SENT", ""), ("WAITING", "")]


def test_a_coupon_kept_for_a_checkout_stays_to_be_handed_over() -> None:
    unknown = make.message(channel="HANDOFF")
    make.coupon_lock(coupon=unknown.coupon)

    hand_over(Coupon.objects.all(), [], at=NOW)

    assert Message.objects.get().state == "WAITING"


def test_a_download_that_breaks_off_hands_nothing_over_and_a_whole_one_says_when_it_did() -> None:
    first = make.message(channel="HANDOFF")
    make.message(channel="HANDOFF", campaign=first.campaign)
    answer = operator().post(f"{URL}{first.campaign_id}/coupons.csv")
    rows = iter(answer)
    next(rows)
    next(rows)

    del rows, answer  # The connection is gone.

    assert set(Message.objects.values_list("state", flat=True)) == {"WAITING"}
    before, after = (exported(operator(), first.coupon)[0]["handed_over_at"] for _ in range(2))
    assert (before, bool(after)) == ("", True)


def test_who_may_not_see_customers_exports_no_address() -> None:
    anne = make.customer()
    coupon = make.coupon(customer=anne)
    CustomerContact.objects.create(customer=anne, email="anne@example.com")
    seller = make.user(is_superuser=False)
    seller.user_permissions.set(
        Permission.objects.filter(codename__in=["view_campaign", "view_coupon"])
    )
    signed_in = Client()
    signed_in.force_login(seller)

    rows = exported(signed_in, coupon)

    assert rows[0]["code"] == coupon.code
    assert "email" not in rows[0]


def test_an_export_is_in_the_history_of_its_campaign() -> None:
    coupon = make.coupon()
    signed_in = operator()
    exported(signed_in, coupon)

    page = text(signed_in.get(f"{URL}{coupon.campaign_id}/change/"))

    assert "Coupons exported" in page
    entry = AuditEntry.objects.get(action="campaign.export")
    assert entry.after == {"coupons": 1, "with_contacts": True}


def test_the_page_says_that_nothing_is_sent_from_here() -> None:
    coupon = make.coupon()

    page = text(operator().get(f"{URL}{coupon.campaign_id}/change/"))

    assert "Nothing is sent from here: your newsletter takes this file, and taking it whole" in page
