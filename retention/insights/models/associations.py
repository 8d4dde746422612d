from django.db import models
from django.db.models import CheckConstraint, F, Q

from catalog.models import Product
from retention.insights.querysets import AssociationRuleQuerySet

from .versions import ModelVersion


class AssociationRule(models.Model):
    """Who has all of the antecedent has the consequent too: in one basket, or in a later order.

    Counted in baskets, or for a later order in customers, of all that were learned from (`total`).
    The strongest have the highest keys.
    """

    class Kind(models.TextChoices):
        BASKET = "BASKET", "In one basket"
        LATER = "LATER", "In a later order"

    kind = models.CharField(max_length=6, choices=Kind)
    antecedent = models.ManyToManyField(Product, related_name="+")
    consequent = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    both = models.PositiveIntegerField(help_text="Had all of it.")
    of = models.PositiveIntegerField(help_text="Had the antecedent.")
    total = models.PositiveIntegerField()
    customers = models.PositiveIntegerField(help_text="Different people among those who had all.")
    usual = models.FloatField(help_text="Share that has the consequent anyway.")
    expected = models.FloatField(
        help_text="How many would have it by chance, of baskets as wide or customers as active."
    )
    support = models.FloatField()
    confidence = models.FloatField()
    confidence_low = models.FloatField()
    confidence_high = models.FloatField()
    lift = models.FloatField()
    leverage = models.FloatField()
    conviction = models.FloatField(null=True, blank=True, help_text="Empty: it never failed.")
    beyond = models.FloatField(help_text="How many more than expected.")
    false_discovery_rate = models.FloatField()
    within_days = models.PositiveIntegerField(null=True, blank=True)
    gap_low = models.FloatField(null=True, blank=True, help_text="Days; a quarter came sooner.")
    gap_median = models.FloatField(null=True, blank=True)
    gap_high = models.FloatField(null=True, blank=True, help_text="Days; a quarter came later.")
    back = models.PositiveIntegerField(
        null=True, blank=True, help_text="Customers the other way round."
    )
    version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="+")

    objects = AssociationRuleQuerySet.as_manager()

    class Meta:
        constraints = [
            CheckConstraint(condition=Q(both__lte=F("of")), name="a_rule_holds_at_most_always"),
            CheckConstraint(condition=Q(of__lte=F("total")), name="a_rule_is_a_part_of_the_whole"),
            CheckConstraint(
                condition=~Q(kind="LATER")
                | Q(within_days__isnull=False, gap_median__isnull=False, back__isnull=False),
                name="a_later_order_says_how_much_later",
            ),
        ]

    def __str__(self) -> str:
        return f"{' and '.join(self.titles)} → {self.consequent}"

    @property
    def titles(self) -> list[str]:
        """What the antecedent is called, in order."""
        return sorted(str(product) for product in self.antecedent.all())

    @property
    def is_later(self) -> bool:
        return self.kind == self.Kind.LATER
