from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from customers.models import Customer

if TYPE_CHECKING:
    from .models import Message  # noqa: F401 - named in the types below


class MessageQuerySet(QuerySet["Message"]):
    def open(self) -> "MessageQuerySet":
        """Neither sent nor given up nor left out."""
        return self.filter(state__in=["WAITING", "SENDING"])

    def due(self, at: datetime) -> "MessageQuerySet":
        """What a sender may take, oldest first: also what another took and never answered for."""
        return self.open().filter(due_at__lte=at).order_by("due_at", "pk")

    def of_person(self, customer: Customer) -> "MessageQuerySet":
        """Theirs, and those of whoever was merged into them."""
        return self.filter(customer__in=Customer.objects.of_person(customer))

    def out_since(self, moment: datetime) -> "MessageQuerySet":
        """What counts for how often a customer was written to: sent since, or on its way."""
        return self.filter(Q(state="SENT", sent_at__gt=moment) | Q(state="SENDING"))

    def out_within(self, days: int, *, at: datetime) -> "MessageQuerySet":
        return self.out_since(at - timedelta(days=days))

    def stop(self) -> int:
        """Send none of these that is not on its way; returns how many that were."""
        return self.filter(state="WAITING").update(state="SKIPPED", reason="STOPPED")
