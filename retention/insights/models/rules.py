from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import CheckConstraint, F, Q

from catalog.models import Category, Product
from retention.insights.querysets import RecommendationRuleQuerySet

from .segments import Segment


class Context(models.TextChoices):
    """Where a list is shown."""

    HOME = "home", "Home page"
    PRODUCT = "product", "Product page"
    BASKET = "basket", "Basket"
    EMAIL = "email", "E-mail"


class RecommendationRule(models.Model):
    """An operator's say in every list, applied when it is read: from the next answer on it counts.

    Which products: those named, those below the category, those of the brand; of a rule that names
    several of the three, those that fit all. None named: every product.
    """

    class Action(models.TextChoices):
        PIN = "PIN", "Show first"
        BOOST = "BOOST", "Move up or down"
        HIDE = "HIDE", "Never show"
        NOT_AGAIN = "NOT_AGAIN", "Not again after it was bought"
        CAP = "CAP", "At most so many of one category"

    name = models.CharField(max_length=150, help_text="For you and your colleagues.")
    action = models.CharField(max_length=9, choices=Action)
    percent = models.SmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(-95), MaxValueValidator(900)],
        help_text="Move up or down: 50 counts a product half as much more, -50 half as much.",
    )
    days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Not again: for so many days after it was bought."
    )
    count = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="At most so many: of one category among the first ten."
    )
    products = models.ManyToManyField(Product, blank=True, related_name="+")
    category = models.ForeignKey(
        Category, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    brand = models.CharField(max_length=128, blank=True)
    segment = models.ForeignKey(
        Segment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Only for its customers. Empty: for everyone, visitors without a name included.",
    )
    context = models.CharField(
        "where", max_length=7, choices=Context, blank=True, help_text="Empty: everywhere."
    )
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    objects = RecommendationRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(
                condition=~Q(action="BOOST")
                | Q(percent__isnull=False, percent__gte=-95, percent__lte=900),
                name="a_boost_says_by_how_much",
            ),
            CheckConstraint(
                condition=~Q(action="NOT_AGAIN") | Q(days__isnull=False, days__gte=1),
                name="not_again_says_for_how_many_days",
            ),
            CheckConstraint(
                condition=~Q(action="CAP") | Q(count__isnull=False, count__gte=1),
                name="a_cap_says_how_many",
            ),
            CheckConstraint(
                condition=Q(starts_at=None) | Q(ends_at=None) | Q(ends_at__gt=F("starts_at")),
                name="a_rule_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return self.name
