from django.db import models
from django.db.models import CheckConstraint, Q

from campaigns.money import portion
from catalog.models import Category, Product

from .campaign import Campaign


class Offer(models.Model):
    """What one arm of a campaign gets."""

    class Benefit(models.TextChoices):
        PERCENT = "PERCENT", "Percentage off"
        AMOUNT = "AMOUNT", "Amount off"
        FREE_SHIPPING = "FREE_SHIPPING", "Free shipping"
        GIFT = "GIFT", "A gift"
        POINTS = "POINTS", "Points"

    class Scope(models.TextChoices):
        CHOSEN = "CHOSEN", "Everything, or the products below"
        CATEGORY = "CATEGORY", "A category"
        RECOMMENDED = "RECOMMENDED", "What we recommend to each customer"
        COMPLEMENT = "COMPLEMENT", "What goes with each customer's last order"

    class Stacking(models.TextChoices):
        EXCLUSIVE = "EXCLUSIVE", "Alone"
        COMBINABLE = "COMBINABLE", "With others that combine"

    BESIDE_THE_ORDER = (Benefit.GIFT, Benefit.POINTS)
    """Benefits that take nothing off the order."""
    OFF_THE_LINES = (Benefit.PERCENT, Benefit.AMOUNT)
    OF_EACH_CUSTOMER = (Scope.RECOMMENDED, Scope.COMPLEMENT)
    """Scopes whose products are found for each customer when the coupon is issued."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="offers")
    name = models.CharField(max_length=100)
    benefit = models.CharField(max_length=13, choices=Benefit)
    percent = models.PositiveSmallIntegerField(null=True, blank=True)
    amount = models.BigIntegerField(
        null=True,
        blank=True,
        help_text="Minor units off; for shipping, a gift, points: what one costs you.",
    )
    maximum_discount = models.BigIntegerField(
        help_text="Minor units: the most one coupon can cost. The budget is counted with it."
    )
    minimum_spend = models.BigIntegerField(default=0)
    valid_days = models.PositiveIntegerField(default=30, help_text="From the day of issue.")
    products = models.ManyToManyField(
        Product, blank=True, related_name="+", help_text="None chosen: everything."
    )
    gift = models.ForeignKey(
        Product, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    points = models.PositiveIntegerField(null=True, blank=True)
    scope = models.CharField(
        max_length=11, choices=Scope, default=Scope.CHOSEN, db_default=Scope.CHOSEN
    )
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    may_sell_below_cost = models.BooleanField(
        default=False,
        db_default=False,
        help_text="No: where a product's cost is known, no line is sold below it.",
    )
    stacking = models.CharField(
        max_length=10,
        choices=Stacking,
        default=Stacking.EXCLUSIVE,
        db_default=Stacking.EXCLUSIVE,
    )
    priority = models.PositiveSmallIntegerField(
        default=10,
        db_default=10,
        help_text="Of several coupons on an order the lowest comes first.",
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
                    | Q(benefit="GIFT", gift__isnull=False, amount__gte=1)
                    | Q(benefit="POINTS", points__gte=1, amount__gte=1)
                ),
                name="an_offer_says_what_it_gives",
            ),
            CheckConstraint(
                condition=~Q(scope="CATEGORY") | Q(category__isnull=False),
                name="an_offer_on_a_category_names_it",
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

    def discount_on(self, goods: int, *, shipping: int | None = None) -> int:
        """Minor units off an order, never more than the order or the offer's worst case.

        goods : what the products that the offer is for come to.
        shipping : what the order pays for it; None where the shop does not say.
        """
        match self.benefit:
            case self.Benefit.PERCENT:
                off = portion(goods, self.percent or 0)
            case self.Benefit.AMOUNT:
                off = min(self.amount or 0, goods)
            case self.Benefit.FREE_SHIPPING:
                off = (self.amount or 0) if shipping is None else shipping
            case _:
                off = 0
        return min(off, self.maximum_discount)

    def cost_on(self, goods: int, *, shipping: int | None = None) -> int:
        """What it costs the shop: the discount; of a gift and of points, what one costs."""
        if self.benefit in self.BESIDE_THE_ORDER:
            return self.amount or 0
        return self.discount_on(goods, shipping=shipping)
