"""What is kept of a merge, so that it can be undone."""

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from customers.querysets import CustomerMergeQuerySet
from customers.wording import events_and_ids

from .events import Event
from .people import Customer


class CustomerMerge(models.Model):
    """Two customers became one: who said so, when and why, and what it changed."""

    kept = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="merges")
    absorbed = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    reason = models.CharField(max_length=500, blank=True)
    identities = models.PositiveIntegerField(help_text="Ids that moved.")
    events = models.PositiveIntegerField(help_text="Events that moved.")
    contact = models.JSONField(
        default=dict, blank=True, help_text="How to reach the absorbed, until it is undone."
    )
    taken = models.JSONField(
        default=list, blank=True, help_text="What of it the kept lacked and took, by field."
    )
    consents = models.JSONField(
        default=list, blank=True, help_text="Words of the kept that it changed: the rows."
    )
    said = models.JSONField(
        default=list, blank=True, help_text="Words of the absorbed that stood until then: the rows."
    )
    absorbed_before = models.JSONField(
        default=list, blank=True, help_text="Customers the absorbed had absorbed: their rows."
    )
    merged_by = models.CharField(max_length=150)
    merged_at = models.DateTimeField()
    undone_by = models.CharField(max_length=150, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = CustomerMergeQuerySet.as_manager()

    class Meta:
        verbose_name = "merge"
        constraints = [
            UniqueConstraint(
                fields=["absorbed"],
                condition=Q(undone_at=None),
                name="a_customer_is_merged_into_one_at_a_time",
            ),
            CheckConstraint(condition=~Q(kept=F("absorbed")), name="a_merge_is_of_two_customers"),
            CheckConstraint(
                condition=Q(undone_at=None, undone_by="")
                | (Q(undone_at__isnull=False) & ~Q(undone_by="")),
                name="an_undone_merge_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"merge {self.pk}"

    @property
    def moved(self) -> str:
        """What went over, in words."""
        return events_and_ids(self.events, self.identities)


class MergedEvent(models.Model):
    """An event that a customer has by a merge: whose it is again once that is undone.

    Also of events that came since, by an id that was the absorbed customer's.
    """

    event = models.OneToOneField(
        Event, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    home = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.event_id}: {self.home_id}"
