from django.conf import settings
from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint

from catalog.models import Category
from customers.models import Customer
from retention.insights.querysets import CategoryChanceQuerySet, SendTimeQuerySet


class Weekday(models.IntegerChoices):
    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"


class SendTime(models.Model):
    """When a customer is to be found in the shop, on their own clock: the best time to write.

    `own` : it is their habit; else they show none, and it is when the shop is usually full.
    """

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="+")
    hour = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="0 to 23; empty where events have no time of day."
    )
    hour_is_own = models.BooleanField()
    hour_days = models.PositiveIntegerField(
        help_text="Days on which they were in the shop in this hour, or the one before or after."
    )
    hour_days_of = models.PositiveIntegerField(help_text="Of so many days with a time.")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    weekday_is_own = models.BooleanField()
    weekday_days = models.PositiveIntegerField(help_text="Days in the shop on this weekday.")
    weekday_days_of = models.PositiveIntegerField(help_text="Of so many days.")
    computed_at = models.DateTimeField()

    objects = SendTimeQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(hour=None, hour_is_own=False) | Q(hour__range=(0, 23)),
                name="send_time_is_an_hour_of_the_day",
            ),
            CheckConstraint(
                condition=Q(weekday__range=(0, 6)), name="send_time_is_a_day_of_the_week"
            ),
        ]

    def __str__(self) -> str:
        return self.get_weekday_display() + ("" if self.hour is None else f", {self.hour:02}:00")

    @property
    def weekday_name(self) -> str:
        """As machines call it, THURSDAY."""
        return Weekday(self.weekday).name

    @property
    def categories(self) -> "CategoryChanceQuerySet":
        """What they are likely to buy from, likeliest first."""
        return CategoryChance.objects.best_of(self.customer)

    @property
    def timezone(self) -> str:
        """Whose clock it is told by."""
        return self.customer.timezone or settings.TIME_ZONE


class CategoryChance(models.Model):
    """How likely a customer buys from a category within days, where that is likely enough."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+")
    probability = models.FloatField()
    usual = models.FloatField(help_text="Share of all customers who bought from it in such a time.")
    days = models.PositiveSmallIntegerField(help_text="Within so many days.")
    computed_at = models.DateTimeField()

    objects = CategoryChanceQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["customer", "category"], name="a_customer_has_one_chance_of_a_category"
            ),
            CheckConstraint(
                condition=Q(probability__range=(0, 1), usual__range=(0, 1)),
                name="chance_of_a_category_is_a_probability",
            ),
        ]
        indexes = [models.Index(fields=["category", "probability"], name="chance_by_category")]

    def __str__(self) -> str:
        return f"{self.category}: {self.probability:.0%}"
