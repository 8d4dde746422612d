"""Customers as the shop sends them: whole or in part, with ids elsewhere and consents."""

from typing import Any

import pytest

from catalog.services.load import Loaded
from customers.messages import CustomerMessage
from customers.models import Consent, Customer, CustomerContact, CustomerIdentity
from customers.services.customers import load_customers
from customers.services.forget import forget_customer
from tests import make
from tests.customers.sending import ingest, message, person
from tests.live import Crowd
from tests.make import NOW

pytestmark = pytest.mark.django_db


def load(*people: CustomerMessage) -> Loaded:
    return load_customers(people, at=NOW)


def ids_of(external_id: str) -> set[str]:
    customer = Customer.objects.get(external_id=external_id)
    return {str(identity) for identity in customer.identities.all()}


def test_a_customer_is_made_with_all_that_was_sent() -> None:
    sent = person(
        name="Ada",
        email="ada@example.com",
        timezone="Europe/London",
        locale="en-GB",
        also=(("web", "w7"),),
        consents={"marketing": True, "ANALYTICS": False},
    )

    assert load(sent) == Loaded(1, 0, 0, [])

    customer = Customer.objects.select_related("contact").get()
    assert (customer.external_id, customer.timezone, customer.locale) == (
        "42",
        "Europe/London",
        "en-GB",
    )
    assert (customer.contact.name, customer.contact.email) == ("Ada", "ada@example.com")
    assert ids_of("42") == {"shop:42", "web:w7"}
    assert set(Consent.objects.values_list("purpose", "granted")) == {
        ("MARKETING", True),
        ("ANALYTICS", False),
    }


def test_what_is_not_sent_stays_as_it_is() -> None:
    load(person(name="Ada", phone="123", timezone="Europe/London", locale="en-GB"))

    assert load(person(phone="456", locale="")) == Loaded(0, 1, 0, [])

    customer = Customer.objects.get()
    contact = CustomerContact.objects.get()
    assert (customer.timezone, customer.locale) == ("Europe/London", "")
    assert (contact.name, contact.phone) == ("Ada", "456")


def test_the_same_again_changes_nothing() -> None:
    sent = person(name="Ada", also=(("web", "w7"),), consents={"MARKETING": True})
    load(sent)

    assert load(sent) == Loaded(0, 0, 1, [])
    assert Consent.objects.count() == 1


def test_the_last_of_two_messages_about_one_customer_stands() -> None:
    assert load(person(name="Ada"), person(name="Ada L.")) == Loaded(1, 1, 0, [])

    assert CustomerContact.objects.get().name == "Ada L."


def test_a_customer_without_contact_data_has_no_contact_row() -> None:
    load(person(locale="en"), person("43", name="", email=""))

    assert not CustomerContact.objects.exists()


def test_someone_met_in_events_is_the_same_customer() -> None:
    ingest(message())

    assert load(person(name="Ada")) == Loaded(0, 1, 0, [])
    assert Customer.objects.count() == 1


def test_someone_met_elsewhere_gets_the_shops_name_when_it_links_them() -> None:
    ingest(message(customer="w7", customer_source="web"))

    load(person(also=(("web", "w7"),)))

    assert ids_of("42") == {"shop:42", "web:w7"}
    assert Customer.objects.get().events.count() == 1


@pytest.mark.parametrize(
    "linking",
    [
        pytest.param(person("43", also=(("web", "w7"),)), id="an id of another customer"),
        pytest.param(person("44", also=(("web", "w7"),)), id="by a customer who is new"),
        pytest.param(person("43", also=(("app", "a1"), ("web", "w7"))), id="among new ids"),
    ],
)
def test_two_customers_are_never_made_one(linking: CustomerMessage) -> None:
    load(person(also=(("web", "w7"),)), person("43"))

    result = load(linking, person("45"))

    assert [(one.index, one.reason) for one in result.refused] == [(0, "identity_taken")]
    assert "web:w7 belongs to another customer" in result.refused[0].detail
    assert (ids_of("42"), ids_of("43")) == ({"shop:42", "web:w7"}, {"shop:43"})
    assert Customer.objects.count() == 3


def test_two_people_met_elsewhere_are_not_made_one_by_a_new_customer() -> None:
    ingest(
        message(customer="w7", customer_source="web"), message(customer="a1", customer_source="app")
    )

    result = load(person(also=(("web", "w7"), ("app", "a1"))))

    assert [one.reason for one in result.refused] == ["identity_taken"]
    assert Customer.objects.count() == 2


def test_two_messages_of_a_batch_do_not_share_an_id() -> None:
    result = load(person(also=(("web", "w7"),)), person("43", also=(("web", "w7"),)))

    assert [(one.index, one.reason) for one in result.refused] == [(1, "identity_taken")]
    assert ids_of("42") == {"shop:42", "web:w7"}


def test_someone_erased_is_not_made_again() -> None:
    load(person(also=(("web", "w7"),)))
    forget_customer(Customer.objects.get(), by="ada", at=NOW)

    result = load(person(), person("43", also=(("web", "w7"),)), person("44"))

    assert [(one.index, one.reason) for one in result.refused] == [(0, "erased"), (1, "erased")]
    assert Customer.objects.get().external_id == "44"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"external_id": ""}, "bad_external_id"),
        ({"external_id": "undefined"}, "bad_external_id"),
        ({"external_id": "x" * 129}, "bad_external_id"),
        ({"also": (("web", "null"),)}, "bad_external_id"),
        ({"also": (("a:b", "7"),)}, "bad_source"),
        ({"email": "ada"}, "bad_email"),
        ({"timezone": "Mars/Olympus"}, "bad_timezone"),
        ({"locale": "french!"}, "bad_locale"),
        ({"name": "A\x00da"}, "nul_character"),
        ({"name": 7}, "bad_name"),
        ({"consents": {"EVERYTHING": True}}, "bad_consents"),
        ({"consents": {"MARKETING": "yes"}}, "bad_consents"),
    ],
)
def test_a_wrong_customer_is_refused_and_the_others_are_made(
    fields: dict[str, Any], reason: str
) -> None:
    result = load(person("41"), person(**fields), person("43"))

    assert [(one.index, one.reason) for one in result.refused] == [(1, reason)]
    assert set(Customer.objects.values_list("external_id", flat=True)) == {"41", "43"}


def test_a_hundred_customers_take_as_many_queries_as_ten(
    django_assert_max_num_queries: Any,
) -> None:
    people = [person(str(n), name=f"N{n}", consents={"MARKETING": True}) for n in range(1, 101)]

    with django_assert_max_num_queries(26):
        assert load(*people).created == 100


@pytest.mark.usefixtures("live_database")
def test_customers_sent_by_many_at_once_are_made_once() -> None:
    people = [person(str(n), also=(("web", f"w{n}"),), name=f"N{n}") for n in range(1, 41)]

    with Crowd(6) as shops:
        results = list(shops.map(lambda _: load(*people), range(6)))

    assert sum(result.created for result in results) >= 40
    assert not any(result.refused for result in results)
    assert Customer.objects.count() == CustomerContact.objects.count() == 40
    assert CustomerIdentity.objects.count() == 80


def test_a_made_customer_is_found_by_events() -> None:
    customer = make.customer(external_id="42")

    ingest(message())

    assert customer.events.count() == 1
