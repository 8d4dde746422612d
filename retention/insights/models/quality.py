from datetime import datetime

from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint

from catalog.models import Product
from customers.models import Customer
from retention.insights.querysets import DataCleaningQuerySet, DataFindingQuerySet


class Problem(models.TextChoices):
    """What may be wrong with a shop's data; the keys are learning's."""

    TILL = "TILL", "Accounts that are no person"
    BOT = "BOT", "Programs that read pages"
    DUPLICATES = "DUPLICATES", "Events told twice"
    REPEATS = "REPEATS", "Lines that stand twice in an order"
    HUGE = "HUGE", "Lines that outweigh the shop"
    PRICES = "PRICES", "Prices far from the product's own"
    NO_PRICE = "NO_PRICE", "Purchases without money"
    CURRENCIES = "CURRENCIES", "Several currencies"
    UNKNOWN = "UNKNOWN", "Purchases of unknown products"
    RETURNS = "RETURNS", "Returns without a purchase"
    CONTACTS = "CONTACTS", "Customers who may be one person"
    GAPS = "GAPS", "Days without events"
    CHANGE = "CHANGE", "Weeks unlike the others"
    CLOCK = "CLOCK", "Times that cannot be right"


class Severity(models.TextChoices):
    SERIOUS = "SERIOUS", "Misleads models"
    LOOK = "LOOK", "Worth a look"
    NOTE = "NOTE", "Good to know"


class DataCheck(models.Model):
    """The newest look at all the data: when, at how much. Amounts in minor units."""

    checked_at = models.DateTimeField()
    events = models.BigIntegerField(help_text="All of them, anonymous ones too.")
    learned = models.BigIntegerField(help_text="Those that models may learn from.")
    customers = models.BigIntegerField(help_text="With events that models may learn from.")
    revenue = models.BigIntegerField(help_text="Of the purchases that models may learn from.")
    left_out = models.JSONField(default=dict, help_text="Customers, events and capped lines.")

    class Meta:
        constraints = [CheckConstraint(condition=Q(pk=1), name="there_is_one_data_check")]

    def __str__(self) -> str:
        return f"{self.events:,} events"


class DataFinding(models.Model):
    """Something wrong with the data, how much of what models learn from it concerns, and where."""

    kind = models.CharField(max_length=10, choices=Problem)
    severity = models.CharField(max_length=7, choices=Severity)
    share = models.FloatField(help_text="Of what models learn from, 0 to 1.")
    count = models.BigIntegerField()
    of = models.BigIntegerField()
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    evidence = models.JSONField(default=dict)
    first_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    found_at = models.DateTimeField()

    objects = DataFindingQuerySet.as_manager()

    class Meta:
        constraints = [
            UniqueConstraint(
                fields=["kind"],
                condition=Q(customer=None),
                name="a_problem_of_the_shop_is_found_once",
            ),
            UniqueConstraint(
                fields=["kind", "customer"], name="a_problem_of_a_customer_is_found_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.count:,}"


class DataCleaning(models.Model):
    """What an operator decided that learning leaves out, or that is right as it is.

    The facts stay as they are, so that taking the decision back brings everything back.
    """

    class Kind(models.TextChoices):
        EXCLUDE = "EXCLUDE", "Leave out a customer"
        DUPLICATES = "DUPLICATES", "Leave out events told twice"
        REPEATS = "REPEATS", "Leave out lines that stand twice in an order"
        PRICES = "PRICES", "Cap and raise odd prices"
        LINES = "LINES", "Cap what a line comes to"
        KEEP = "KEEP", "Right as it is"

    class Reason(models.TextChoices):
        TILL = "TILL", "A till or collective account"
        BOT = "BOT", "A bot"
        TEST = "TEST", "A test account"
        OTHER = "OTHER", "Something else"

    kind = models.CharField(max_length=10, choices=Kind)
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    finding = models.CharField(
        max_length=10, choices=Problem, blank=True, help_text="What was found."
    )
    cap = models.BigIntegerField(
        null=True, blank=True, help_text="Minor units that no line exceeds."
    )
    reason = models.CharField(max_length=5, choices=Reason, blank=True)
    note = models.CharField(max_length=300, blank=True)
    customers = models.BigIntegerField(default=0, help_text="Left out when it was decided.")
    events = models.BigIntegerField(default=0, help_text="Left out when it was decided.")
    lines = models.BigIntegerField(default=0, help_text="Counting otherwise when it was decided.")
    revenue_share = models.FloatField(default=0.0, help_text="Left out when it was decided.")
    found = models.BigIntegerField(default=0, help_text="How many were found to be right as is.")
    decided_by = models.CharField(max_length=150)
    decided_at = models.DateTimeField()
    undone_by = models.CharField(max_length=150, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = DataCleaningQuerySet.as_manager()

    class Meta:
        verbose_name = "cleaning"
        default_permissions = ("view",)
        permissions = [("decide_datacleaning", "Can decide what learning leaves out")]
        constraints = [
            CheckConstraint(
                condition=~Q(kind="EXCLUDE") | Q(customer__isnull=False),
                name="an_exclusion_names_a_customer",
            ),
            CheckConstraint(
                condition=~Q(kind="LINES") | Q(cap__isnull=False, cap__gte=1),
                name="a_cap_of_lines_has_an_amount",
            ),
            CheckConstraint(
                condition=~Q(kind="KEEP") | ~Q(finding=""), name="what_is_right_was_found"
            ),
            CheckConstraint(
                condition=Q(undone_at=None, undone_by="")
                | Q(undone_at__gte=F("decided_at")) & ~Q(undone_by=""),
                name="an_undone_cleaning_says_by_whom",
            ),
            UniqueConstraint(
                fields=["kind", "finding"],
                condition=Q(undone_at=None, customer=None, product=None),
                name="a_cleaning_of_the_shop_is_in_force_once",
            ),
            UniqueConstraint(
                fields=["kind", "finding", "customer"],
                condition=Q(undone_at=None),
                name="a_cleaning_of_a_customer_is_in_force_once",
            ),
            UniqueConstraint(
                fields=["kind", "product"],
                condition=Q(undone_at=None),
                name="a_cleaning_of_a_product_is_in_force_once",
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_kind_display())

    @property
    def is_in_force(self) -> bool:
        return self.undone_at is None

    def undo(self, *, by: str, at: datetime) -> bool:
        """Take it back in one statement; False if somebody did before."""
        in_force = DataCleaning.objects.in_force().filter(pk=self.pk)
        return bool(in_force.update(undone_by=by, undone_at=at))
