"""Consents that the shop states for the customers in a file it imports."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import product

from django.db import transaction

from customers.models import Consent
from customers.services.consent import record_consents
from customers.store import store
from customers.store.rows import SourceId

SOURCE = "import statement"


def state_consents(ids: Collection[SourceId], *, purposes: Sequence[str], at: datetime) -> int:
    """Record that these customers agreed where nothing is on record; returns how many were new.

    A customer's own word is never touched, be it yes or no.
    """
    with transaction.atomic():
        found = store().find_customers(sorted(ids))
        # Locked before it is read what they said, so that nobody says no in between.
        customers = store().lock_customers(found.values())
        said = Consent.objects.filter(customer__in=customers, purpose__in=purposes)
        silent = set(product(customers, purposes)) - set(said.values_list("customer_id", "purpose"))
        return len(record_consents(dict.fromkeys(silent, True), source=SOURCE, at=at))
