from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from customers.models import Customer, Event
from retention.access.models import AuditEntry
from tests import make

pytestmark = pytest.mark.django_db


def signed_in(*may: str, **fields: Any) -> Client:
    user = make.user(**({"is_superuser": False} | fields))
    user.user_permissions.set(Permission.objects.filter(codename__in=may))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def customer() -> Customer:
    made = make.customer(external_id="c-1042")
    make.event(customer=made)
    make.coupon(customer=made)
    return made


def page_of(customer: Customer, name: str) -> str:
    return f"/admin/customers/customer/{customer.pk}/{name}/"


def test_everything_held_is_a_file_to_take_away(customer: Customer) -> None:
    answer = signed_in("view_customer", username="ada").post(page_of(customer, "export"))

    assert answer["Content-Disposition"] == f'attachment; filename="customer-{customer.pk}.json"'
    assert answer.json()["customers.customer"][0]["external_id"] == "c-1042"
    assert len(answer.json()["campaigns.coupon"]) == 1
    assert AuditEntry.objects.get().actor == "ada"


def test_what_goes_and_what_stays_is_said_before_it_happens(customer: Customer) -> None:
    page = signed_in("delete_customer").get(page_of(customer, "erase"))

    assert [(one.what, one.rows) for one in page.context["goes"]] == [
        ("customer record", 1),
        ("customer identity", 1),
        ("consents", 3),
    ]
    assert [(one.what, one.rows) for one in page.context["stays"]] == [("event", 1), ("coupon", 1)]
    assert Customer.objects.exists()


def test_erasing_takes_the_person_and_leaves_what_happened(customer: Customer) -> None:
    operator = signed_in("delete_customer", "view_customer", username="ada")

    done = operator.post(page_of(customer, "erase"), follow=True)

    assert "1 of their events are nobody" in done.content.decode()
    assert not Customer.objects.exists()
    assert Event.objects.get().customer is None
    assert AuditEntry.objects.get(action="erase").actor == "ada"


@pytest.mark.parametrize("name", ["change", "export", "erase"])
def test_who_has_no_right_to_a_page_is_refused(customer: Customer, name: str) -> None:
    nobody = signed_in()

    assert nobody.post(page_of(customer, name)).status_code == 403
    assert not AuditEntry.objects.exists()


def test_who_may_only_look_is_offered_no_erasure(customer: Customer) -> None:
    page = signed_in("view_customer").get(page_of(customer, "change")).content.decode()

    assert page_of(customer, "export") in page
    assert page_of(customer, "erase") not in page


def test_a_customer_who_is_gone_is_a_404() -> None:
    assert (
        signed_in("delete_customer").post("/admin/customers/customer/9/erase/").status_code == 404
    )
