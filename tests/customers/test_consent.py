"""What customers agree to: every word is kept, the last one stands, and it is obeyed at once."""

import pytest
from django.test import override_settings

from customers.models import Consent, Customer
from customers.services.consent import record_consents
from tests import make
from tests.customers.merging import merge
from tests.live import Crowd
from tests.make import NOW

pytestmark = pytest.mark.django_db


def say(customer: Customer, purpose: str, granted: bool) -> set[tuple[int, str]]:
    return record_consents({(customer.pk, purpose): granted}, source="account", at=NOW)


def test_the_last_word_stands_and_the_earlier_ones_are_kept() -> None:
    customer = make.customer(consents=())

    for granted in (True, False, True):
        say(customer, "MARKETING", granted)

    said = Consent.objects.order_by("pk").values_list("granted", "is_current")
    assert list(said) == [(True, False), (False, False), (True, True)]


def test_the_same_word_again_is_no_news() -> None:
    customer = make.customer(consents=())

    assert say(customer, "MARKETING", False) == {(customer.pk, "MARKETING")}
    assert say(customer, "MARKETING", False) == set()
    assert Consent.objects.count() == 1


def test_a_word_about_one_purpose_says_nothing_about_another() -> None:
    customer = make.customer(consents=("ANALYTICS", "MARKETING"))

    say(customer, "MARKETING", False)

    assert Customer.objects.consenting("ANALYTICS").exists()
    assert not Customer.objects.consenting("MARKETING").exists()


@override_settings(CONSENT_ASSUMED=["ANALYTICS"])
def test_where_consent_is_assumed_only_an_objection_excludes() -> None:
    silent, willing, objecting = (make.customer(consents=()) for _ in range(3))
    say(willing, "ANALYTICS", True)
    say(objecting, "ANALYTICS", False)

    assert set(Customer.objects.consenting("ANALYTICS")) == {silent, willing}


@override_settings(CONSENT_ASSUMED=[])
def test_where_it_is_not_assumed_only_a_yes_includes() -> None:
    _silent, willing, objecting = (make.customer(consents=()) for _ in range(3))
    say(willing, "MARKETING", True)
    say(objecting, "MARKETING", False)

    assert set(Customer.objects.consenting("MARKETING")) == {willing}


def test_an_objection_counts_from_the_moment_it_is_recorded() -> None:
    customers = [make.customer() for _ in range(20)]
    objecting = customers[:5]

    record_consents(
        {(customer.pk, "MARKETING"): False for customer in objecting}, source="shop", at=NOW
    )

    assert set(Customer.objects.consenting("MARKETING")) == set(customers[5:])


def test_consent_of_someone_who_is_gone_is_let_go() -> None:
    assert record_consents({(7, "MARKETING"): True}, source="shop", at=NOW) == set()


def test_a_word_of_who_was_merged_is_a_word_of_who_they_are_now() -> None:
    kept, absorbed = make.customer(), make.customer()
    merge(kept, absorbed)

    assert say(absorbed, "MARKETING", False) == {(kept.pk, "MARKETING")}
    assert not Customer.objects.present().consenting("MARKETING").exists()


def test_of_two_ids_of_one_person_the_one_that_objects_is_heard() -> None:
    kept, absorbed = make.customer(), make.customer()
    merge(kept, absorbed)
    said = {(absorbed.pk, "MARKETING"): False, (kept.pk, "MARKETING"): True}

    assert record_consents(said, source="shop", at=NOW) == {(kept.pk, "MARKETING")}
    assert not Customer.objects.present().consenting("MARKETING").exists()


@pytest.mark.usefixtures("live_database")
def test_of_two_words_said_at_once_one_stands() -> None:
    customer = make.customer(consents=())

    with Crowd(8) as devices:
        list(devices.map(lambda n: say(customer, "MARKETING", n % 2 == 0), range(40)))

    assert Consent.objects.filter(is_current=True).count() == 1
