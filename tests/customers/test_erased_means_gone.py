"""After an erasure no table of the database names the person, whichever feature wrote it."""

import json
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from rest_framework.response import Response
from rest_framework.test import APIClient

from campaigns.models import Holdout, Redemption
from customers.held import relations_to_customers
from customers.models import Customer, IngestBatch
from customers.services.customers import load_customers
from customers.services.export import export_customer
from customers.services.forget import BLANK, forget_customer
from customers.services.forget_refused_rows import KEEP_DAYS, forget_refused_rows
from customers.services.merge import merge_facts
from retention.insights.models import Kind, RecommendationList, Shown
from retention.jobs.models import JobRun
from tests import make
from tests.customers.sending import client, ingest, message, person
from tests.make import NOW

pytestmark = pytest.mark.django_db
CANARY = "zq-canary"


@pytest.fixture
def customer() -> Customer:
    """One with a canary in every field that may hold a person."""
    sent = person(
        f"{CANARY}-id",
        name=f"{CANARY} name",
        email=f"{CANARY}@example.com",
        phone=f"+44 {CANARY}",
        also=(("web", f"{CANARY}-web"),),
        consents={"MARKETING": True},
    )
    load_customers([sent], at=NOW)
    ingest(message(customer=f"{CANARY}-id", extra={"greeting": f"Dear {CANARY}"}))
    return Customer.objects.get()


def be_merged(customer: Customer) -> Customer:
    """With somebody who has canaries of their own, for a reason that holds one."""
    twin = person(f"{CANARY}-twin", name=f"{CANARY} twin", email=f"{CANARY}-twin@example.com")
    load_customers([twin], at=NOW)
    ingest(message(customer=f"{CANARY}-twin", message_id="twin"))
    absorbed = Customer.objects.get(external_id=f"{CANARY}-twin")
    make.coupon(customer=absorbed)
    merge_facts(customer, absorbed, by="ada", reason=f"{CANARY} said so.", at=NOW)
    return absorbed


def touch_every_feature(customer: Customer) -> None:
    make.churn_score(customer=customer)
    make.rfm_score(customer=customer)
    make.segment().memberships.create(customer=customer, entered_at=NOW)
    version = make.model_version(kind=Kind.FACTORIZATION)
    RecommendationList.objects.create(customer=customer, version=version, computed_at=NOW)
    Shown.objects.create(
        customer=customer, product=make.product(), place=1, answered_at=NOW, seen_at=NOW
    )
    Holdout.objects.create(customer=customer, probability=0.5, entered_at=NOW)
    campaign = make.campaign(state="RUNNING")
    make.assignment(campaign=campaign, customer=customer)
    make.coupon(campaign=campaign, customer=customer).redemptions.create(
        order_id="o1", order_amount=500, discount_amount=50, currency="GBP", redeemed_at=NOW
    )


def be_quoted() -> None:
    """What the shop sent is quoted where it was refused."""
    file = IngestBatch.objects.create(name="customers.csv", created_at=NOW)
    file.refused.create(line=1, reason="x", detail=f"No '{CANARY}@EXAMPLE.com'.", raw="?")
    file.refused.create(line=2, reason="x", detail="No such day.", raw=f"{CANARY}-web,2026-02-30")
    doubled = f"Key (external_id)=({CANARY}-id) already exists."
    JobRun.objects.create(job="j", key="k", scheduled_for=NOW, due_at=NOW, error=doubled)
    send_taken_id(client())


def send_taken_id(shop: APIClient) -> Response:
    """Two customers by API; the second has an id of the canary's."""
    taken = {"source": "web", "external_id": f"{CANARY}-web"}
    customers = [{"external_id": "9"}, {"external_id": "10", "identities": [taken]}]
    key = f"load-{CANARY}-id"
    return shop.post("/api/v1/customers/", customers, "json", headers={"Idempotency-Key": key})


def tables_that_name(canary: str) -> set[str]:
    """Every table of the database with the canary in any column, whoever declared it."""
    return {
        model._meta.label_lower
        for model in apps.get_models(include_auto_created=True)
        if canary in json.dumps(list(model._base_manager.values()), cls=DjangoJSONEncoder).lower()
    }


