from django.db import models
from django.db.models import Q, UniqueConstraint

from .campaign import Campaign
from .offer import Offer


class Measurement(models.Model):
    """What a campaign changed against its control, as of a day, with its uncertainty."""

    class Metric(models.TextChoices):
        KEPT = "KEPT", "Customers kept"
        ORDERS = "ORDERS", "Orders a customer"
        REVENUE = "REVENUE", "Revenue a customer, net of discount"
        MARGIN = "MARGIN", "Margin a customer, net of discount"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="measurements")
    offer = models.ForeignKey(
        Offer, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    metric = models.CharField(max_length=8, choices=Metric)
    treated_count = models.PositiveIntegerField()
    control_count = models.PositiveIntegerField()
    treated_mean = models.FloatField()
    control_mean = models.FloatField()
    effect = models.FloatField()
    ci_low = models.FloatField()
    ci_high = models.FloatField()
    sample_ratio_p = models.FloatField()
    measured_until = models.DateTimeField()
    measured_at = models.DateTimeField()
    details = models.JSONField(default=dict)

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["campaign", "metric", "measured_until"],
                condition=Q(offer=None),
                name="a_campaign_metric_is_measured_once_a_moment",
            ),
            UniqueConstraint(
                fields=["campaign", "offer", "metric", "measured_until"],
                name="an_offer_metric_is_measured_once_a_moment",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "measured_at"], name="results_of_a_campaign")]

    def __str__(self) -> str:
        return f"{self.get_metric_display()}: {self.effect:+.4g}"
