from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from customers.models import Customer
from retention.insights.querysets import SegmentMembershipQuerySet, SegmentQuerySet

from .versions import ModelVersion


class Segment(models.Model):
    """A group of customers with a name that people understand."""

    class Kind(models.TextChoices):
        RFM = "RFM", "RFM"
        CLUSTER = "CLUSTER", "Behaviour"
        RULE = "RULE", "Rule"

    kind = models.CharField(max_length=8, choices=Kind)
    key = models.CharField(max_length=64, help_text="Stays the same from training to training.")
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    profile = models.JSONField(default=dict, help_text="What makes its customers different.")
    size = models.PositiveIntegerField(default=0)
    version = models.ForeignKey(
        ModelVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    named_by = models.CharField(
        max_length=150, blank=True, help_text="Who named it: a training then leaves the name."
    )
    rule = models.JSONField(null=True, blank=True, help_text="Who is in it, for a rule.")
    problem = models.CharField(
        max_length=500, blank=True, help_text="Why its rule could not be asked the last time."
    )
    computed_at = models.DateTimeField(null=True, blank=True)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["kind", "key"], name="a_segment_key_is_used_once"),
            CheckConstraint(
                condition=~Q(kind="RULE") | Q(rule__isnull=False),
                name="a_rule_segment_has_a_rule",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SegmentChange(models.Model):
    """What one refresh of a segment changed; the customers are the memberships of that moment."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField()
    entered = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    size = models.PositiveIntegerField()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["segment", "at"], name="a_segment_changes_once_at_a_moment")
        ]

    def __str__(self) -> str:
        return f"{self.segment_id}: +{self.entered} -{self.left}"


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
