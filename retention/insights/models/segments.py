from django.db import models
from django.db.models import Q, UniqueConstraint

from customers.models import Customer
from retention.insights.querysets import SegmentMembershipQuerySet

from .versions import ModelVersion


class Segment(models.Model):
    """A group of customers with a name that people understand."""

    class Kind(models.TextChoices):
        RFM = "RFM", "RFM"
        CLUSTER = "CLUSTER", "Behaviour"

    kind = models.CharField(max_length=8, choices=Kind)
    key = models.CharField(max_length=64, help_text="Stays the same from training to training.")
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    profile = models.JSONField(default=dict, help_text="What makes its customers different.")
    size = models.PositiveIntegerField(default=0)
    version = models.ForeignKey(
        ModelVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [UniqueConstraint(fields=["kind", "key"], name="a_segment_key_is_used_once")]

    def __str__(self) -> str:
        return self.name


class SegmentMembership(models.Model):
    """When a customer entered a segment, and when they left."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="memberships")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    entered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    objects = SegmentMembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["segment", "customer"],
                condition=Q(left_at=None),
                name="a_customer_is_in_a_segment_once",
            )
        ]
        indexes = [models.Index(fields=["customer", "left_at"], name="segments_of_a_customer")]

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.customer_id}"
