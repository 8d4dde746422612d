"""What customers said about being processed. Said once is kept for ever; the last word stands."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from customers.models import Consent
from customers.store import store

Said = Mapping[tuple[int, str], bool]
"""A yes or no for each customer's row number and purpose."""


def record_consents(said: Said, *, source: str, at: datetime) -> set[tuple[int, str]]:
    """Keep what differs from the last word, and return whose and which. All of it or nothing."""
    with transaction.atomic():
        customers = {customer for customer, _ in said}
        # Two writers for one customer take turns, so that one row stays current.
        there = store().lock_customers(customers)
        now = _current(customers)
        new = {
            key: granted
            for key, granted in said.items()
            if key[0] in there and (key not in now or now[key].granted != granted)
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


def _current(customers: Collection[int]) -> dict[tuple[int, str], Consent]:
    rows = Consent.objects.filter(customer__in=customers, is_current=True)
    return {(row.customer_id, row.purpose): row for row in rows}


def _end(consents: list[int]) -> None:
    Consent.objects.filter(pk__in=consents).update(is_current=False)
