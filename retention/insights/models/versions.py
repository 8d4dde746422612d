from datetime import timedelta

from django.db import models
from django.db.models import Q, UniqueConstraint
from django.utils.timezone import localtime

from retention.insights.querysets import ModelVersionQuerySet


class Kind(models.TextChoices):
    """The families of models, each with at most one champion."""

    FACTORIZATION = "FACTORIZATION", "Recommendations"
    CHURN = "CHURN", "Churn"
    VALUE = "VALUE", "Customer value"
    RFM = "RFM", "RFM segments"
    CLUSTERS = "CLUSTERS", "Behaviour clusters"
    BASKETS = "BASKETS", "Bought together"
    RATINGS = "RATINGS", "Expected ratings"
    UPLIFT = "UPLIFT", "Whom a coupon changes"


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
    left_out = models.JSONField(default=dict, help_text="By operators' cleaning of the data.")
    metrics = models.JSONField(default=dict)
    message = models.CharField(max_length=500, blank=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {localtime(self.started_at):%Y-%m-%d %H:%M}"

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
