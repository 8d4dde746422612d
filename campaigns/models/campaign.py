from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.db.models.functions import Greatest

from campaigns.querysets import CampaignQuerySet
from retention.insights.models import Segment


class Campaign(models.Model):
    """Coupons for a chosen group under a budget, with a control that proves what they earned."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", "Draft"
        PENDING_APPROVAL = "PENDING_APPROVAL", "Waiting for approval"
        APPROVED = "APPROVED", "Approved"
        RUNNING = "RUNNING", "Running"
        PAUSED = "PAUSED", "Paused"
        COMPLETED = "COMPLETED", "Completed"
        CANCELLED = "CANCELLED", "Cancelled"

    class Assigning(models.TextChoices):
        SHARE = "SHARE", "Compared: drawn by lot, by their weights"
        SHIFT = "SHIFT", "Compared, shifting to what works: drawn by lot, wave by wave"
        WORTH = "WORTH", "Chosen for each customer: the one that is worth most, or none"

    class Trigger(models.TextChoices):
        NONE = "", "Once, when it is launched"
        BASKET = "BASKET", "When a basket is left"
        RISK = "RISK", "When the risk of leaving rises"
        OVERDUE = "OVERDUE", "When the next order is overdue"
        WAVES = "WAVES", "In waves, every so many days"

    name = models.CharField(max_length=150)
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    revision = models.PositiveIntegerField(default=1)
    # Whom: customers of a churn band, or of a segment.
    bands = models.JSONField(default=list, blank=True, help_text="HIGH, MEDIUM, LOW.")
    # Kept as long as this is: without its segment a campaign for a band would reach all of it.
    segment = models.ForeignKey(
        Segment, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    minimum_risk = models.FloatField(
        null=True, blank=True, help_text="Leave out whoever is less likely to leave."
    )
    assigning = models.CharField(
        max_length=8,
        choices=Assigning,
        default=Assigning.SHARE,
        db_default=Assigning.SHARE,
        help_text="How it is decided who gets which offer.",
    )
    send_at_a_loss = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Also to whom a coupon is expected to cost more than it earns with.",
    )
    maximum_customers = models.PositiveIntegerField(
        null=True, blank=True, help_text="Control included. Empty: as many as the budget covers."
    )
    # When: at once, one by one as something happens, or a part every so many days.
    trigger = models.CharField(max_length=7, choices=Trigger, blank=True, default="", db_default="")
    trigger_value = models.FloatField(
        null=True,
        blank=True,
        help_text="Hours after the last product, a risk, a multiple of their usual gap, or days"
        " between waves.",
    )
    trigger_already = models.BooleanField(
        default=False, db_default=False, help_text="Also whoever it was true of at the launch."
    )
    admits_until = models.DateTimeField(
        null=True, blank=True, help_text="From then on a trigger admits nobody."
    )
    # One code for all who have it, in place of one for each customer.
    general_code = models.CharField(
        max_length=24,
        blank=True,
        default="",
        db_default="",
        help_text="As it is printed; empty: drawn at the launch.",
    )
    code_uses = models.PositiveIntegerField(
        null=True, blank=True, help_text="In all. Empty: each customer gets a code of their own."
    )
    uses_per_customer = models.PositiveIntegerField(null=True, blank=True)
    code_for_anyone = models.BooleanField(
        default=True, db_default=True, help_text="Else only for the band or segment."
    )
    # Limits.
    budget_amount = models.BigIntegerField(
        help_text="Minor units; never exceeded, even if all redeem."
    )
    committed_amount = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    contact_gap_days = models.PositiveIntegerField(
        default=30, help_text="Leave out customers who got a coupon within so many days."
    )
    # The experiment.
    control_share = models.FloatField(default=0.2)
    salt = models.CharField(max_length=32, help_text="Decides arms; made once, never changed.")
    measure_days = models.PositiveIntegerField(
        default=60, help_text="Kept means: ordered within so many days of the launch."
    )
    # Its life.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    launched_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    preview = models.JSONField(
        default=dict, blank=True, help_text="What the operator saw when they sent it on."
    )

    objects = CampaignQuerySet.as_manager()

    class Meta:
        permissions = [
            ("approve_campaign", "Can approve a campaign of someone else"),
            ("launch_campaign", "Can launch, pause, resume and cancel a campaign"),
        ]
        constraints = [
            CheckConstraint(
                condition=Q(committed_amount__gte=0, committed_amount__lte=F("budget_amount")),
                name="campaign_never_commits_more_than_its_budget",
            ),
            CheckConstraint(
                condition=Q(control_share__gt=0, control_share__lt=1),
                name="campaign_has_a_control_group_and_someone_to_treat",
            ),
            CheckConstraint(condition=Q(measure_days__gte=1), name="campaign_measures_for_a_while"),
            CheckConstraint(
                condition=~Q(state__in=["RUNNING", "PAUSED", "COMPLETED"])
                | Q(launched_at__isnull=False),
                name="a_running_campaign_was_launched",
            ),
            CheckConstraint(
                condition=Q(approved_by=None)
                | (
                    (Q(submitted_by=None) | ~Q(approved_by=F("submitted_by")))
                    & (Q(created_by=None) | ~Q(approved_by=F("created_by")))
                ),
                name="nobody_approves_their_own_campaign",
            ),
            CheckConstraint(condition=~Q(currency=""), name="campaign_money_has_a_currency"),
            CheckConstraint(
                condition=Q(minimum_risk=None) | Q(minimum_risk__gte=0, minimum_risk__lt=1),
                name="a_smallest_risk_is_a_probability",
            ),
            CheckConstraint(
                condition=Q(trigger="", trigger_value=None, admits_until=None)
                | (
                    ~Q(trigger="")
                    & ~Q(assigning="WORTH")
                    & Q(trigger_value__gt=0, admits_until__isnull=False)
                ),
                name="a_trigger_says_at_what_and_until_when",
            ),
            CheckConstraint(
                condition=~Q(assigning="SHIFT") | Q(trigger="WAVES"),
                name="offers_shift_from_wave_to_wave",
            ),
            CheckConstraint(
                condition=Q(code_uses=None, uses_per_customer=None, general_code="")
                | Q(code_uses__gte=1, uses_per_customer__gte=1, trigger=""),
                name="a_code_for_all_says_how_often_it_can_be_used",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_in_waves(self) -> bool:
        """Parts of its customers come in every so many days."""
        return self.trigger == self.Trigger.WAVES

    @property
    def waits(self) -> bool:
        """Its customers come in one by one, as something happens to them."""
        return bool(self.trigger) and not self.is_in_waves

    @property
    def remaining_amount(self) -> int:
        """Minor units that are not promised yet."""
        return self.budget_amount - self.committed_amount

    @property
    def is_general(self) -> bool:
        """One code for all who have it: nobody is chosen, and nobody is the control."""
        return self.code_uses is not None

    @property
    def measures_until(self) -> datetime | None:
        """When the last day counts, of whoever is admitted last; None before the launch."""
        if self.launched_at is None:
            return None
        return (self.admits_until or self.launched_at) + timedelta(days=self.measure_days)

    @property
    def days(self) -> int:
        """From the launch to the last day."""
        last = self.measures_until
        return (last - self.launched_at).days if last and self.launched_at else self.measure_days

    def admits(self, at: datetime) -> bool:
        """It runs, and its trigger goes on choosing customers."""
        last = self.admits_until
        return self.state == self.State.RUNNING and last is not None and last > at

    def is_measured_whole(self, at: datetime) -> bool:
        """Its last day has passed."""
        if self.launched_at is None:
            return False
        return (self.admits_until or self.launched_at) <= at - timedelta(days=self.measure_days)

    @property
    def has_ended(self) -> bool:
        return self.state in {self.State.COMPLETED, self.State.CANCELLED}

    def is_by(self, user_id: int | None) -> bool:
        """They drafted it or sent it in, and so cannot approve it."""
        return user_id is not None and user_id in {self.created_by_id, self.submitted_by_id}

    def move(self, to: State, *, from_: Iterable[str], **fields: Any) -> bool:
        """Change the state in one statement; False if it was in none of these."""
        changed = Campaign.objects.filter(pk=self.pk, state__in=list(from_))
        if not changed.update(state=to, **fields):
            return False
        self.refresh_from_db()
        return True

    def commit_money(self, amount: int) -> bool:
        """Promise so much of the budget in one statement; False if it does not cover it."""
        within = Campaign.objects.filter(
            pk=self.pk, committed_amount__lte=F("budget_amount") - amount
        )
        return bool(within.update(committed_amount=F("committed_amount") + amount))

    def uncommit_money(self, amount: int) -> None:
        """Take back what can no longer be spent; never more than was promised."""
        less = Greatest(F("committed_amount") - amount, 0)
        Campaign.objects.filter(pk=self.pk).update(committed_amount=less)
