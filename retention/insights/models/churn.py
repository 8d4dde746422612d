from django.db import models
from django.db.models import CheckConstraint, F, Q

from customers.models import Customer
from retention.insights.querysets import ChurnScoreQuerySet

from .versions import ModelVersion


class Band(models.TextChoices):
    """Compared with the shop's other customers: where most leave, lower is not low."""

    HIGH = "HIGH", "High risk"
    MEDIUM = "MEDIUM", "Medium risk"
    LOW = "LOW", "Lower risk"


class ChurnDefinition(models.Model):
    """What this shop means by leaving, and whom it asks about. One row, set by operators."""

    horizon_days = models.PositiveIntegerField(
        default=60, help_text="Leaving means: no order within so many days."
    )
    overdue_times = models.FloatField(
        null=True,
        blank=True,
        help_text="Leaving means: no order for so many times as long as they usually take, and the"
        " days without an order are the longest. Empty: the same days for everyone.",
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
            CheckConstraint(
                condition=Q(overdue_times=None) | Q(overdue_times__gte=1, overdue_times__lte=10),
                name="churn_waits_one_to_ten_times_as_long_as_usual",
            ),
        ]

    def __str__(self) -> str:
        return no_order_within(self.horizon_days, self.overdue_times)


def no_order_within(days: int, times: float | None) -> str:
    """What leaving means, in words."""
    if times is None:
        return f"No order within {days} days"
    return f"No order for {times:g} times as long as they usually take, at most {days} days"


WEEKS = 14
"""Of which a score tells the risk: a quarter, and the week before it."""


class ChurnScore(models.Model):
    """What we expect of a customer, why, and which model says so. Field names are Klaviyo's."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="+")
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+")
    churn_probability = models.FloatField()
    horizon_days = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of no order within so many days it is the probability."
    )
    churn_band = models.CharField(max_length=6, choices=Band)
    former_probability = models.FloatField(
        null=True, blank=True, help_text="At the scoring before; empty where there was none."
    )
    risk_by_week = models.CharField(
        max_length=2 * WEEKS,
        blank=True,
        default="",
        db_default="",
        help_text="Two digits a week, percent, the newest last; -- where they were not asked about."
        " As the model that serves says of each week now.",
    )
    reasons = models.JSONField(
        default=list,
        help_text="Signed, in log-odds, largest first, with the counter-fact in words.",
    )
    base_log_odds = models.FloatField(
        help_text="The audience's mean; all effects add up from here."
    )
    historic_clv = models.BigIntegerField(help_text="Minor units, net of returns, so far.")
    value_version = models.ForeignKey(
        ModelVersion,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        help_text="What forecast the value; empty where it was counted at the customer's own pace.",
    )
    predicted_clv = models.BigIntegerField(help_text="Minor units expected in the coming year.")
    predicted_clv_low = models.BigIntegerField(
        null=True, help_text="One in ten such customers spends less, minor units."
    )
    predicted_clv_high = models.BigIntegerField(
        null=True, help_text="One in ten such customers spends more, minor units."
    )
    predicted_number_of_orders = models.FloatField(help_text="In the coming year.")
    probability_of_order = models.FloatField(
        null=True, help_text="Of at least one order in the coming year."
    )
    uplift = models.FloatField(
        null=True,
        help_text="What a coupon adds to the probability of staying; empty until it was measured.",
    )
    uplift_version = models.ForeignKey(
        ModelVersion, on_delete=models.SET_NULL, null=True, related_name="+"
    )
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
            ),
            CheckConstraint(
                condition=Q(predicted_clv_low=None, predicted_clv_high=None)
                | Q(
                    predicted_clv_low__isnull=False,
                    predicted_clv_high__isnull=False,
                    predicted_clv_low__gte=0,
                    predicted_clv_high__gte=F("predicted_clv_low"),
                ),
                name="bounds_of_value_are_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["churn_band", "-predicted_clv"], name="score_band_by_value"),
            models.Index(fields=["-churn_probability"], name="score_by_risk"),
        ]

    def __str__(self) -> str:
        return f"{self.churn_probability:.0%}"

    @property
    def meaning(self) -> str:
        """The band, and of how many days without an order it is the risk where that is known."""
        days = f" of no order within {self.horizon_days} days" if self.horizon_days else ""
        return f"{self.get_churn_band_display()}{days}"

    @property
    def main_reason(self) -> str:
        """What sets them apart from the others of their band; of an older score what raises the
        risk most, and where nothing raises it what lowers it most."""
        told = [reason for reason in self.reasons if reason.get("feature") != "rest"]
        apart = (reason["sentence"] for reason in told if reason.get("sets_apart"))
        raising = (reason["sentence"] for reason in told if reason["effect"] > 0)
        lowering = told[0]["sentence"] if told else "nothing stands out"
        return next(apart, next(raising, lowering))
