"""What customers said about being processed. Said once is kept for ever; the last word stands."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Coalesce

from customers.models import Consent, Customer
from customers.store import store

Said = Mapping[tuple[int, str], bool]
"""A yes or no for each customer's row number and purpose."""


def record_consents(said: Said, *, source: str, at: datetime) -> set[tuple[int, str]]:
    """Keep what differs from the last word, and return whose and which. All of it or nothing.

    What is said of somebody who was merged into another is said of that one.
    """
    with transaction.atomic():
        said = _by_who_they_are_now(said)
        now = _current({customer for customer, _ in said})
        new = {
            key: granted
            for key, granted in said.items()
            if key not in now or now[key].granted != granted
        }
        _end([now[key].pk for key in new if key in now])
        Consent.objects.bulk_create(
            [
                Consent(
                    customer_id=customer,
                    purpose=purpose,
                    granted=granted,
                    source=source,
                    recorded_at=at,
                )
                for (customer, purpose), granted in sorted(new.items())
            ]
        )
    return set(new)


def _by_who_they_are_now(said: Said) -> Said:
    """Each is kept from other writers until we commit, so that one row stays current."""
    asked = Customer.objects.filter(pk__in={customer for customer, _ in said})
    leads = asked.annotate(now=Coalesce("merged_into", "pk")).values_list("pk", "now")
    now = dict(leads.all())
    store().lock_customers(set(now.values()))
    while (since := dict(leads.all())) != now:
        # Merged, parted or erased between our look and our lock: look again.
        now = since
        store().lock_customers(set(now.values()))
    words: dict[tuple[int, str], bool] = {}
    for (customer, purpose), granted in said.items():
        if customer in now:
            # Of two ids of one person, the one that objects is heard.
            key = (now[customer], purpose)
            words[key] = granted and words.get(key, True)
    return words


def _current(customers: Collection[int]) -> dict[tuple[int, str], Consent]:
    rows = Consent.objects.filter(customer__in=customers, is_current=True)
    return {(row.customer_id, row.purpose): row for row in rows}


def _end(consents: list[int]) -> None:
    Consent.objects.filter(pk__in=consents).update(is_current=False)
