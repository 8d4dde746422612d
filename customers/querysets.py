from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

if TYPE_CHECKING:
    from .models import Customer, CustomerMerge, Event  # noqa: F401 - named in the types below

LED_TO = 200
"""Whom an id leads to that is not, or no longer, their own with the shop: up to so many."""


def current(path: str) -> Coalesce:
    """The row number of who a customer is now, for a row that points at one by this path."""
    return Coalesce(f"{path}__merged_into", path)


class CustomerQuerySet(QuerySet["Customer"]):
    def present(self) -> "CustomerQuerySet":
        """Without those who were merged into another: they are counted and shown as that one."""
        return self.filter(merged_into=None)

    def named(self) -> "CustomerQuerySet":
        """With what they are called by, in the same query."""
        return self.select_related("contact")

    def count_present(self) -> int:
        """How many customers there are: two counts in indexes, where one would read them all."""
        return self.count() - self.exclude(merged_into=None).count()

    def of_person(self, customer: "Customer") -> "CustomerQuerySet":
        """Who a customer is now, and everyone merged into them."""
        now = customer.merged_into_id or customer.pk
        return self.filter(Q(pk=now) | Q(merged_into=now))

    def called(self, name: str) -> "Customer | None":
        """Who has this id: the shop's own, else one of another source, spelt source:id."""
        found = self.filter(external_id=name).first()
        source, colon, external_id = name.partition(":")
        if found or not colon:
            return found
        return self.filter(identities__source=source, identities__external_id=external_id).first()

    def known_by(self, beginning: str) -> "CustomerQuerySet":
        """Those with an id that begins so, the shop's or another source's (spelt bare or
        source:id), or who absorbed somebody with one."""
        begins = Q(external_id__startswith=beginning)
        merged = self.model.objects.exclude(merged_into=None).filter(begins)
        # Looked up first: an OR with rows of another query is answered by reading every customer.
        led_to = list(merged.values_list("merged_into", flat=True)[:LED_TO])
        led_to += self._elsewhere("startswith", beginning)
        return self.filter(begins | Q(pk__in=led_to)) if led_to else self.filter(begins)

    def found_by(self, said: str) -> "CustomerQuerySet":
        """Those whose id, in whatever source, name or e-mail address begins so."""
        if not said:
            return self
        # A whole address and the beginning of an id are in an index; what begins so is read through
        # only where there is none.
        sure = self.filter(contact__email_key=said.lower()) if "@" in said else self.known_by(said)
        if sure.exists():
            return sure
        begins = Q(contact__name__istartswith=said) | Q(contact__name__icontains=f" {said}")
        return self.filter(begins | Q(contact__email_key__startswith=said.lower()))

    def _elsewhere(self, lookup: str, external_id: str) -> list[int]:
        """Row numbers of those whom another source than the shop knows by such an id."""
        from .models import SHOP, CustomerIdentity

        ids = CustomerIdentity.objects.filter(
            ~Q(source=SHOP), **{f"external_id__{lookup}": external_id}
        )
        found = list(ids.values_list("customer", flat=True)[:LED_TO])
        source, colon, rest = external_id.partition(":")
        if colon:
            of_source = CustomerIdentity.objects.filter(
                source=source, **{f"external_id__{lookup}": rest}
            )
            found += of_source.values_list("customer", flat=True)[:LED_TO]
        return found

    def consenting(self, purpose: str) -> "CustomerQuerySet":
        """Who may be processed for a purpose: said yes, or was not asked where that is enough.

        Who was merged into another is nobody of their own, and asked as that one.
        """
        from .models import Consent

        said = Consent.objects.filter(customer=OuterRef("pk"), purpose=purpose, is_current=True)
        if purpose in settings.CONSENT_ASSUMED:
            return self.present().exclude(Exists(said.filter(granted=False)))
        return self.present().filter(Exists(said.filter(granted=True)))

    def asked(
        self,
        *,
        external_id: str = "",
        seen_after: datetime | None = None,
        seen_before: datetime | None = None,
    ) -> "CustomerQuerySet":
        """As an API client asks; what is empty does not narrow."""
        asked = {"last_seen_at__gt": seen_after, "last_seen_at__lt": seen_before}
        found = self.present().filter(**{name: value for name, value in asked.items() if value})
        if not external_id:
            return found
        own = self.filter(external_id=external_id).annotate(now=Coalesce("merged_into", "pk"))
        known = [*own.values_list("now", flat=True), *self._elsewhere("exact", external_id)]
        return found.filter(pk__in=known)


class CustomerMergeQuerySet(QuerySet["CustomerMerge"]):
    def in_force(self) -> "CustomerMergeQuerySet":
        return self.filter(undone_at=None)

    def changed_since(self, moment: datetime) -> "CustomerMergeQuerySet":
        """Made or undone since: what was computed before knows nothing of it."""
        return self.filter(Q(merged_at__gte=moment) | Q(undone_at__gte=moment))


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
