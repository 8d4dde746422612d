"""Merges, their undoing, erasures and events at the same moment: one wins, nothing is lost."""

from concurrent.futures import wait

import pytest
from django.db import transaction

from customers.merging import NotMergeable
from customers.models import Consent, Customer, CustomerIdentity, CustomerMerge, Event
from customers.services.consent import record_consents
from customers.services.forget import forget_customer
from customers.services.merge import merge_facts
from customers.services.unmerge import NotUndoable, unmerge_facts
from tests import make
from tests.customers.merging import merge
from tests.customers.sending import ingest, message
from tests.live import WHOLE, Crowd
from tests.make import NOW

pytestmark = pytest.mark.usefixtures("live_database")
ROUNDS = 40 if WHOLE else 6


def try_merge(kept: Customer, absorbed: Customer) -> int:
    try:
        merge_facts(kept, absorbed, by="ada", reason="", at=NOW)
    except NotMergeable:
        return 0
    return 1


def try_unmerge(made: CustomerMerge) -> int:
    try:
        unmerge_facts(made, by="ada", at=NOW)
    except NotUndoable:
        return 0
    return 1


def test_of_merges_at_once_one_wins_and_none_makes_a_ring() -> None:
    for _ in range(ROUNDS):
        one, two, three = (make.customer() for _ in range(3))
        with Crowd(4) as operators:
            pairs = [(one, two), (two, one), (one, two), (two, three)]
            won = [operators.submit(try_merge, *pair) for pair in pairs]

        assert sum(one.result() for one in won[:3]) == 1
        merged = Customer.objects.exclude(merged_into=None)
        leading = merged.filter(pk__in=[one.pk, two.pk, three.pk])
        assert not leading.exclude(merged_into__merged_into=None).exists()
        assert leading.count() == sum(one.result() for one in won)


def test_of_two_who_undo_a_merge_one_does() -> None:
    for _ in range(ROUNDS):
        made = merge(make.customer(), make.customer())
        with Crowd(3) as operators:
            undone = list(operators.map(try_unmerge, [made] * 3))

        assert sum(undone) == 1


def test_events_that_arrive_meanwhile_are_with_whoever_has_their_id() -> None:
    one, two = make.customer(external_id="one"), make.customer(external_id="two")
    sent = [
        [message(message_id=f"{part}-{n}", customer=("one", "two")[n % 2]) for n in range(50)]
        for part in range(2 * ROUNDS)
    ]

    def merge_and_undo() -> None:
        for _ in range(ROUNDS):
            unmerge_facts(merge(one, two), by="ada", at=NOW)

    with Crowd(4) as writers:
        stored = [writers.submit(lambda part: ingest(*part).stored, part) for part in sent]
        moving = writers.submit(merge_and_undo)

    assert moving.exception() is None
    assert sum(part.result() for part in stored) == Event.objects.count() == 100 * ROUNDS
    assert one.events.count() == two.events.count() == 50 * ROUNDS


def test_events_that_waited_for_a_merge_or_its_undoing_go_where_their_id_went() -> None:
    one, two = make.customer(external_id="one"), make.customer(external_id="two")
    with Crowd(1) as writers:
        with transaction.atomic():
            made = merge(one, two)
            first = writers.submit(ingest, message(customer="two", message_id="1"))
            wait([first], timeout=0.3)  # It has looked whose id that is, and waits for us.
        first.result()
        with transaction.atomic():
            unmerge_facts(made, by="ada", at=NOW)
            second = writers.submit(ingest, message(customer="two", message_id="2"))
            wait([second], timeout=0.3)

    assert second.result().stored == 1
    assert {event.customer for event in Event.objects.all()} == {two}


def test_an_erasure_leaves_nobody_of_a_merge_made_meanwhile() -> None:
    for _ in range(ROUNDS):
        one, two = make.customer(), make.customer()
        with Crowd(2) as operators:
            merged = operators.submit(try_merge, one, two)
            gone = operators.submit(forget_customer, one, by="ben", at=NOW)

        assert gone.exception() is None
        left = Customer.objects.filter(pk__in=[one.pk, two.pk])
        assert list(left) == ([] if merged.result() else [two])
        assert not CustomerIdentity.objects.exclude(customer__in=Customer.objects.all()).exists()


def test_an_objection_that_waited_for_a_merge_or_its_undoing_is_theirs() -> None:
    one, two = make.customer(), make.customer()

    def object_to(purpose: str) -> None:
        record_consents({(two.pk, purpose): False}, source="link", at=NOW)

    with Crowd(1) as devices:
        with transaction.atomic():
            made = merge(one, two)
            first = devices.submit(object_to, "MARKETING")
            wait([first], timeout=0.3)  # It has looked who that is, and waits for us.
        first.result()
        with transaction.atomic():
            unmerge_facts(made, by="ada", at=NOW)
            second = devices.submit(object_to, "ANALYTICS")
            wait([second], timeout=0.3)
        second.result()

    said = Consent.objects.filter(granted=False, is_current=True, source="link")
    assert set(said.values_list("customer", "purpose")) == {
        (one.pk, "MARKETING"),
        (two.pk, "ANALYTICS"),
    }
