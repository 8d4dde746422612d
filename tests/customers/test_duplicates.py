"""Who may be one person is found by what is theirs alone, however it was written."""

import pytest

from customers.duplicates import others_like, possible_duplicates
from customers.models import Customer, CustomerContact
from tests import make
from tests.customers.merging import merge

pytestmark = pytest.mark.django_db


def reached(**contact: str) -> Customer:
    customer = make.customer()
    CustomerContact.objects.create(customer=customer, **contact)
    return customer


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"email": "Ada@Example.com"}, {"email": "ada@example.COM"}),
        ({"phone": "+44 20 7946 0001"}, {"phone": "(020) 7946-0001"}),
        ({"phone": "0033.1.23.45.67.89"}, {"phone": "01 23 45 67 89"}),
    ],
)
def test_an_address_is_the_same_however_it_is_written(
    one: dict[str, str], other: dict[str, str]
) -> None:
    pair = reached(**one), reached(**other)

    (group,) = possible_duplicates().groups

    assert group.customers == pair
    assert others_like(pair[0]) == [pair[1]]


@pytest.mark.parametrize("contact", [{"name": "Ada"}, {"phone": "112"}, {"phone": "", "email": ""}])
def test_what_says_nothing_of_a_person_makes_nobody_alike(contact: dict[str, str]) -> None:
    one, _ = reached(**contact), reached(**contact)

    assert possible_duplicates().count == 0
    assert others_like(one) == []


def test_pairs_come_first_and_what_very_many_share_is_not_offered() -> None:
    office = [reached(email="office@example.com") for _ in range(6)]
    pair = [reached(phone="0123 456789") for _ in range(2)]

    found = possible_duplicates()

    assert found.count == 2
    assert [(group.count, group.are_many) for group in found.groups] == [(2, False), (6, True)]
    assert [len(group.customers) for group in found.groups] == [2, 0]
    assert [group.value for group in found.groups] == ["0123 456789", "office@example.com"]
    assert (others_like(office[0]), others_like(pair[0])) == ([], [pair[1]])


def test_who_was_merged_is_alike_to_nobody() -> None:
    one, other = reached(email="a@example.com"), reached(email="a@example.com")

    merge(one, other)

    assert possible_duplicates().count == 0
    assert others_like(one) == []
