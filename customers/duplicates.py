"""Customers who may be one person: they share an e-mail address or a phone number.

Compared as they are looked up, whatever case or signs they were written with. Nothing is merged by
it; somebody looks.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Length

from customers.models import Customer, CustomerContact

MOST = 50
"""Groups shown at once."""
COUNTED = 1_000
"""Groups counted; beyond, there are more."""
MANY = 4
"""An address that more share is seldom one person's: a shop's own, a family's, a placeholder."""
SHORTEST_PHONE = 7
"""Digits. Shorter ones are no numbers that a person has alone."""
SHARED = {"email_key": "e-mail address", "phone_key": "phone number"}


@dataclass(frozen=True)
class Alike:
    """Customers who share something, the longest known first; only the first few of many."""

    shared: str
    value: str
    count: int
    customers: tuple[Customer, ...]

    @property
    def are_many(self) -> bool:
        return self.count > MANY


@dataclass(frozen=True)
class Duplicates:
    """count : groups there are, at most COUNTED + 1."""

    count: int
    groups: tuple[Alike, ...]


def possible_duplicates() -> Duplicates:
    """Pairs first, large groups last: 8 queries at most, that walk along indexes."""
    counted = {key: _shared(key) for key in SHARED}
    count = sum(keys[: COUNTED + 1].count() for keys in counted.values())
    groups: list[Alike] = []
    for key, keys in counted.items():
        groups += _groups(key, dict(keys.order_by("n", key)[:MOST]))
    groups.sort(key=lambda group: group.count)
    return Duplicates(min(count, COUNTED + 1), tuple(groups[:MOST]))


def _shared(key: str) -> QuerySet[Any, Any]:
    """(what is shared, by how many)."""
    written: QuerySet[Any, Any] = CustomerContact.objects.exclude(**{key: ""}).values(key)
    written = written.annotate(n=Count("pk"))
    if key == "phone_key":
        written = written.annotate(digits=Length(key)).filter(digits__gte=SHORTEST_PHONE)
    return written.filter(n__gt=1).values_list(key, "n")


def _groups(key: str, counts: dict[str, int]) -> list[Alike]:
    field = key.removesuffix("_key")
    same = CustomerContact.objects.filter(**{f"{key}__in": counts})
    written = dict(same.values_list(key).annotate(as_written=Min(field)))
    few = [value for value, n in counts.items() if n <= MANY]
    members: dict[str, list[Customer]] = defaultdict(list)
    shown = CustomerContact.objects.filter(**{f"{key}__in": few}).select_related("customer")
    for contact in shown.order_by("customer"):
        members[getattr(contact, key)].append(contact.customer)
    return [
        Alike(SHARED[key], written.get(value, value), n, tuple(members[value]))
        for value, n in counts.items()
    ]


def others_like(customer: Customer) -> list[Customer]:
    """Others who share a customer's e-mail address or phone number; [] where too many do."""
    own = CustomerContact.objects.filter(customer=customer).first()
    if own is None:
        return []
    shared = Q()
    if own.email_key:
        shared |= Q(email_key=own.email_key)
    if len(own.phone_key) >= SHORTEST_PHONE:
        shared |= Q(phone_key=own.phone_key)
    if not shared:
        return []
    rows = CustomerContact.objects.filter(shared).exclude(customer=customer)
    others = [row.customer for row in rows.select_related("customer").order_by("customer")[:MANY]]
    return others if len(others) < MANY else []
