from collections.abc import Iterable
from datetime import datetime
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

    def asked(
        self,
        *,
        external_id: str = "",
        seen_after: datetime | None = None,
        seen_before: datetime | None = None,
    ) -> "CustomerQuerySet":
        """As an API client asks; what is empty does not narrow."""
        asked = {
            "external_id": external_id,
            "last_seen_at__gt": seen_after,
            "last_seen_at__lt": seen_before,
        }
        return self.filter(**{field: value for field, value in asked.items() if value})


class EventQuerySet(QuerySet["Event"]):
    def purchases(self) -> "EventQuerySet":
        return self.filter(kind="PURCHASE")

    def of_kinds(self, kinds: Iterable[str]) -> "EventQuerySet":
        return self.filter(kind__in=list(kinds))

    def sources(self, *, most: int = 20) -> list[str]:
        """The sources that events came from, in order: one look into an index for each."""
        found: list[str] = []
        while len(found) < most:
            later = self.filter(source__gt=found[-1]) if found else self
            source = later.order_by("source").values_list("source", flat=True).first()
            if source is None:
                break
            found.append(source)
        return found
