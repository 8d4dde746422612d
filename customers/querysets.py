from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

if TYPE_CHECKING:
    from .models import Customer, Event  # noqa: F401 - named in the types below


class CustomerQuerySet(QuerySet["Customer"]):
    def consenting(self, purpose: str) -> "CustomerQuerySet":
        """Who may be processed for a purpose: said yes, or was not asked where that is enough."""
        from .models import Consent

        said = Consent.objects.filter(customer=OuterRef("pk"), purpose=purpose, is_current=True)
        if purpose in settings.CONSENT_ASSUMED:
            return self.exclude(Exists(said.filter(granted=False)))
        return self.filter(Exists(said.filter(granted=True)))


class EventQuerySet(QuerySet["Event"]):
    def purchases(self) -> "EventQuerySet":
        return self.filter(kind="PURCHASE")

    def of_kinds(self, kinds: Iterable[str]) -> "EventQuerySet":
        return self.filter(kind__in=list(kinds))
