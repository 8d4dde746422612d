from datetime import timedelta

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from catalog.models import Product
from customers.models import Customer

from .querysets import ChurnScoreQuerySet, ModelVersionQuerySet, SegmentMembershipQuerySet


class Kind(models.TextChoices):
    """The families of models, each with at most one champion."""

    FACTORIZATION = "FACTORIZATION", "Recommendations"
    CHURN = "CHURN", "Churn and value"
    RFM = "RFM", "RFM segments"
    CLUSTERS = "CLUSTERS", "Behaviour clusters"


class Band(models.TextChoices):
    HIGH = "HIGH", "High risk"
    MEDIUM = "MEDIUM", "Medium risk"
    LOW = "LOW", "Low risk"


class ChurnDefinition(models.Model):
    """What this shop means by leaving, and whom it asks about. One row, set by operators."""

    horizon_days = models.PositiveIntegerField(
        default=60, help_text="Leaving means: no order within so many days."
    )
    audience_days = models.PositiveIntegerField(
        default=180, help_text="Asked about: customers whose last order is at most so old."
    )
    minimum_orders = models.PositiveIntegerField(default=1)
    medium_from = models.FloatField(
        null=True, blank=True, help_text="Medium risk from this probability on."
    )
    high_from = models.FloatField(
        null=True,
        blank=True,
        help_text="High risk from this probability on. Both empty: about a fifth is high risk.",
    )
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(pk=1), name="there_is_one_churn_definition"),
            CheckConstraint(
                condition=Q(medium_from=None, high_from=None)
                | Q(medium_from__gt=0, high_from__gt=F("medium_from"), high_from__lt=1),
                name="churn_bands_are_in_order",
            ),
            CheckConstraint(
                condition=Q(horizon_days__gte=7, audience_days__gte=F("horizon_days")),
                name="churn_audience_is_longer_than_its_horizon",
            ),
            CheckConstraint(
                condition=Q(minimum_orders__gte=1), name="churn_is_about_who_has_ordered"
            ),
        ]

    def __str__(self) -> str:
        return f"No order within {self.horizon_days} days"


class TrainingRun(models.Model):
    """One attempt to learn, and what came of it. Too little data is an answer, not an error."""

    class State(models.TextChoices):
        RUNNING = "RUNNING", "Running"
        DONE = "DONE", "Done"
        NOT_ENOUGH_DATA = "NOT_ENOUGH_DATA", "Not enough data"
        FAILED = "FAILED", "Failed"

    kind = models.CharField(max_length=16, choices=Kind)
    state = models.CharField(max_length=16, choices=State, default=State.RUNNING)
    asked_by = models.CharField(max_length=150, blank=True)
    learned_at = models.DateTimeField(help_text="The cut-off: nothing later was seen.")
    window_start_at = models.DateTimeField(null=True, blank=True)
    window_end_at = models.DateTimeField(null=True, blank=True)
    parameters = models.JSONField(default=dict)
    row_counts = models.JSONField(default=dict)
    metrics = models.JSONField(default=dict)
    message = models.CharField(max_length=500, blank=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def took(self) -> timedelta | None:
        return self.finished_at - self.started_at if self.finished_at else None


class ModelVersion(models.Model):
    """Something learned, stored as arrays and JSON. One of a kind serves at a time."""

    class State(models.TextChoices):
        CANDIDATE = "CANDIDATE", "Candidate"
        CHAMPION = "CHAMPION", "Serving"
        ARCHIVED = "ARCHIVED", "Archived"
        REFUSED = "REFUSED", "Refused"

    kind = models.CharField(max_length=16, choices=Kind)
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.CANDIDATE)
    run = models.OneToOneField(TrainingRun, on_delete=models.PROTECT, related_name="version")
    path = models.CharField(max_length=200, help_text="Folder below the artifact folder.")
    checksum = models.CharField(max_length=64)
    verdict = models.TextField(blank=True, help_text="Why it serves, or why it does not.")
    created_at = models.DateTimeField()
    promoted_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["kind"], condition=Q(state="CHAMPION"), name="one_champion_of_a_kind"
            ),
            UniqueConstraint(fields=["kind", "number"], name="a_version_number_is_used_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} v{self.number}"


class ChurnScore(models.Model):
    """What we expect of a customer, why, and which model says so. Field names are Klaviyo's."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+")
    churn_probability = models.FloatField()
    churn_band = models.CharField(max_length=6, choices=Band)
    reasons = models.JSONField(
        default=list,
        help_text="Signed, in log-odds, largest first, with the counter-fact in words.",
    )
    base_log_odds = models.FloatField(
        help_text="The audience's mean; all effects add up from here."
    )
    historic_clv = models.BigIntegerField(help_text="Minor units, net of returns, so far.")
    predicted_clv = models.BigIntegerField(help_text="Minor units expected in the coming year.")
    predicted_number_of_orders = models.FloatField(help_text="In the coming year.")
    average_days_between_orders = models.FloatField(null=True, blank=True)
    expected_date_of_next_order = models.DateField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    computed_at = models.DateTimeField()

    objects = ChurnScoreQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(churn_probability__gte=0, churn_probability__lte=1),
                name="churn_probability_is_a_probability",
            )
        ]
        indexes = [
            models.Index(fields=["churn_band", "-predicted_clv"], name="score_band_by_value"),
            models.Index(fields=["-churn_probability"], name="score_by_risk"),
        ]

    def __str__(self) -> str:
        return f"{self.churn_probability:.0%}"

    @property
    def main_reason(self) -> str:
        """The strongest reason that points where all of them together do."""
        total = sum(reason["effect"] for reason in self.reasons)
        told = (r["sentence"] for r in self.reasons if r["effect"] * total > 0)
        return next(told, "nothing stands out")


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


class RecommendationList(models.Model):
    """What a customer is likely to want next, best first; without a customer, what everyone buys.

    items: [{"product": id, "score": float, "model": name, "because": {...}}, ...]; live filters
    (withdrawn, out of stock) are applied when it is read, so it is longer than what is shown.
    """

    customer = models.OneToOneField(
        Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+")
    items = models.JSONField(default=list)
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["version"], condition=Q(customer=None), name="one_popular_list_a_version"
            )
        ]

    def __str__(self) -> str:
        return f"{len(self.items)} products"


class ProductPair(models.Model):
    """`other` is like `product`: `both` customers had both, of `of` who had the first."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    other = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    both = models.PositiveIntegerField()
    of = models.PositiveIntegerField()
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            UniqueConstraint(fields=["product", "other"], name="a_pair_of_products_stands_once"),
            CheckConstraint(condition=Q(both__lte=F("of")), name="a_pair_is_a_part_of_the_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} → {self.other_id}"
