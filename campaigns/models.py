from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from catalog.models import Product
from customers.models import Customer
from retention.insights.models import Segment


class Campaign(models.Model):
    """Coupons for a chosen group under a budget, with a control group that proves what it earned."""

    class State(models.TextChoices):
        DRAFT = "DRAFT", "Draft"
        PENDING_APPROVAL = "PENDING_APPROVAL", "Waiting for approval"
        APPROVED = "APPROVED", "Approved"
        RUNNING = "RUNNING", "Running"
        PAUSED = "PAUSED", "Paused"
        COMPLETED = "COMPLETED", "Completed"
        CANCELLED = "CANCELLED", "Cancelled"

    name = models.CharField(max_length=150)
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    revision = models.PositiveIntegerField(default=1)
    # Whom: customers of a churn band, or of a segment.
    bands = models.JSONField(default=list, blank=True, help_text="HIGH, MEDIUM, LOW.")
    segment = models.ForeignKey(
        Segment, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    maximum_customers = models.PositiveIntegerField(null=True, blank=True)
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

    class Meta:
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
        ]

    def __str__(self) -> str:
        return self.name


class Offer(models.Model):
    """What one arm of a campaign gets."""

    class Benefit(models.TextChoices):
        PERCENT = "PERCENT", "Percentage off"
        AMOUNT = "AMOUNT", "Amount off"
        FREE_SHIPPING = "FREE_SHIPPING", "Free shipping"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="offers")
    name = models.CharField(max_length=100)
    benefit = models.CharField(max_length=13, choices=Benefit)
    percent = models.PositiveSmallIntegerField(null=True, blank=True)
    amount = models.BigIntegerField(
        null=True,
        blank=True,
        help_text="Minor units off; for free shipping, what shipping costs you.",
    )
    maximum_discount = models.BigIntegerField(
        help_text="Minor units: the most one coupon can cost. The budget is counted with it."
    )
    minimum_spend = models.BigIntegerField(default=0)
    valid_days = models.PositiveIntegerField(default=30, help_text="From the day of issue.")
    products = models.ManyToManyField(
        Product, blank=True, related_name="+", help_text="None chosen: everything."
    )
    share = models.PositiveSmallIntegerField(
        default=1, help_text="Weight among the offers of the campaign."
    )

    class Meta:
        constraints = [
            CheckConstraint(
                condition=(
                    Q(benefit="PERCENT", percent__gte=1, percent__lte=100)
                    | Q(benefit="AMOUNT", amount__gte=1)
                    | Q(benefit="FREE_SHIPPING", amount__gte=0)
                ),
                name="an_offer_says_what_it_gives",
            ),
            CheckConstraint(condition=Q(maximum_discount__gte=1), name="an_offer_has_a_worst_case"),
            CheckConstraint(
                condition=Q(minimum_spend__gte=0), name="minimum_spend_is_not_negative"
            ),
            CheckConstraint(condition=Q(share__gte=1), name="an_offer_has_a_share"),
            CheckConstraint(condition=Q(valid_days__gte=1), name="an_offer_is_valid_for_a_day"),
        ]

    def __str__(self) -> str:
        return self.name


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
        CONTROL = "CONTROL", "Control"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="assignments")
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="+")
    arm = models.CharField(max_length=9, choices=Arm)
    offer = models.ForeignKey(
        Offer, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    probability = models.FloatField(help_text="Of being in this arm, when it was drawn.")
    rank = models.PositiveIntegerField(help_text="By expected gain, 1 first.")
    chunk = models.PositiveIntegerField()
    outcome = models.CharField(max_length=9, choices=Outcome)
    churn_probability = models.FloatField(null=True, blank=True)
    predicted_clv = models.BigIntegerField(null=True, blank=True)
    priority = models.FloatField(help_text="Risk × value × response, in minor units.")
    reasons = models.JSONField(default=list, help_text="Why this customer: as the score said then.")
    model_version = models.CharField(max_length=64, blank=True)
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


class Coupon(models.Model):
    """A code promised to a customer. It can be spent so many times, and the database counts."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="coupons")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="+")
    code = models.CharField(max_length=24, help_text="As it is printed.")
    code_normal = models.CharField(max_length=24, unique=True, help_text="As it is looked up.")
    worst_case = models.BigIntegerField(help_text="Minor units counted against the budget.")
    maximum_redemptions = models.PositiveIntegerField(default=1)
    redeemed_count = models.PositiveIntegerField(default=0)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    void_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(redeemed_count__lte=F("maximum_redemptions")),
                name="a_coupon_is_not_redeemed_beyond_its_limit",
            ),
            UniqueConstraint(
                fields=["campaign", "customer"], name="a_customer_gets_one_coupon_a_campaign"
            ),
            CheckConstraint(condition=~Q(code_normal=""), name="a_coupon_has_a_code"),
            CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")), name="a_coupon_expires_after_its_issue"
            ),
        ]
        indexes = [models.Index(fields=["customer", "issued_at"], name="coupons_of_a_customer")]

    def __str__(self) -> str:
        return self.code


class Redemption(models.Model):
    """A use of a coupon on an order; given back when the order is cancelled."""

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="redemptions")
    order_id = models.CharField(max_length=64)
    order_amount = models.BigIntegerField(help_text="Minor units, before the discount.")
    discount_amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    redeemed_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            UniqueConstraint(fields=["coupon", "order_id"], name="an_order_spends_a_coupon_once"),
            CheckConstraint(condition=~Q(order_id=""), name="a_redemption_names_its_order"),
            CheckConstraint(
                condition=Q(discount_amount__gte=0, discount_amount__lte=F("order_amount")),
                name="a_discount_is_part_of_the_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id} on {self.order_id}"


class Holdout(models.Model):
    """A customer who gets no campaign at all, so that the whole programme can be measured."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="+")
    probability = models.FloatField()
    entered_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.customer_id}"


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
