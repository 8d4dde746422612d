"""Customers as the shop knows them: how to reach them, their ids elsewhere, what they agreed to."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from time import sleep

from django.db import IntegrityError, transaction

from catalog.refusals import Refused
from catalog.services.load import Loaded
from customers.identifiers import own_name
from customers.linking import Link, Owner, link
from customers.messages import CustomerMessage
from customers.models import SHOP, Customer, CustomerContact, CustomerIdentity
from customers.people import CONTACT, HABITS, Person, read_customers
from customers.selectors import erased_among
from customers.services.consent import record_consents
from customers.services.recognise import moved_among
from customers.store import store
from customers.store.rows import SourceId

ATTEMPTS = 10
PAUSE = 0.02
"""Seconds, longer with each attempt: who was in the way has many customers to go through."""


class CustomersMoved(Exception):
    """Others erased, merged or linked one of these at the same moment, again and again."""


def load_customers(
    customers: Sequence[CustomerMessage], *, at: datetime, source: str = "shop"
) -> Loaded:
    """Make or change these customers in one transaction. What is not sent stays as it is.

    source : who says so, kept beside each consent.
    An id that belongs to someone else is refused: two customers never become one here.
    """
    at = at.astimezone(UTC)
    people, refused = read_customers(customers)
    for attempt in range(ATTEMPTS):
        sleep(attempt * PAUSE)
        try:
            with transaction.atomic():
                became, unlinked = _load(people, at=at, source=source)
        except (IntegrityError, CustomersMoved):
            continue
        refused = sorted([*refused, *unlinked], key=lambda one: one.index)
        return Loaded(became["created"], became["updated"], became["unchanged"], refused)
    raise CustomersMoved(f"Gave up after {ATTEMPTS} attempts. Send them again.")


def _load(
    people: Sequence[Person], *, at: datetime, source: str
) -> tuple[Counter[str], list[Refused]]:
    ids = {one for person in people for one in person.ids}
    found, moved = _found(ids)
    links, refused = _link(people, ids, found)
    rows = _rows(links, at=at)
    if moved and moved_among(moved, found):
        raise CustomersMoved  # The merge that brought them was undone meanwhile.
    new = {one.owner for one in links if not isinstance(one.owner, int)}
    changed = (_join(links, rows) | _habits(links, rows) | _contacts(links, rows)) | _consents(
        links, rows, source=source, at=at
    )
    became: Counter[str] = Counter()
    for one in links:
        became["created" if one.owner in new else _update(rows[one.owner] in changed)] += 1
        new.discard(one.owner)
    return became, refused


def _update(different: bool) -> str:
    return "updated" if different else "unchanged"


def _found(ids: Collection[SourceId]) -> tuple[dict[SourceId, int], set[SourceId]]:
    """Who has these ids, and which of them came with a merge."""
    homes = store().find_homes(sorted(ids))
    found = {one: customer for one, (customer, _) in homes.items()}
    return found, {one for one, (_, home) in homes.items() if home is not None}


def _link(
    people: Sequence[Person], ids: set[SourceId], found: Mapping[SourceId, int]
) -> tuple[list[Link], list[Refused]]:
    named = CustomerIdentity.objects.filter(source=SHOP, customer__in=set(found.values()))
    return link(
        people,
        found=found,
        shop_ids={one.customer_id: (SHOP, one.external_id) for one in named},
        erased=erased_among(ids - found.keys()),
    )


def _rows(links: Sequence[Link], *, at: datetime) -> dict[Owner, int]:
    """The row number of every owner, the new ones made, kept from others until we commit."""
    owners = {one.owner for one in links}
    rows: dict[Owner, int] = {owner: owner for owner in owners if isinstance(owner, int)}
    new = {owner for owner in owners if not isinstance(owner, int)}
    if new:
        store().add_customers(sorted((own_name(*one), *one) for one in new), at=at)
        made = store().find_customers(sorted(new))
        rows.update((one, row) for one, row in made.items())
    if store().lock_customers(set(rows.values())) != set(rows.values()):
        raise CustomersMoved
    return rows


def _join(links: Sequence[Link], rows: Mapping[Owner, int]) -> set[int]:
    """Give the customers their further ids; one met elsewhere first gets the shop's name now."""
    new = [
        CustomerIdentity(customer_id=rows[one.owner], source=source, external_id=external_id)
        for one in links
        for source, external_id in one.new_ids
        if (source, external_id) != one.owner  # Made together with the customer.
    ]
    CustomerIdentity.objects.bulk_create(sorted(new, key=str))
    for identity in new:
        if identity.source == SHOP:
            name = own_name(SHOP, identity.external_id)
            Customer.objects.filter(pk=identity.customer_id).update(external_id=name)
    return {identity.customer_id for identity in new}


def _habits(links: Sequence[Link], rows: Mapping[Owner, int]) -> set[int]:
    customers = Customer.objects.in_bulk([rows[one.owner] for one in links if one.person.habits])
    changed = {}
    for one in links:
        for field, value in one.person.habits.items():
            customer = customers[rows[one.owner]]
            if getattr(customer, field) != value:
                setattr(customer, field, value)
                changed[customer.pk] = customer
    Customer.objects.bulk_update(changed.values(), HABITS, batch_size=200)
    return set(changed)


def _contacts(links: Sequence[Link], rows: Mapping[Owner, int]) -> set[int]:
    reached = [one for one in links if any(one.person.contact.values())]
    ids = [rows[one.owner] for one in links if one.person.contact]
    known = {row.customer_id: row for row in CustomerContact.objects.filter(customer__in=ids)}
    for customer in {rows[one.owner] for one in reached} - known.keys():
        known[customer] = CustomerContact(customer_id=customer)
    changed = {}
    for one in links:
        for field, value in one.person.contact.items():
            contact = known.get(rows[one.owner])
            if contact is not None and getattr(contact, field) != value:
                setattr(contact, field, value)
                changed[contact.customer_id] = contact
    for contact in changed.values():
        contact.pk = None  # Found again by its customer: an upsert of many is one statement.
    CustomerContact.objects.bulk_create(
        changed.values(),
        update_conflicts=True,
        unique_fields=["customer"],
        update_fields=CONTACT,
    )
    return set(changed)


def _consents(
    links: Sequence[Link], rows: Mapping[Owner, int], *, source: str, at: datetime
) -> set[int]:
    said = {
        (rows[one.owner], purpose): granted
        for one in links
        for purpose, granted in one.person.consents.items()
    }
    changed = record_consents(said, source=source, at=at) if said else set()
    return {customer for customer, _ in changed}
