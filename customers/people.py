"""A customer message that holds, with its ids as they are stored; one that does not is refused."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

import msgspec
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from msgspec import UNSET

from catalog.refusals import Refusal, Refused, sound
from customers.facts import source_of
from customers.identifiers import is_nobody
from customers.messages import CustomerMessage
from customers.models import SHOP, Purpose
from customers.store.rows import SourceId

CONTACT = ("name", "email", "phone")
HABITS = ("timezone", "locale")


class Person(msgspec.Struct, frozen=True):
    """What the shop says of a customer. contact and habits hold only what was sent."""

    index: int
    shop_id: SourceId
    others: tuple[SourceId, ...]
    contact: dict[str, str]
    habits: dict[str, str]
    consents: dict[str, bool]

    @property
    def ids(self) -> tuple[SourceId, ...]:
        return (self.shop_id, *self.others)


def read_customers(
    customers: Sequence[CustomerMessage],
) -> tuple[list[Person], list[Refused]]:
    messages, refused = sound(customers, CustomerMessage)
    people = []
    for index, message in messages:
        try:
            people.append(_person(index, message))
        except Refusal as refusal:
            refused.append(refusal.at(index))
    return people, refused


def _person(index: int, message: CustomerMessage) -> Person:
    others = [_id(one.source, one.external_id) for one in message.identities]
    person = Person(
        index,
        _id(SHOP, message.external_id),
        tuple(dict.fromkeys(others)),
        _sent(message, CONTACT),
        _sent(message, HABITS),
        {purpose.upper(): granted for purpose, granted in message.consents.items()},
    )
    if unknown := person.consents.keys() - set(Purpose.values):
        raise Refusal(
            "bad_consents",
            f"No purpose {min(unknown)[:60]!r}. There are {', '.join(Purpose.values)}.",
        )
    _check_email(person.contact.get("email", ""))
    if (zone := person.habits.get("timezone")) and zone not in _zones():
        raise Refusal("bad_timezone", f"timezone {zone!r}: expected an IANA name: Europe/Paris.")
    if not re.fullmatch(
        r"([A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*)?", person.habits.get("locale", "")
    ):
        raise Refusal("bad_locale", f"locale {message.locale!r}: expected as in fr-FR.")
    return person


def _id(source: str, external_id: str) -> SourceId:
    if is_nobody(external_id.strip()):
        raise Refusal("bad_external_id", f"external_id {external_id!r} names nobody.")
    return source_of(source), external_id.strip()


def _sent(message: CustomerMessage, fields: Sequence[str]) -> dict[str, str]:
    values: dict[str, Any] = {field: getattr(message, field) for field in fields}
    return {field: value.strip() for field, value in values.items() if value is not UNSET}


def _check_email(email: str) -> None:
    try:
        if email:
            validate_email(email)
    except ValidationError:
        raise Refusal("bad_email", f"email {email!r}: expected as in ada@example.com.") from None


@lru_cache
def _zones() -> set[str]:
    return available_timezones()
