"""A merge that was wrong is undone, and everyone is as they were, with what came since."""

from datetime import timedelta

import pytest

from customers.models import Customer, CustomerContact, CustomerIdentity, Event, MergedEvent
from customers.services.consent import record_consents
from customers.services.customers import load_customers
from customers.services.forget import forget_customer
from customers.services.ingest import KnownIds
from customers.services.unmerge import NotUndoable
from retention.access.models import AuditEntry
from tests import make
from tests.customers.merging import LATER, customer, known, merge, two_people, unmerge
from tests.customers.sending import ingest, message, person
from tests.make import NOW

pytestmark = pytest.mark.django_db
WEB = {"customer_source": "web"}


def test_undone_everyone_is_as_they_were() -> None:
    kept, absorbed = two_people()
    before = known()

    made = merge(kept, absorbed)
    while_one = known()
    unmerge(made)

    assert while_one != before
    assert known() == before
    assert not MergedEvent.objects.exists()


def test_what_came_by_an_id_of_the_absorbed_goes_back_with_it() -> None:
    kept, absorbed = two_people()
    made = merge(kept, absorbed)
    lately = NOW + timedelta(days=2)
    ingest(message(customer="m-1", message_id="theirs", occurred_at=lately), at=lately)
    ingest(message(customer="c-1", message_id="ours", occurred_at=lately), at=lately)

    unmerge(made, at=lately)

    whose = Event.objects.filter(message_id__in=["theirs", "ours"]).order_by("message_id")
    assert [event.customer for event in whose] == [kept, absorbed]
    assert customer("m-1").last_seen_at == lately


def test_a_message_sent_again_by_the_other_id_moves_nothing() -> None:
    kept, absorbed = two_people()
    made = merge(kept, absorbed)
    ingest(message(customer="m-1", message_id="1", order_id="o1"), at=LATER + timedelta(hours=1))

    unmerge(made)

    assert Event.objects.get(message_id="1").customer == kept


def test_an_import_that_remembers_the_keeper_asks_again_after_the_undoing() -> None:
    kept, absorbed = two_people()
    made, lasting = merge(kept, absorbed), KnownIds()
    ingest(message(customer="m-1", message_id="4"), known=lasting)
    unmerge(made)

    ingest(message(customer="m-1", message_id="5"), known=lasting)

    assert {event.customer for event in Event.objects.filter(message_id__in="45")} == {absorbed}


def test_an_id_that_was_linked_since_stays_with_the_keeper() -> None:
    kept, absorbed = two_people()
    made = merge(kept, absorbed)
    load_customers([person("c-1", also=(("web", "w-7"),))], at=LATER)

    unmerge(made)

    assert CustomerIdentity.objects.get(external_id="w-7").customer == kept


def test_contact_that_was_changed_since_is_not_taken_back() -> None:
    made = merge(*two_people())
    load_customers([person("c-1", phone="112")], at=LATER)

    unmerge(made)

    phones = CustomerContact.objects.values_list("customer__external_id", "phone")
    assert dict(phones) == {"c-1": "112", "m-1": "+44 20 7946 0001"}


def test_an_objection_made_meanwhile_holds_for_both_and_a_yes_for_the_keeper() -> None:
    one, two = make.customer(consents=("ANALYTICS",)), make.customer(consents=("ANALYTICS",))
    made = merge(one, two)
    since = LATER + timedelta(days=1)
    said = {(one.pk, "ANALYTICS"): False, (one.pk, "MARKETING"): True}
    record_consents(said, source="account page", at=since)

    unmerge(made, at=since)

    assert not Customer.objects.consenting("ANALYTICS").exists()
    assert list(Customer.objects.consenting("MARKETING")) == [one]


def test_merges_of_one_person_are_undone_last_first() -> None:
    one, two, three = (make.customer(external_id=name) for name in ("one", "two", "three"))
    for who in (one, two, three):
        ingest(message(customer=str(who), message_id=f"by {who}"))
    before = known()
    inner = merge(two, three)
    between = known()
    outer = merge(one, two)
    ingest(message(customer="three", message_id="late", occurred_at=NOW))

    with pytest.raises(NotUndoable, match="two was merged into one later, on 1 June 2026"):
        unmerge(inner)
    unmerge(outer)
    late = Event.objects.get(message_id="late")
    assert late.customer == two
    unmerge(inner)
    late.refresh_from_db()
    assert late.customer == three

    late.delete()
    assert known() == before
    assert between != before


def test_the_keepers_later_merge_is_undone_first_too() -> None:
    one, two, three = (make.customer(external_id=name) for name in ("one", "two", "three"))
    first = merge(one, two)
    merge(one, three)

    with pytest.raises(NotUndoable, match="three was merged into one later"):
        unmerge(first)


def test_a_merge_is_undone_once_and_can_be_made_again() -> None:
    one, two = make.customer(), make.customer()
    made = unmerge(merge(one, two))

    with pytest.raises(NotUndoable, match="undone already"):
        unmerge(made)
    again = merge(two, one)

    assert (made.undone_by, made.contact) == ("ben", {})
    assert again.kept == two
    assert AuditEntry.objects.filter(action="unmerge", actor="ben").count() == 1


def test_erasing_the_keeper_erases_whoever_was_absorbed() -> None:
    kept, absorbed = two_people()
    made = merge(kept, absorbed)
    coupon = make.coupon(customer=absorbed)

    forget_customer(absorbed, by="ada", at=LATER)  # By either id, it is the one person.

    coupon.refresh_from_db()
    assert coupon.customer is None
    assert not Customer.objects.exists()
    assert ingest(message(customer="m-1", message_id="9")).notes["erased"] == 1
    with pytest.raises(NotUndoable, match="erased"):
        unmerge(made)
