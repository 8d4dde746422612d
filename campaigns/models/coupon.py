from datetime import datetime

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from campaigns.querysets import CouponQuerySet, RedemptionQuerySet
from customers.models import Customer

from .campaign import Campaign
from .offer import Offer


class Coupon(models.Model):
    """A code promised to a customer, or to all. It can be spent so many times, and the database
    counts."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="coupons")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, related_name="+")
    code = models.CharField(max_length=24, help_text="As it is printed.")
    code_normal = models.CharField(max_length=24, unique=True, help_text="As it is looked up.")
    worst_case = models.BigIntegerField(help_text="Minor units counted against the budget.")
    maximum_redemptions = models.PositiveIntegerField(default=1)
    redeemed_count = models.PositiveIntegerField(default=0)
    uses_per_customer = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of a code for all; empty: it is bound to its customer."
    )
    products = models.JSONField(
        default=list,
        db_default=[],
        blank=True,
        help_text="Found for this customer at its issue; none: as the offer.",
    )
    locked_count = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Uses kept for orders that are being placed."
    )
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    void_at = models.DateTimeField(null=True, blank=True)

    objects = CouponQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(redeemed_count__lte=F("maximum_redemptions") - F("locked_count")),
                name="a_coupon_is_not_redeemed_beyond_its_limit",
            ),
            UniqueConstraint(
                fields=["campaign", "customer"], name="a_customer_gets_one_coupon_a_campaign"
            ),
            CheckConstraint(condition=~Q(code_normal=""), name="a_coupon_has_a_code"),
            CheckConstraint(
                condition=Q(uses_per_customer=None) | Q(uses_per_customer__gte=1, customer=None),
                name="a_code_for_all_is_bound_to_nobody",
            ),
            CheckConstraint(
                condition=Q(expires_at__gt=F("issued_at")), name="a_coupon_expires_after_its_issue"
            ),
        ]
        indexes = [models.Index(fields=["customer", "issued_at"], name="coupons_of_a_customer")]

    def __str__(self) -> str:
        return self.code

    @property
    def is_general(self) -> bool:
        """For all who have the code."""
        return self.uses_per_customer is not None

    def state(self, at: datetime) -> str:
        """One word for people and the API: REDEEMED, VOID, EXPIRED or LIVE."""
        if self.redeemed_count >= self.maximum_redemptions:
            return "REDEEMED"
        if self.void_at is not None:
            return "VOID"
        return "LIVE" if self.expires_at > at else "EXPIRED"


class CouponLock(models.Model):
    """A use kept for an order while it is being placed. After `until` it keeps nothing."""

    coupon = models.ForeignKey(Coupon, on_delete=models.CASCADE, related_name="locks")
    order_id = models.CharField(max_length=64)
    customer = models.ForeignKey(
        Customer,
        on_delete=models.SET_NULL,
        null=True,
        db_index=False,
        related_name="+",
        help_text="Of a code for all.",
    )
    until = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["coupon", "order_id"], name="an_order_locks_a_coupon_once"),
            CheckConstraint(condition=~Q(order_id=""), name="a_lock_names_its_order"),
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id} for {self.order_id}"


class Redemption(models.Model):
    """A use of a coupon on an order; given back when the order is cancelled."""

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="redemptions")
    order_id = models.CharField(max_length=64)
    # Found by the constraint below, which is an index of those that have one.
    customer = models.ForeignKey(
        Customer,
        on_delete=models.SET_NULL,
        null=True,
        db_index=False,
        related_name="+",
        help_text="Who used a code for all; else it is the coupon's.",
    )
    nth = models.PositiveIntegerField(
        null=True, help_text="Which of the customer's uses of a code for all; none if given back."
    )
    order_amount = models.BigIntegerField(help_text="Minor units, before the discount.")
    discount_amount = models.BigIntegerField()
    lines = models.JSONField(
        default=list,
        db_default=[],
        help_text="Each line of the order: product, amount, its part of the discount.",
    )
    refunded_amount = models.BigIntegerField(
        default=0, db_default=0, help_text="Goods that came back."
    )
    refunded_discount = models.BigIntegerField(
        default=0, db_default=0, help_text="What they had off."
    )
    currency = models.CharField(max_length=3)
    redeemed_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    objects = RedemptionQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["order_id"], name="coupons_of_an_order")]
        constraints = [
            UniqueConstraint(fields=["coupon", "order_id"], name="an_order_spends_a_coupon_once"),
            UniqueConstraint(
                fields=["customer", "coupon", "nth"],
                condition=Q(customer__isnull=False),
                name="a_customer_uses_a_code_for_all_so_often",
            ),
            CheckConstraint(condition=~Q(order_id=""), name="a_redemption_names_its_order"),
            CheckConstraint(
                condition=Q(discount_amount__gte=0, discount_amount__lte=F("order_amount")),
                name="a_discount_is_part_of_the_order",
            ),
            CheckConstraint(
                condition=Q(
                    refunded_amount__gte=0,
                    refunded_amount__lte=F("order_amount"),
                    refunded_discount__gte=0,
                    refunded_discount__lte=F("discount_amount"),
                ),
                name="no_more_comes_back_than_was_ordered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.coupon_id} on {self.order_id}"

    @property
    def line_discounts(self) -> list[int]:
        """Of the lines that the shop sent, in their order; none where it sent none."""
        return [discount for product, _, discount in self.lines if product]

    @property
    def sold(self) -> list[tuple[str, int, int]]:
        """Product, amount and discount of each line; the order in one where none is known."""
        whole = ("", self.order_amount, self.discount_amount)
        return [(product, amount, off) for product, amount, off in self.lines] or [whole]


class Refund(models.Model):
    """Part of an order came back. Rows are only added."""

    redemption = models.ForeignKey(Redemption, on_delete=models.PROTECT, related_name="refunds")
    refund_id = models.CharField(max_length=64, help_text="The shop's own.")
    amount = models.BigIntegerField(help_text="Minor units, before the discount.")
    discount_amount = models.BigIntegerField(help_text="What it had off.")
    lines = models.JSONField(help_text="Of each line of the order: amount, its discount.")
    refunded_at = models.DateTimeField()

    class Meta:
        constraints = [
            UniqueConstraint(fields=["redemption", "refund_id"], name="a_refund_counts_once"),
            CheckConstraint(condition=Q(amount__gte=1), name="a_refund_is_of_something"),
            CheckConstraint(condition=Q(discount_amount__gte=0), name="a_refund_gives_no_discount"),
        ]

    def __str__(self) -> str:
        return f"{self.refund_id} of {self.redemption_id}"
