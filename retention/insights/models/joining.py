from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import CheckConstraint, Q

from .segments import Segment

SHORTEST, LONGEST = 7, 365


class SegmentJoining(models.Model):
    """What was learned about who comes into a segment within some days."""

    segment = models.OneToOneField(Segment, on_delete=models.CASCADE, related_name="joining")
    horizon_days = models.PositiveIntegerField(
        validators=[MinValueValidator(SHORTEST), MaxValueValidator(LONGEST)]
    )
    tree = models.JSONField(
        default=list,
        help_text="Nodes, the root first: what is asked, and how many of the customers of a later "
        "window who come to it joined. Empty where nothing could be learned.",
    )
    quality = models.JSONField(default=dict)
    problem = models.CharField(max_length=500, blank=True, help_text="Why nothing was learned.")
    rule = models.JSONField(
        null=True, blank=True, help_text="The segment's rule as it was learned from."
    )
    as_of = models.DateTimeField()
    computed_at = models.DateTimeField()

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(horizon_days__gte=SHORTEST, horizon_days__lte=LONGEST),
                name="joining_looks_a_week_to_a_year_ahead",
            )
        ]

    def __str__(self) -> str:
        return f"Who joins {self.segment} within {self.horizon_days} days"
