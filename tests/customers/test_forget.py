"""Erased means gone: the person, not the fact that something was bought."""

import json
from typing import Any

import pytest
from django.core.serializers.json import DjangoJSONEncoder

from customers.models import Consent, Customer, CustomerContact, CustomerIdentity, Event
from customers.services.customers import load_customers
from customers.services.export import export_customer
from customers.services.forget import forget_customer
from retention.access.models import AuditEntry
from tests import make
from tests.customers.sending import ingest, message, person
from tests.make import NOW

pytestmark = pytest.mark.django_db
CANARY = "zq-canary"


def known_customer() -> Customer:
    """One with a canary in every field that may hold a person."""
    sent = person(
        f"{CANARY}-id",
        name=f"{CANARY} name",
        email=f"{CANARY}@example.com",
        phone=CANARY,
        also=(("web", f"{CANARY}-web"),),
        consents={"MARKETING": True},
    )
    load_customers([sent], at=NOW)
    ingest(message(customer=f"{CANARY}-id", extra={"greeting": f"Dear {CANARY}"}))
    return Customer.objects.get()


def test_nothing_of_the_person_is_left() -> None:
    forget_customer(known_customer(), by="ada", at=NOW)

    tables = (Customer, CustomerContact, CustomerIdentity, Consent, Event, AuditEntry)
    rows = [list(table.objects.values()) for table in tables]
    assert CANARY not in json.dumps(rows, cls=DjangoJSONEncoder)
    assert not Customer.objects.exists()


def test_what_was_bought_stays_as_nobodys() -> None:
    events = forget_customer(known_customer(), by="ada", at=NOW)

    event = Event.objects.get()
    assert (events, event.customer, event.amount, event.order_id) == (1, None, 500, "o1")


def test_another_customer_is_left_alone() -> None:
    customer, other = make.customer(), make.customer()
    make.event(customer=other)

    forget_customer(customer, by="ada", at=NOW)

    assert other.events.count() == 1
    assert other.consents.count() == 3


def test_what_still_arrives_for_an_erased_id_is_nobodys() -> None:
    forget_customer(known_customer(), by="ada", at=NOW)

    late = message(customer=f"{CANARY}-web", customer_source="web", extra={"name": CANARY})
    result = ingest(late, message(customer="43"))

    assert (result.stored, result.notes["erased"]) == (2, 1)
    assert Customer.objects.get().external_id == "43"
    assert not Event.objects.exclude(extra=None).exists()


def test_scores_go_and_what_was_promised_stays_without_a_person() -> None:
    coupon = make.coupon(customer=make.customer())
    make.churn_score(customer=coupon.customer)
    assert coupon.customer is not None

    forget_customer(coupon.customer, by="ada", at=NOW)

    coupon.refresh_from_db()
    assert coupon.customer is None


def test_erasing_twice_erases_once() -> None:
    customer = known_customer()

    assert forget_customer(customer, by="ada", at=NOW) == 1
    customer.pk = AuditEntry.objects.get().thing_id
    assert forget_customer(customer, by="ada", at=NOW) == 0
    assert AuditEntry.objects.count() == 1


def test_an_erasure_is_on_the_record_without_a_name() -> None:
    forget_customer(known_customer(), by="ada", at=NOW)

    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.after) == ("ada", "erase", {"events": 1})


def test_an_export_holds_every_row_about_the_person() -> None:
    customer = known_customer()
    make.coupon(customer=customer)
    make.churn_score(customer=customer)

    export = export_customer(customer, by="ada", at=NOW)

    counts = {table: len(rows) for table, rows in export.items()}
    assert (
        counts.items()
        >= {
            "customers.customer": 1,
            "customers.customercontact": 1,
            "customers.customeridentity": 2,
            "customers.consent": 1,
            "customers.event": 1,
            "campaigns.coupon": 1,
            "insights.churnscore": 1,
        }.items()
    )


def test_an_export_holds_what_hangs_on_a_row_of_theirs() -> None:
    coupon = make.coupon(customer=make.customer())
    make.coupon(customer=make.customer()).redemptions.create(**use("17"))
    use_of_theirs = coupon.redemptions.create(**use("18"))
    use_of_theirs.refunds.create(
        refund_id="r1", amount=500, discount_amount=50, lines=[], refunded_at=NOW
    )
    coupon.locks.create(order_id="19", until=NOW)
    assert coupon.customer is not None

    export = export_customer(coupon.customer, by="ada", at=NOW)

    assert [row["order_id"] for row in export["campaigns.redemption"]] == ["18"]
    assert [row["refund_id"] for row in export["campaigns.refund"]] == ["r1"]
    assert [row["order_id"] for row in export["campaigns.couponlock"]] == ["19"]


def use(order_id: str) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "order_amount": 5000,
        "discount_amount": 500,
        "currency": "GBP",
        "redeemed_at": NOW,
    }


def test_an_export_holds_nobody_elses_rows() -> None:
    known_customer()

    export = export_customer(make.customer(consents=()), by="ada", at=NOW)

    assert CANARY not in json.dumps(export, cls=DjangoJSONEncoder)


def test_an_export_names_products_by_the_shops_own_id() -> None:
    (event,) = export_customer(known_customer(), by="ada", at=NOW)["customers.event"]

    assert event["product"] == "mug"


def test_an_export_is_on_the_record() -> None:
    customer = known_customer()

    export = export_customer(customer, by="ada", at=NOW)

    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.thing_id) == ("ada", "export", str(customer.pk))
    assert entry.after == {"rows": sum(len(rows) for rows in export.values())}
