"""What customers say to a person."""

import pytest
from django.test import Client

from campaigns.selectors.consent import willing
from customers.models import Consent
from retention.access.models import AuditEntry
from tests import make

pytestmark = pytest.mark.django_db


def test_an_objection_on_the_phone_counts_at_once_and_is_kept_with_how(operator: Client) -> None:
    customer = make.customer()
    page = f"/admin/customers/customer/{customer.pk}/consents/"
    assert customer in willing()

    operator.post(page, {"MARKETING": "no", "how": "by phone"})

    assert customer not in willing()
    said = Consent.objects.get(customer=customer, purpose="MARKETING", is_current=True)
    assert (said.granted, said.source) == (False, "operator: by phone")
    logged = AuditEntry.objects.get(action="consent")
    assert (logged.before, logged.after) == ({"MARKETING": True}, {"MARKETING": False})
    assert "As it is: refused" in operator.get(page).content.decode()


def test_what_was_said_before_is_no_news(operator: Client) -> None:
    customer = make.customer()
    before = Consent.objects.count()

    operator.post(
        f"/admin/customers/customer/{customer.pk}/consents/", {"MARKETING": "yes", "how": "letter"}
    )

    assert Consent.objects.count() == before
    assert not AuditEntry.objects.exists()


def test_how_it_was_said_is_asked_for(operator: Client) -> None:
    page = f"/admin/customers/customer/{make.customer().pk}/consents/"

    answer = operator.post(page, {"MARKETING": "no"})

    assert answer.status_code == 200
    assert "This field is required" in answer.content.decode()


def test_a_reader_records_nothing(client: Client) -> None:
    client.force_login(make.user(is_superuser=False))
    page = f"/admin/customers/customer/{make.customer().pk}/consents/"

    assert client.post(page, {"MARKETING": "no", "how": "by phone"}).status_code == 403
