from django.db import models
from django.db.models import UniqueConstraint

from .measurement import Measurement


class ProgrammeMonth(models.Model):
    """What all campaigns together changed, from the first launch beside which anybody was held out
    to the end of a month, against those who get none. Amounts in minor units a customer."""

    month = models.DateField(help_text="Its first day.")
    metric = models.CharField(max_length=8, choices=Measurement.Metric)
    reached_count = models.PositiveIntegerField(help_text="May get campaigns.")
    held_out_count = models.PositiveIntegerField(help_text="Get none.")
    reached_mean = models.FloatField()
    held_out_mean = models.FloatField()
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
                fields=["month", "metric"], name="a_month_of_the_programme_is_measured_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.month:%B %Y}, {self.get_metric_display()}: {self.effect:+.4g}"