def test_no_table_names_the_person_any_more(customer: Customer) -> None:
    touch_every_feature(customer)
    be_merged(customer)
    be_quoted()
    before = tables_that_name(CANARY)

    forget_customer(customer, by="ada", at=NOW)

    assert before == {
        "access.idempotentanswer",
        "customers.customer",
        "customers.customercontact",
        "customers.customeridentity",
        "customers.customermerge",
        "customers.event",
        "customers.refusedrow",
        "jobs.jobrun",
    }
    assert tables_that_name(CANARY) == set()


def test_no_row_leads_to_the_person_any_more(customer: Customer) -> None:
    touch_every_feature(customer)
    keys = [customer.pk, be_merged(customer).pk]
    relations = list(relations_to_customers())

    forget_customer(customer, by="ada", at=NOW)

    left = [
        one.related_model._base_manager.filter(**{f"{one.field.attname}__in": keys}).count()
        for one in relations
    ]
    assert set(left) == {0}


def test_what_quotes_the_contact_that_a_merge_put_away_is_blanked(customer: Customer) -> None:
    file = IngestBatch.objects.create(name="customers.csv", created_at=NOW)
    file.refused.create(line=1, reason="x", detail=f"No {CANARY}-twin@example.com.", raw="?")
    be_merged(customer)

    forget_customer(customer, by="ada", at=NOW)

    assert file.refused.get().detail == BLANK


def test_an_export_holds_what_was_of_the_absorbed_and_the_merge(customer: Customer) -> None:
    be_merged(customer)

    export = export_customer(customer, by="ada", at=NOW)

    assert [one["external_id"] for one in export["customers.customer"]] == [
        f"{CANARY}-id",
        f"{CANARY}-twin",
    ]
    (merged,) = export["customers.customermerge"]
    assert merged["contact"]["email"] == f"{CANARY}-twin@example.com"
    assert [one["customer"] for one in export["campaigns.coupon"]] == [f"{CANARY}-twin"]
    assert "email_key" not in export["customers.customercontact"][0]


def test_the_money_a_campaign_spent_stays(customer: Customer) -> None:
    touch_every_feature(customer)

    forget_customer(customer, by="ada", at=NOW)

    (redemption,) = Redemption.objects.all()
    assert (redemption.discount_amount, redemption.coupon.customer) == (50, None)
    assert redemption.coupon.campaign.assignments.get().customer is None


def test_a_repeated_request_is_answered_as_before_but_for_the_name(customer: Customer) -> None:
    shop = client()
    first = send_taken_id(shop)
    forget_customer(customer, by="ada", at=NOW)

    again = send_taken_id(shop)

    assert CANARY in first.data["refused"][0]["detail"]
    assert (again.status_code, again["Idempotency-Replayed"]) == (207, "true")
    assert again.data["refused"][0]["detail"] == BLANK
    assert again.data["created"] == 1


def test_what_was_refused_of_others_stays(customer: Customer) -> None:
    file = IngestBatch.objects.create(name="orders.csv", created_at=NOW)
    file.refused.create(line=1, reason="x", detail="No such day.", raw=f"{CANARY}-id2,?")

    forget_customer(customer, by="ada", at=NOW)

    assert file.refused.get().raw == f"{CANARY}-id2,?"


def test_a_file_that_names_them_again_leaves_no_name(customer: Customer) -> None:
    forget_customer(customer, by="ada", at=NOW)

    result = load_customers([person(f"{CANARY}-id", email=f"{CANARY}@example.com")], at=NOW)

    (refused,) = result.refused
    assert refused.reason == "erased"
    assert CANARY not in refused.detail


def test_examples_of_refused_rows_are_forgotten_after_a_season() -> None:
    file = IngestBatch.objects.create(name="orders.csv", created_at=NOW)
    file.refused.create(line=1, reason="x", detail="No such day.", raw="1,?")

    assert forget_refused_rows(at=NOW + timedelta(days=KEEP_DAYS)) == 0
    assert forget_refused_rows(at=NOW + timedelta(days=KEEP_DAYS + 1)) == 1
