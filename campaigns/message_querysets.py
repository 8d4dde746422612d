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

    def out(self) -> "MessageQuerySet":
        """What reached somebody, or may have."""
        return self.filter(Q(state__in=["SENT", "SENDING"]) | Q(reason="UNKNOWN"))

    def out_since(self, moment: datetime) -> "MessageQuerySet":
        """What counts for how often a customer was written to. Of what nobody answered for
        `due_at` stays just after the last try."""
        return self.out().filter(Q(sent_at__gt=moment) | Q(sent_at=None, due_at__gt=moment))

    def out_within(self, days: int, *, at: datetime) -> "MessageQuerySet":
        return self.out_since(at - timedelta(days=days))

    def of_ended(self) -> "MessageQuerySet":
        """Open ones of campaigns that are over."""
        from .models import Campaign

        return self.open().filter(campaign__in=Campaign.objects.ended())

    def stop(self) -> int:
        """Send none of these that is not on its way; returns how many that were."""
        return self.filter(state="WAITING").update(state="SKIPPED", reason="STOPPED")

    def give_up_on(self, at: datetime, *, error: str) -> int:
        """Of these nobody answered in time, and nobody will ask again; returns how many."""
        lost = self.filter(state="SENDING", due_at__lte=at)
        return lost.update(state="FAILED", reason="UNKNOWN", error=error)
