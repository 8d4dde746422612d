from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from customers.models import Customer

from .campaign import Campaign
from .offer import Offer


class Assignment(models.Model):
    """Which arm a customer of a campaign is in, with what probability, and why. Kept for ever."""

    class Arm(models.TextChoices):
        TREATMENT = "TREATMENT", "Gets the offer"
        CONTROL = "CONTROL", "Control"

    class Outcome(models.TextChoices):
        WAITING = "WAITING", "Waiting"
        ISSUED = "ISSUED", "Coupon issued"
        BUDGET = "BUDGET", "Left out: budget"
        WITHDRAWN = "WITHDRAWN", "Left out: consent withdrawn"
        STOPPED = "STOPPED", "Left out: campaign stopped"
        DOUBLED = "DOUBLED", "Left out: merged with one drawn before"
        CONTROL = "CONTROL", "Control"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="assignments")
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="+")
    arm = models.CharField(max_length=9, choices=Arm)
    offer = models.ForeignKey(
        Offer, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    intended_offer = models.ForeignKey(
        Offer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="What a customer of the control would have got, where offers go to whom they are"
        " worth most for.",
    )
    probability = models.FloatField(help_text="Of being in this arm, when it was drawn.")
    rank = models.PositiveIntegerField(help_text="By expected gain, 1 first.")
    chunk = models.PositiveIntegerField()
    outcome = models.CharField(max_length=9, choices=Outcome)
    churn_probability = models.FloatField(null=True, blank=True)
    predicted_clv = models.BigIntegerField(null=True, blank=True)
    uplift = models.FloatField(
        null=True,
        blank=True,
        help_text="What a coupon was expected to add to the probability of staying; empty where"
        " nothing was measured yet.",
    )
    chance_without = models.FloatField(
        null=True,
        blank=True,
        help_text="Of an order within the days measured without an offer, as believed then.",
    )
    chance_with = models.FloatField(
        null=True,
        blank=True,
        help_text="The same with the offer they got or were meant for; empty where the lot put them"
        " into the control.",
    )
    priority = models.FloatField(
        help_text="Expected to be earned, minor units: margin of added orders less what is given."
    )
    reasons = models.JSONField(default=list, help_text="Why this customer: as the score said then.")
    model_version = models.CharField(max_length=64, blank=True)
    groups = models.JSONField(
        default=dict,
        db_default={},
        help_text="What the customer was called then: risk band, RFM group, behaviour group.",
    )
    occasion = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="What triggered it; empty where all were chosen at the launch.",
    )
    assigned_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["campaign", "customer"], name="a_customer_has_one_arm"),
            CheckConstraint(
                condition=Q(probability__gt=0, probability__lte=1),
                name="an_arm_was_drawn_with_a_probability",
            ),
            CheckConstraint(
                condition=Q(arm="CONTROL", offer=None, outcome="CONTROL")
                | (Q(arm="TREATMENT", offer__isnull=False) & ~Q(outcome="CONTROL")),
                name="control_gets_nothing_and_treatment_an_offer",
            ),
            CheckConstraint(
                condition=Q(intended_offer=None) | Q(arm="CONTROL"),
                name="an_offer_is_intended_or_given",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "chunk"], name="assignments_of_a_chunk")]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.customer_id} {self.arm}"


class LaunchChunk(models.Model):
    """A slice of a launch, done whole or not at all."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [UniqueConstraint(fields=["campaign", "number"], name="a_chunk_is_done_once")]

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.number}"


class Holdout(models.Model):
    """A customer who gets no campaign at all, so that the whole programme can be measured."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="+")
    probability = models.FloatField()
    entered_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.customer_id}"
