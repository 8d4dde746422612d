"""Two customers who are one person, and what is known of anyone, for tests of merging."""

from datetime import datetime, timedelta
from typing import Any

from customers.models import (
    Consent,
    Customer,
    CustomerContact,
    CustomerIdentity,
    CustomerMerge,
    Event,
)
from customers.services.customers import load_customers
from customers.services.merge import merge_facts
from customers.services.unmerge import unmerge_facts
from tests.customers.sending import ingest, message, person
from tests.make import NOW

LATER = NOW + timedelta(hours=1)
EARLIER = NOW - timedelta(days=30)


def customer(external_id: str) -> Customer:
    return Customer.objects.get(external_id=external_id)


def two_people() -> tuple[Customer, Customer]:
    """Ada by her account, and by what she bought at the marketplace."""
    account = person("c-1", name="Ada", email="ada@example.com", consents={"MARKETING": True})
    stall = person(
        "m-1",
        also=(("marketplace", "mp-9"),),
        name="A. Lovelace",
        phone="+44 20 7946 0001",
        timezone="Europe/London",
        consents={"MARKETING": False, "ANALYTICS": True},
    )
    load_customers([account, stall], at=NOW)
    ingest(
        message(customer="c-1", message_id="1", order_id="o1", occurred_at=NOW),
        message(customer="m-1", message_id="2", order_id="o2", occurred_at=EARLIER),
        message(customer="mp-9", customer_source="marketplace", message_id="3", kind="VIEW"),
    )
    return customer("c-1"), customer("m-1")


def merge(kept: Customer, absorbed: Customer, *, at: datetime = LATER) -> CustomerMerge:
    return merge_facts(kept, absorbed, by="ada", reason="The same e-mail.", at=at)


def unmerge(made: CustomerMerge, *, at: datetime = LATER) -> CustomerMerge:
    return unmerge_facts(made, by="ben", at=at)


def known() -> dict[str, Any]:
    """All that is a fact of anyone: whose ids, events, contact, words that stand, moments."""
    return {
        "customers": sorted(
            Customer.objects.values_list(
                "external_id",
                "merged_into__external_id",
                "timezone",
                "locale",
                "first_seen_at",
                "last_seen_at",
            ),
            key=str,
        ),
        "ids": sorted(
            CustomerIdentity.objects.values_list(
                "source", "external_id", "customer__external_id", "home"
            )
        ),
        "events": sorted(Event.objects.values_list("message_id", "customer__external_id")),
        "contact": sorted(
            CustomerContact.objects.values_list("customer__external_id", "name", "email", "phone")
        ),
        "consents": sorted(
            Consent.objects.filter(is_current=True).values_list(
                "customer__external_id", "purpose", "granted", "source", "recorded_at"
            )
        ),
    }
