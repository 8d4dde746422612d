"""Two customers become one when somebody says so, and all of both is there."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from customers.merging import NotMergeable
from customers.models import Consent, Customer, CustomerContact, CustomerMerge, Event
from customers.services.consent import record_consents
from customers.services.customers import load_customers
from customers.services.ingest import KnownIds
from retention.access.models import AuditEntry
from tests import make
from tests.customers.merging import EARLIER, LATER, customer, merge, two_people, unmerge
from tests.customers.sending import ingest, message, person
from tests.live import WHOLE
from tests.make import NOW

pytestmark = pytest.mark.django_db
NOBODY = (
    *("anonymous", "guest", "distinctid", "distinct_id", "id", "not_authenticated", "email"),
    *("undefined", "true", "false", "null", "None", "none", "NaN", "0", "[object Object]"),
    *("AnonymousUser", "(not set)", "<null>", "void", "Not logged in", "session_id", "{{id}}"),
)
"""Ids that PostHog refuses to merge, and more that programs send when they have none."""


def test_ids_and_events_of_both_are_the_keepers() -> None:
    kept, absorbed = two_people()

    made = merge(kept, absorbed)

    assert (made.identities, made.events) == (2, 2)
    assert set(kept.identities.values_list("source", "external_id")) == {
        ("shop", "c-1"),
        ("shop", "m-1"),
        ("marketplace", "mp-9"),
    }
    assert kept.events.count() == 3
    assert not absorbed.events.exists()


def test_the_keeper_was_seen_when_either_was() -> None:
    merge(*two_people())

    kept = customer("c-1")
    assert (kept.first_seen_at, kept.last_seen_at) == (EARLIER, NOW)


def test_the_keeper_takes_what_they_lack_and_nothing_else() -> None:
    made = merge(*two_people())

    contact = CustomerContact.objects.get()
    assert contact.customer == customer("c-1")
    assert (contact.name, contact.email) == ("Ada", "ada@example.com")
    assert contact.phone == "+44 20 7946 0001"
    assert customer("c-1").timezone == "Europe/London"
    assert made.taken == ["phone", "timezone"]


def test_a_no_of_either_wins_and_a_yes_fills_a_silence() -> None:
    kept, absorbed = two_people()

    merge(kept, absorbed)

    said = kept.consents.filter(is_current=True).values_list("purpose", "granted", "source")
    assert set(said) == {("MARKETING", False, "merge"), ("ANALYTICS", True, "merge")}
    assert not Customer.objects.consenting("MARKETING").exists()


def test_a_no_of_the_keeper_is_not_talked_over() -> None:
    kept, absorbed = make.customer(consents=()), make.customer(consents=("MARKETING",))
    record_consents({(kept.pk, "MARKETING"): False}, source="account page", at=NOW)

    merge(kept, absorbed)

    assert list(kept.consents.values_list("granted", "source")) == [(False, "account page")]


def test_whoever_was_absorbed_is_counted_nowhere() -> None:
    kept, absorbed = make.customer(), make.customer()

    merge(kept, absorbed)

    assert list(Customer.objects.present()) == [kept]
    assert Customer.objects.count_present() == 1
    assert list(Customer.objects.consenting("MARKETING")) == [kept]
    assert Customer.objects.get(pk=absorbed.pk).current == kept


def test_what_still_arrives_for_the_absorbed_lands_with_the_keeper() -> None:
    kept, absorbed = two_people()
    before = KnownIds()
    ingest(message(customer="m-1", message_id="4"), known=before)
    before.customers["shop", "m-1"] = absorbed.pk  # As a long import remembers it.
    merge(kept, absorbed)

    ingest(message(customer="m-1", message_id="5"), known=before)
    load_customers([person("m-1", phone="112")], at=LATER)

    assert Event.objects.get(message_id="5").customer == kept
    assert CustomerContact.objects.get().phone == "112"
    assert Customer.objects.count() == 2


def test_a_merge_says_who_when_and_why_and_the_log_names_nobody() -> None:
    kept, absorbed = two_people()

    made = merge(kept, absorbed)

    assert (made.merged_by, made.merged_at, made.reason) == ("ada", LATER, "The same e-mail.")
    entry = AuditEntry.objects.get(action="merge")
    assert (entry.actor, entry.thing_id) == ("ada", str(kept.pk))
    assert entry.after == {"absorbed": absorbed.pk, "ids": 2, "events": 2}


@pytest.mark.parametrize("nobody", NOBODY)
def test_an_id_that_is_nobodys_is_never_merged(nobody: str) -> None:
    somebody, crowd = make.customer(), make.customer(external_id=nobody)

    for one, other in ((somebody, crowd), (crowd, somebody)):
        with pytest.raises(NotMergeable, match="stands for many people"):
            merge(one, other)

    assert not CustomerMerge.objects.exists()


def test_nobody_is_merged_with_themselves() -> None:
    one = make.customer()

    with pytest.raises(NotMergeable, match="with themselves"):
        merge(one, one)


def test_nobody_is_merged_twice_nor_in_a_ring() -> None:
    one, two, three = (make.customer() for _ in range(3))
    merge(one, two)

    for kept, absorbed in ((three, two), (two, three), (two, one)):
        with pytest.raises(NotMergeable, match=f"{two} is merged into {one} already"):
            merge(kept, absorbed)


def test_whoever_was_absorbed_before_is_the_new_keepers_too() -> None:
    one, two, three = (make.customer() for _ in range(3))
    merge(two, three)

    merge(one, two)

    assert set(one.absorbed.all()) == {two, three}
    assert one.identities.count() == 3


@pytest.mark.parametrize(
    "broken",
    [
        lambda one, two: Customer.objects.filter(pk=one.pk).update(merged_into=one),
        lambda one, two: _again(one, absorbed=two),
        lambda one, two: _again(one, absorbed=one),
    ],
)
def test_the_database_refuses_what_must_never_be(broken: Any) -> None:
    one, two = make.customer(), make.customer()
    merge(one, two)

    with pytest.raises(IntegrityError), transaction.atomic():
        broken(one, two)


def _again(kept: Customer, *, absorbed: Customer) -> CustomerMerge:
    given = {"identities": 0, "events": 0, "merged_by": "ada", "merged_at": NOW}
    return CustomerMerge.objects.create(kept=kept, absorbed=absorbed, **given)


def test_very_many_events_move_and_come_back() -> None:
    kept, absorbed = make.customer(), make.customer()
    many = 50_000 if WHOLE else 5_000
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %s)"
            " INSERT INTO customers_event (source, message_id, kind, customer_id, quantity,"
            "  discount, currency, order_id, coupon_code, occurred_at, received_at,"
            "  clock_corrected)"
            " SELECT 'web', CAST(i AS varchar), 'VIEW', %s, 1, 0, '', '', '', at, at, FALSE"
            " FROM n, (SELECT created_at AS at FROM customers_customer WHERE id = %s) AS made",
            [many, absorbed.pk, absorbed.pk],
        )

    made = merge(kept, absorbed)
    moved = kept.events.count()
    unmerge(made)

    assert (made.events, moved) == (many, many)
    assert (kept.events.count(), absorbed.events.count()) == (0, many)


def test_every_word_stays_on_record() -> None:
    kept, absorbed = two_people()
    before = Consent.objects.count()

    unmerge(merge(kept, absorbed))

    assert Consent.objects.count() == before + 2
